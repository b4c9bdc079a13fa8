"""What a benchmark leaves behind: figures a script can read, and which goals hold."""

import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import orjson
from rich.console import Console

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what it should reach."""

    value: float
    goal: float
    holds: bool

    @classmethod
    def at_least(cls, value: float, goal: float) -> Self:
        """A goal that is met from below."""
        return cls(value, goal, value >= goal)

    @classmethod
    def at_most(cls, value: float, goal: float) -> Self:
        """A goal that is a bound."""
        return cls(value, goal, value <= goal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one way to make lists took."""

    fit_cpu_s: float
    predict_cpu_s: float
    """For every list of every customer who was judged."""
    peak_mib: float
    """Highest memory of the process that did it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one benchmark."""

    name: str
    command: str
    started: str
    began_s: float

    @classmethod
    def begin(cls, name: str, command: str) -> Self:
        """Note the time."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(name=name, command=command, started=now, began_s=time.perf_counter())

    def end(
        self,
        metrics: Mapping[str, float],
        goals: Mapping[str, Goal],
        *,
        raw: Mapping[str, object] | None = None,
    ) -> None:
        """Write ``results/NAME.json``, print the goals, and exit 1 where one falls short.

        Args:
            metrics: By name.
            goals: By name.
            raw: Measurements behind the metrics, as JSON can hold them.
        """
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{self.name}.json"
        path.write_bytes(
            orjson.dumps(
                {
                    "command": self.command,
                    "commit": _commit(),
                    "machine": machine(),
                    "started": self.started,
                    "seconds": round(time.perf_counter() - self.began_s, 1),
                    "metrics": dict(metrics),
                    "goals": {name: asdict(goal) for name, goal in goals.items()},
                }
                | ({"raw": raw} if raw is not None else {}),
                option=orjson.OPT_INDENT_2,
            )
        )
        out = Console(highlight=False)
        for name, goal in goals.items():
            verdict = "holds" if goal.holds else "falls short"
            out.print(f"{name}: {goal.value:.4f}, goal {goal.goal:g}: {verdict}")
        n_hold = sum(goal.holds for goal in goals.values())
        out.print(f"{n_hold} of {len(goals)} goals hold")
        if n_hold < len(goals):
            sys.exit(1)


def machine() -> str:
    """Return what the figures were measured on, without its name."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in _lines(Path("/proc/cpuinfo"))
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = next((line.split()[1] for line in _lines(Path("/proc/meminfo"))), "0")
    cores = len(_lines(Path("/proc/cpuinfo"), "processor"))
    return (
        f"{model}, {cores} cores, {int(memory) // 1024**2} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _lines(path: Path, prefix: str = "") -> list[str]:
    if not path.exists():
        return []
    return [line for line in path.read_text().splitlines() if line.startswith(prefix)]


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
        cwd=FOLDER.parent,
    )
    return found.stdout.strip() or "unknown"
