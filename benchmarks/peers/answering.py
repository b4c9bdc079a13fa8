"""The peers' side of the benchmark: read what is known, fit, write the lists.

    python -m benchmarks.peers.cornac GPTop split.npz lists.npz

This runs in environments that are not ours: numpy and the standard library, nothing else. A peer's
file says how each of its models is fitted, and hands over a function that makes the lists.
"""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

K = 20
NOTHING = -1
"""Fills a list that is too short."""

Numbers = NDArray[np.int32]
Predict = Callable[[], tuple[Numbers, Numbers]]
"""Returns ordinary lists and lists without what was bought, each of shape ``(n_asked, K)``."""


@dataclass(frozen=True)
class Split:
    """What was bought before the cut, a line an order and item, and whose lists are wanted."""

    customer: Numbers
    """Shape ``(n_lines,)``, sorted; within a customer, the oldest order first."""
    item: Numbers
    """Rows of items; the best-selling have the lowest."""
    order: Numbers
    day: NDArray[np.float64]
    """Shape ``(n_lines,)``: days since the first purchase."""
    n_customers: int
    n_items: int
    asked: Numbers
    """Rows of customers, each of whom has a line."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``write`` wrote."""
        with np.load(path) as found:
            return cls(
                customer=found["customer"],
                item=found["item"],
                order=found["order"],
                day=found["day"],
                n_customers=int(found["n_customers"]),
                n_items=int(found["n_items"]),
                asked=found["asked"],
            )

    def write(self, path: Path) -> None:
        """Write an npz file."""
        np.savez(path, **vars(self))

    def pairs(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return customer, item and number of orders of every pair that is there."""
        pair = self.customer.astype(np.int64) * self.n_items + self.item
        each, times = np.unique(pair, return_counts=True)
        customer, item = np.divmod(each, self.n_items)
        return customer.astype(np.int32), item.astype(np.int32), times.astype(np.int32)

    def bought(self) -> list[Numbers]:
        """Return what each of ``asked`` bought, every item once."""
        customer, item, _ = self.pairs()
        begin = np.searchsorted(customer, self.asked)
        end = np.searchsorted(customer, self.asked, side="right")
        return [item[low:high] for low, high in zip(begin, end, strict=True)]


def table(lists: list[Numbers]) -> Numbers:
    """Return lists as rows of a table, cut at ``K`` and filled with ``NOTHING``."""
    filled = np.full((len(lists), K), NOTHING, dtype=np.int32)
    for row, rows in enumerate(lists):
        filled[row, : min(rows.size, K)] = rows[:K]
    return filled


def answer(models: Mapping[str, Callable[[Split], Predict]]) -> None:
    """Fit the model that the command line names and write its lists, with what they cost."""
    name, split, lists = sys.argv[1:]
    told = Split.read(Path(split))
    began = time.process_time()
    predict = models[name](told)
    fitted = time.process_time()
    ordinary, new_only = predict()
    np.savez(
        lists,
        ordinary=ordinary,
        new_only=new_only,
        fit_cpu_s=fitted - began,
        predict_cpu_s=time.process_time() - fitted,
        peak_mib=_peak_mib(),
    )


def _peak_mib() -> float:
    """Return this program's highest memory.

    Linux's ``ru_maxrss`` starts with what the parent held before the program began; ``VmHWM`` does
    not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
