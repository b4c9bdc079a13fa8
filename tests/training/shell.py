"""``cartera`` as an operator types it: a process, a directory, a namespace of a real store."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training.settings import TrainerSettings

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Shell:
    """Runs ``cartera`` in a directory of its own, against one namespace of a real store."""

    folder: Path
    environment: Mapping[str, str]

    def cartera(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", "from training.cli import main; main()", *map(str, arguments)],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def settings(self) -> TrainerSettings:
        return TrainerSettings(
            redis_url=self.environment["CARTERA_REDIS_URL"],
            namespace=self.environment["CARTERA_NAMESPACE"],
        )


def shell_in(folder: Path, store_url: str, namespace: str) -> Shell:
    """Return a shell in ``folder``."""
    return Shell(
        folder,
        {
            "CARTERA_REDIS_URL": store_url,
            "CARTERA_NAMESPACE": namespace,
            "CARTERA_DATA_DIR": str(folder / "var"),
            "PYTHONPATH": str(ROOT),
        },
    )
