"""How far a long run is: a bar a stop, and what each stop took.

In a terminal the stop that runs shows a bar and what it is doing; elsewhere each stop is one line
when it begins and one when it ends, so that a log of last night's training reads like one.
"""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class Took:
    """What one stop of a run cost, without the stops within it."""

    name: str
    seconds: float
    cpu_s: float
    peak_mib: float
    """The process's highest memory so far."""


class Shown:
    """Shows the stops of a run on stderr, and remembers what they took."""

    def __init__(self, console: Console | None = None) -> None:
        """Prepare; the console is stderr unless another is given."""
        self.took: list[Took] = []
        self._console = console or Console(stderr=True)

    @contextmanager
    def stop(self, name: str) -> Iterator["Stop"]:
        """Show a stop while the block lasts."""
        began, cpu, before = time.perf_counter(), time.process_time(), len(self.took)
        with Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[words]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        ) as bars:
            task = bars.add_task(f"{name:<44}", total=None, words="")
            if not self._console.is_terminal:
                self._console.print(f"… {name}", highlight=False)
            yield Stop(bars, task)
            bars.update(task, total=1, completed=1, words="")
        within = self.took[before:]
        seconds = time.perf_counter() - began - sum(one.seconds for one in within)
        cpu_s = time.process_time() - cpu - sum(one.cpu_s for one in within)
        took = Took(name, seconds, cpu_s, peak_mib())
        self.took.append(took)
        if not self._console.is_terminal:
            self._console.print(f"✓ {name}, {took.seconds:.1f} s", highlight=False)


class Stop:
    """One stop, while it lasts."""

    def __init__(self, bars: Progress, task: TaskID) -> None:
        """Remember which bar is ours."""
        self._bars = bars
        self._task = task

    def say(self, words: str) -> None:
        """Show what is being done."""
        self._bars.update(self._task, words=words)

    def done(self, n: int, of: int) -> None:
        """Show how many of how many are done."""
        self._bars.update(self._task, completed=n, total=max(of, 1), words=f"{n:,} of {of:,}")


def peak_mib() -> float:
    """Return the highest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform == "linux" else peak / 1024**2
