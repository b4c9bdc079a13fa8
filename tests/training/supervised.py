"""A supervisor in a process of its own, for tests."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from training.processes import is_free, wait_for

ROOT = Path(__file__).parents[2]

SUPERVISOR = """
import sys
from pathlib import Path
from training.errors import TrainingError
from training.serve import serve
data_dir, port, workers, app, redis_url, trust_proxy = sys.argv[1:]
try:
    serve(
        data_dir=Path(data_dir), port=int(port), workers=int(workers), app=app,
        redis_url=redis_url or None, trust_proxy=trust_proxy or None,
        ready=lambda: print("ready", flush=True),
    )
except TrainingError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


class Server:
    """A supervisor in a process of its own, and what can be asked of it."""

    def __init__(
        self, data_dir: Path, *, workers: int, app: str, redis_url: str, trust_proxy: str = ""
    ) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        arguments = [str(data_dir), str(self.port), str(workers), app, redis_url, trust_proxy]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert any(line == "ready\n" for line in self.process.stdout)

    def get(self, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=dict(headers))
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def worker_pids(self, count: int) -> set[int]:
        """The processes that answer, once ``count`` different ones have."""
        pids: set[int] = set()

        def all_answered() -> bool:
            pids.add(int(self.get("/pid")))
            return len(pids) >= count

        assert wait_for(all_answered, limit_s=20.0)
        return pids

    def refuses(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return False
        except OSError:
            return True

    def store_ended(self) -> bool:
        return is_free(self.data_dir / "store" / "store.lock")

    def store_pid(self) -> int:
        return int((self.data_dir / "store" / "store.pid").read_text())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def gone(pid: int) -> bool:
    """Whether the process has ended, even if nobody has taken note of it yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"
