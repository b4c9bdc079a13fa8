"""The supervisor behind ``cartera serve``: one socket, N workers, and the store if it is ours.

    cartera serve ── listening socket, opened once and handed down
      ├── store       the embedded one, unless CARTERA_REDIS_URL names another
      ├── learner     `cartera worker`, where the store is ours and there is polars
      ├── worker 1    uvicorn, the app by its import string: nothing of the app is imported here
      └── worker N

A child that dies is started again. SIGTERM, Ctrl-C and SIGHUP let the workers finish what is in
flight, then the store; a second one cuts that short. Workers are sent SIGKILL should the
supervisor itself be killed: they hold nothing that another could miss, and SIGKILL alone ends a
worker whatever it is doing.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import structlog
from prometheus_client.multiprocess import mark_process_dead

from training import reach
from training.embedded import EmbeddedStore
from training.endings import endings_noted
from training.errors import TrainingError
from training.kept import Kept
from training.learner import Learner, can_learn
from training.processes import is_free, lock_file, spawn, wait_for
from training.store_url import checked_store_url, without_password

_TICK_S = 0.1
_DEATHS_BEFORE_FIRST_ANSWER = 3
_HIGHEST_PORT = 65_535
_BACKLOG = 2048
_ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""A worker has one core; threads would take the others'. Whoever sets these is heeded."""

# What a stop may take, under the 20 s after which whoever asked for it may lose patience.
_REFUSE_AFTER_S = 0.5
_GRACE_S = 15
_LONGEST_FINISH_S = 16.0
_STORE_STOP_S = 3.0

log = structlog.get_logger(__name__)


class ServeError(TrainingError):
    """The server could not be started, or its workers ended before they had answered."""


