"""Servers under test: started, pinned to a core, watched and ended.

What a server costs is read from outside, from its processes: CPU seconds, and the memory that
belongs to them alone. A process and its children count together.
"""

import http.client
import os
import signal
import socket
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from time import perf_counter

import psutil

from training.processes import spawn, wait_for

ROOT = Path(__file__).parents[1]
START_LIMIT_S = 120.0
STOP_LIMIT_S = 15.0
SERVER_CORE, OTHER_CORE = 0, 1
UVICORN = (
    "--factory --loop uvloop --http httptools --no-access-log --no-server-header "
    "--no-proxy-headers --backlog 2048 --log-level warning"
)
"""As ``training.serve`` starts its workers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers."""

    name: str
    port: int
    process: Popen[bytes]
    log: Path
    started_s: float
    """From the start of its process to its first right answer."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def crew(self) -> list[psutil.Process]:
        """Return the process and its children."""
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def cpu_s(self) -> float:
        """Return what its processes have used until now, user and system."""
        return sum(cpu_s(process) for process in self.crew())

    def private_mib(self) -> float:
        """Return the most memory that one of its processes has for itself alone.

        With one worker a mapped file counts as its own; ask with two.
        """
        return max(_smaps(process, "Private_") for process in self.crew())

    def resident_mib(self) -> float:
        """Return its processes' memory, what they share counted once (PSS)."""
        return sum(_smaps(process, "Pss:") for process in self.crew())


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU seconds of one process, 0 where it has ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _smaps(process: psutil.Process, prefix: str) -> float:
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended, or this is no Linux
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(prefix)) / 1024


def ask(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, limit_s: float = 10.0
) -> tuple[int, bytes]:
    """Ask once, over a connection of its own.

    Raises:
        OSError: Nobody listens, or the connection broke.
        http.client.HTTPException: What came back is no answer.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit_s)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def pinned(cores: Collection[int] | None) -> Iterator[None]:
    """Let what is started within the block run on ``cores`` only; None is every core."""
    if cores is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(cores) & before or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    answers: Callable[[int], bool],
    folder: Path,
    cores: Collection[int] | None = (SERVER_CORE,),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Run a server until the block ends.

    Args:
        name: What it is called, also its log in ``folder``.
        command: An absolute program and its arguments.
        port: Where it will listen.
        answers: Whether it answers at a port as it should.
        folder: Where its log goes.
        cores: What it may run on.
        environment: Added to ours.

    Raises:
        RuntimeError: It ended, or did not answer within two minutes; with the end of its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{''.join(c if c.isalnum() else '-' for c in name)}.log"
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        began = perf_counter()
        with pinned(cores):
            process = spawn(
                command,
                death_signal=signal.SIGTERM,
                env=os.environ | {"PYTHONPATH": str(ROOT)} | dict(environment or {}),
                output=output,
            )
        stack.callback(_end, process)
        if (
            not wait_for(
                lambda: process.poll() is not None or _answers(answers, port), limit_s=START_LIMIT_S
            )
            or process.poll() is not None
        ):
            said = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
            raise RuntimeError(f"{name} does not answer; the end of {log} is: {said[-1]}")
        started_s = perf_counter() - began
        yield Running(name=name, port=port, process=process, log=log, started_s=started_s)


def uvicorn(app: str, port: int) -> list[str]:
    """Return the command that serves an application of this checkout as ours is served."""
    return [sys.executable, "-m", "uvicorn", app, "--port", str(port), *UVICORN.split()]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(answers: Callable[[int], bool], port: int) -> bool:
    try:
        return answers(port)
    except (OSError, http.client.HTTPException):
        return False


def _end(process: Popen[bytes]) -> None:
    """End a server and whatever it started."""
    with suppress(psutil.NoSuchProcess):
        crew = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except TimeoutExpired:
            process.kill()
            process.wait()
        for child in crew:
            with suppress(psutil.NoSuchProcess):
                child.kill()
