"""The customers of CDNOW, and the library that their models are compared with.

Both come with ``lifetimes``; its files are read as they are, and it is only imported where it is
the oracle.
"""

import csv
import importlib
import warnings
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.data.orders import Orders
from training.fit.repeat_buying import Counts, Numbers

UNTIL = datetime(1997, 10, 1, tzinfo=UTC)
"""The published models have seen what was before."""


def _file(name: str) -> Path:
    library = find_spec("lifetimes")
    assert library is not None
    assert library.origin is not None
    return Path(library.origin).parent / "datasets" / name


def _log() -> list[tuple[int, datetime, float]]:
    """Who bought when, and for how much, by customer and date."""
    lines = [line.split() for line in _file("CDNOW_sample.txt").read_text().splitlines()]
    told = [
        (int(customer) - 1, datetime.strptime(date, "%Y%m%d").replace(tzinfo=UTC), float(paid))
        for _, customer, date, _, paid in lines
    ]
    return [line for line in told if line[1] < UNTIL]


@cache
def tenth() -> Counts:
    """2,357 customers, every tenth, to the 39th week; weeks are rounded, as they were published."""
    with _file("cdnow_customers_summary.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return counted(
        x=[int(row["frequency"]) for row in rows],
        t_x=[float(row["recency"]) for row in rows],
        age=[float(row["T"]) for row in rows],
    )


@cache
def orders() -> Orders:
    """What the same customers ordered."""
    who, dates, paid = zip(*_log(), strict=True)
    customer = np.array(who, dtype=np.int32)
    return Orders(
        until=UNTIL,
        starts=np.searchsorted(customer, np.arange(customer[-1] + 2)),
        customer=customer,
        age_days=np.array([(UNTIL - date) / timedelta(days=1) for date in dates]),
        spend=np.array(paid),
        saved=np.zeros(customer.size),
        margin=np.full(customer.size, np.nan),
    )


@cache
def repeat_spend() -> tuple[Numbers, NDArray[np.int64]]:
    """The mean spend of each of the 946 who came back, over their days after the first."""
    days: dict[int, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
    for customer, date, paid in _log():
        days[customer][date] += paid
    repeats = [list(paid.values())[1:] for paid in days.values() if len(paid) > 1]
    return np.array([np.mean(paid) for paid in repeats]), np.array([len(paid) for paid in repeats])


def counted(*, x: ArrayLike, t_x: ArrayLike, age: ArrayLike) -> Counts:
    """Customers, each a row of its own."""
    weeks = np.asarray(age, dtype=np.float64)
    return Counts(
        frequency=np.asarray(x, dtype=np.int64),
        recency=np.asarray(t_x, dtype=np.float64),
        age=weeks,
        weight=np.ones(weeks.size),
    )


def drawn(rng: np.random.Generator, n: int) -> Counts:
    """Customers of all kinds, some of whom came once."""
    age = rng.uniform(0, 104, n)
    x = rng.integers(0, 30, n) * (rng.random(n) < 0.7)
    return counted(x=x, t_x=np.where(x > 0, age * rng.random(n), 0), age=age)


@cache
def lifetimes() -> Any:  # noqa: ANN401 (it has no types)
    """The library, which is no longer kept up, so that it and pandas complain on import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("lifetimes")


def slope(objective: Callable[[Numbers], tuple[float, Numbers]], at: Numbers) -> Numbers:
    """The gradient of the first of the answers, by central differences."""
    steps = np.diag(at * 1e-5)
    rise = [objective(at + step)[0] - objective(at - step)[0] for step in steps]
    return np.asarray(np.array(rise) / (2 * np.diag(steps)))