def serve(
    *,
    data_dir: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    redis_url: str | None = None,
    namespace: str = "cartera",
    trust_proxy: str | None = None,
    app: str = "app.main:create_server",
    learn: bool = False,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM, Ctrl-C or SIGHUP; to be called from the main thread.

    Args:
        data_dir: Where the embedded store lives, and the workers' metrics.
        host: A loopback address or ``localhost``; any other where there is a key.
        port: A free port.
        workers: How many processes answer, at least 1.
        redis_url: The store to use; the embedded one if absent.
        namespace: Whose keys are meant.
        trust_proxy: Addresses and networks, separated by commas, whose ``X-Forwarded-For`` is
            believed; it is ignored if absent.
        app: Import string of a function without arguments that returns the ASGI app.
        learn: Run a near-line worker too, if the store is ours: one machine is all there is then.
            Beside a fleet's store it is for the operator to run `cartera worker`.
        ready: Called once, when ``/livez`` first answers.

    Raises:
        ReachError: The host can be reached from elsewhere and there are no keys, or a proxy is no
            address.
        ServeError: The port is taken, or the workers end again and again before they have
            answered.
        StoreError: The store's address cannot be used, or the embedded store cannot be started;
            ``AlreadyRunning`` if another process runs it.
    """
    if workers < 1:
        raise ServeError(f"workers must be at least 1, got {workers}")
    if not 1 <= port <= _HIGHEST_PORT:
        raise ServeError(f"port must be between 1 and {_HIGHEST_PORT}, got {port}")
    data_dir = data_dir.resolve()
    proxies = reach.proxies(trust_proxy)
    reach.check(host, redis_url=redis_url, data_dir=data_dir, namespace=namespace)
    with ExitStack() as stack:
        endings = stack.enter_context(endings_noted())
        listening = stack.enter_context(_listen(host, port))
        kept, learns = [], learn and redis_url is None and can_learn()
        if learn and not learns:
            log.info(
                "no worker learns here; run one", command="cartera worker", why=_why(redis_url)
            )
        if redis_url is None:
            store = EmbeddedStore(data_dir)
            store.start(give_up=lambda: bool(endings))
            stack.callback(store.stop, timeout_s=_STORE_STOP_S)
            kept.append(Kept(name="store", alive=store.alive, start=store.ensure_running))
            redis_url = store.url
        env = {**_ONE_CORE, **os.environ} | {
            "CARTERA_REDIS_URL": checked_store_url(redis_url),
            "CARTERA_DATA_DIR": str(data_dir),
            "PROMETHEUS_MULTIPROC_DIR": str(stack.enter_context(_metrics_directory(data_dir))),
        }
        learner, crew = (
            Learner(env),
            [_Worker(app, listening, env, proxies) for _ in range(workers)],
        )
        stack.callback(learner.stop)
        stack.callback(_finish, crew, listening, endings)
        stack.callback(learner.ask_to_finish)
        later = [Kept(name="learner", alive=learner.alive, start=learner.start)] if learns else []
        kept += [
            Kept(name=f"worker {number}", alive=worker.alive, start=worker.start)
            for number, worker in enumerate(crew, start=1)
        ]
        log.info("starting", workers=workers, store=without_password(redis_url))
        _keep(kept, crew, later=later, listening=listening, endings=endings, ready=ready)


class _Worker:
    """One uvicorn process on the shared socket."""

    def __init__(
        self, app: str, listening: socket.socket, env: dict[str, str], proxies: Sequence[str]
    ) -> None:
        self._app = app
        self._listening = listening
        self._env = env
        self._proxies = proxies
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is not None:
            metrics = self._env["PROMETHEUS_MULTIPROC_DIR"]
            mark_process_dead(self._process.pid, metrics)  # type: ignore[no-untyped-call]
        options = f"--factory --fd {self._listening.fileno()} --backlog {_BACKLOG} --loop uvloop"
        options += " --http httptools --lifespan on --no-access-log --no-server-header"
        options += " --log-level warning"
        if self._proxies:
            options += f" --proxy-headers --forwarded-allow-ips {','.join(self._proxies)}"
        else:
            options += " --no-proxy-headers"
        options += f" --timeout-graceful-shutdown {_GRACE_S}"
        self._process = spawn(
            [sys.executable, "-m", "uvicorn", self._app, *options.split()],
            death_signal=signal.SIGKILL,
            inherit=[self._listening.fileno()],
            env=self._env,
        )

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def refused(self) -> bool:
        """Whether it ended because of its settings, as it would again."""
        return self._process is not None and self._process.poll() == os.EX_CONFIG

    def ask_to_finish(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _keep(
    kept: Sequence[Kept],
    crew: Sequence[_Worker],
    *,
    later: Sequence[Kept],
    listening: socket.socket,
    endings: Sequence[int],
    ready: Callable[[], None] | None,
) -> None:
    """Tend the children, ``later`` ones once the server answers, until a signal says enough."""
    answered = False
    while not endings:
        if any(worker.refused() for worker in crew):
            raise ServeError("a setting cannot be what it is; the reason stands above")
        for child in [*kept, *(later if answered else ())]:
            child.tend(time.monotonic())
        if not answered and _answers(listening):
            answered = True
            log.info("answering", address="{}:{}".format(*listening.getsockname()[:2]))
            if ready is not None:
                ready()
        if not answered and any(child.deaths >= _DEATHS_BEFORE_FIRST_ANSWER for child in kept):
            raise ServeError(
                f"a child ended {_DEATHS_BEFORE_FIRST_ANSWER} times before the server had answered "
                "once; the reason stands above, or in store.log of the data directory"
            )
        time.sleep(_TICK_S)


def _why(redis_url: str | None) -> str:
    if redis_url is not None:
        return "the store is not ours, and others may serve from it"
    return "polars or fsspec is missing: pip install 'cartera[worker]'"


def _finish(crew: Sequence[_Worker], listening: socket.socket, endings: Sequence[int]) -> None:
    """Let the workers finish what is in flight; kill those that take too long."""
    log.info("stopping", signals=[signal.Signals(number).name for number in endings])
    for worker in crew:
        worker.ask_to_finish()

    def finished() -> bool:
        return not any(worker.alive() for worker in crew)

    if not wait_for(finished, limit_s=_REFUSE_AFTER_S):
        # The workers no longer accept, but the socket still queues: refuse instead.
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        wait_for(lambda: finished() or len(endings) > 1, limit_s=_LONGEST_FINISH_S)
    for worker in crew:
        worker.kill()


def _answers(listening: socket.socket) -> bool:
    host, port = listening.getsockname()[:2]
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ServeError(
            f"port {port} of {host} cannot be listened on: {os.strerror(error.errno or 0)}; end "
            "the process that has it, or choose another with --port"
        ) from error
    with listening:
        # Connections inherit it; uvicorn takes a socket handed down for a Unix one and leaves it
        # out, and then each answer waits 40 ms for the acknowledgement of its headers.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listening


@contextmanager
def _metrics_directory(data_dir: Path) -> Iterator[Path]:
    """Give a fresh directory; those that killed supervisors left behind are removed."""
    run = data_dir / "run"
    run.mkdir(parents=True, exist_ok=True)
    for earlier in run.glob("metrics-*"):
        if is_free(earlier / "lock"):
            shutil.rmtree(earlier, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix="metrics-", dir=run, ignore_cleanup_errors=True
    ) as name:
        lock = lock_file(Path(name) / "lock")
        try:
            yield Path(name)
        finally:
            if lock is not None:
                os.close(lock)
