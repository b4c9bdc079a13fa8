"""Whether intervals of value hold over the shorter horizons, of customers and of sums of them.

None of these figures is a goal, and nothing was tuned to them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from benchmarks.value_sets import Held
from models.customer.summary import Sum, Within
from models.customer.value import HORIZONS_WEEKS
from training.customers.worth.value import Value
from training.fit.repeat_buying import Numbers

N_GROUPS = 10

Rows = NDArray[np.intp]


def tenths(expected: Numbers) -> list[Rows]:
    """Return rows by what is expected of them, the least first."""
    return np.array_split(np.argsort(expected, kind="stable"), N_GROUPS)


def sums_inside(told: Sequence[Sum | None], came: Sequence[float]) -> float:
    """Return the share of sums that were inside their intervals; one without one was not."""
    pairs = zip(told, came, strict=True)
    return float(np.mean([one is not None and one.low <= sum_ <= one.high for one, sum_ in pairs]))


def inside_soon(held: Held, ours: Value) -> dict[str, float]:
    """Return the share inside of spend and of purchases, of customers and of sums of tenths."""
    found: dict[str, float] = {}
    for weeks, came in held.soon.items():
        place = HORIZONS_WEEKS.index(weeks)
        for name, told, actual, sums in (
            ("spend", ours.spend, came.spend, ours.spend_of),
            ("purchases", ours.purchases, came.days, ours.purchases_of),
        ):
            expected, low, high = told[:, place].T
            groups = tenths(expected.astype(np.float64))
            inside = float(np.mean((actual >= low) & (actual <= high)))
            found[f"{name} of {weeks} weeks: share inside"] = inside
            found[f"{name} of {weeks} weeks: sums of tenths inside"] = sums_inside(
                [_of(weeks, sums(rows)) for rows in groups], [actual[rows].sum() for rows in groups]
            )
    return found


def soon_table(held: Held, ours: Value) -> Table:
    """Show how many ended up inside, beside their sums."""
    title = f"{held.name}: inside intervals of 80 %; no goals"
    shown = Table("", title=title, title_justify="left")
    shown.add_column("customers", justify="right")
    shown.add_column("sums of tenths", justify="right")
    figures = iter(inside_soon(held, ours).items())
    for (name, customers), (_, sums) in zip(figures, figures, strict=True):
        shown.add_row(name.partition(":")[0], f"{customers:.3f}", f"{sums:.0%}")
    return shown


def _of(weeks: int, sums: Sequence[Within] | None) -> Sum | None:
    """Return the sum of one horizon; None where it was not told."""
    return next((one for one in sums or () if one.weeks == weeks), None)
