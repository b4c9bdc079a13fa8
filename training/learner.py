"""The near-line worker that ``cartera serve`` runs beside its own store."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec

from training.processes import spawn

_COMMAND = "from training.cli import main; main(['worker'])"
_STOP_S = 2.0


class Learner:
    """One ``cartera worker``, in a process of its own."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Start nothing yet.

        Args:
            env: The whole environment of the process; it names the store.
        """
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it was doing when it died comes again."""
        self._process = spawn(
            [sys.executable, "-c", _COMMAND], death_signal=signal.SIGKILL, env=self._env
        )

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def ask_to_finish(self) -> None:
        """Let it end its turn and hand over."""
        if self._process is not None:
            self._process.terminate()

    def stop(self) -> None:
        """Wait for its end for two seconds, then kill it: it loses nothing by that."""
        if self._process is None:
            return
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def can_learn() -> bool:
    """Whether everything that a worker needs is installed."""
    return all(find_spec(name) is not None for name in ("polars", "fsspec"))
