"""Servers in processes of their own, and load upon them."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from training.processes import wait_for

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Live:
    """Workers on one socket."""

    port: int
    log: Path

    def exchange(self, sent: bytes) -> bytes:
        """Send bytes as they are; return what comes back until it is whole, or silence."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(sent)
            connection.settimeout(2)
            received = b""
            try:
                while part := connection.recv(65536):
                    received += part
                    if _whole(received):
                        break
            except TimeoutError:
                pass
            return received

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask once, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def answers(self, path: str, **expected: object) -> bool:
        """Whether the answer to ``path`` has these members."""
        try:
            status, body = self.get(path)
        except (OSError, http.client.HTTPException):
            return False
        return status == 200 and expected.items() <= orjson.loads(body).items()


@contextmanager
def live(
    store_url: str,
    *,
    namespace: str,
    data_dir: Path,
    workers: int = 1,
    **settings: object,
) -> Iterator[Live]:
    """Serve until the block ends; every worker must then end of itself within 10 s."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        metrics = data_dir / "metrics"
        metrics.mkdir(parents=True, exist_ok=True)
        told = {"redis_url": store_url, "namespace": namespace, "data_dir": data_dir} | settings
        log_path = data_dir / "server.log"
        crew = [start_worker(listening, log_path, metrics=metrics, **told) for _ in range(workers)]
        server = Live(listening.getsockname()[1], log_path)
        try:
            started = b"Application startup"  # only failures are logged at this level
            assert wait_for(lambda: _all_up(server, workers), limit_s=30), log_path.read_text()
            assert started not in log_path.read_bytes()
            yield server
        finally:
            for worker in crew:
                worker.terminate()
            for worker in crew:
                assert worker.wait(10) in {0, -signal.SIGTERM}, log_path.read_text()


def start_worker(
    listening: socket.socket, log_path: Path, *, metrics: Path, **settings: object
) -> subprocess.Popen[bytes]:
    """Start one worker on a socket; whoever asks ends it."""
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        **{f"CARTERA_{name.upper()}": str(value) for name, value in settings.items()},
    }
    options = f"--factory --fd {listening.fileno()} --loop uvloop --http httptools"
    options += " --no-access-log --no-server-header --no-proxy-headers --log-level warning"
    with log_path.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app.main:create_server", *options.split()],
            cwd=ROOT,
            env=environment,
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _all_up(server: Live, workers: int) -> bool:
    """Whether every worker answers: each writes its own file of metrics when it starts."""
    files = server.log.parent.joinpath("metrics").glob("counter_*.db")
    return len(list(files)) == workers and server.answers("/livez")


def _whole(received: bytes) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(separator) and len(body) >= int(line.partition(b":")[2])
    return False


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer under load."""

    at: float
    ms: float
    status: int
    body: dict[str, Any]


@dataclass(slots=True)
class Load:
    """Threads that ask the same again and again until the block ends; a context manager."""

    server: Live
    paths: Sequence[str]
    seen: list[Seen] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._ask, args=(path,)) for path in self.paths]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def since(self, moment: float) -> list[Seen]:
        """Return the answers to what was asked after ``moment``."""
        return [seen for seen in list(self.seen) if seen.at >= moment]

    def _ask(self, path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        while not self._stop.wait(0.003):
            at = time.monotonic()
            try:
                connection.request("GET", path)
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as problem:
                self.failures.append(repr(problem))
                connection.close()
                continue
            ms = (time.monotonic() - at) * 1000
            self.seen.append(Seen(at, ms, response.status, orjson.loads(body)))
        connection.close()
