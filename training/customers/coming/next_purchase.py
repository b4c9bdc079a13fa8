"""How soon each customer buys again, and of what.

    buys       P(buys within 1, 4 and 12 weeks)           ``soon``
    due_day    the day by which half would be back        ``due_dates``
    category   where their money goes, and P(buys of it)  ``category_habits``

Each is told in the way that the shop's own past windows trust; what they cannot judge is not known.
A longer time is never less likely than a shorter one: where the ways to tell disagree, the larger
chance stands.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes
from models.artifacts.customer_record import DAY_ZERO
from models.customer.value import SOON_WEEKS
from training.customers.coming import category_habits, due_dates, habits, soon, visits
from training.customers.coming.category_habits import CategoryHabits
from training.customers.coming.due_dates import DueDates
from training.customers.coming.soon import Case, Past, Verdict
from training.customers.coming.visits import Visits
from training.data.orders import Orders
from training.data.purchases import Purchases

MOST_TAUGHT = 40_000
"""Customers that teach and judge; more told no better and took longer."""
BLOCK = 250_000
"""Customers whose habits are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPurchase:
    """What is foretold of each customer, in their order; ``n`` is how many there are."""

    buys: NDArray[np.float32]
    """Shape ``(n, len(SOON_WEEKS))``, not descending; nan where the history cannot judge."""
    due_day: NDArray[np.uint16]
    """Shape ``(n,)``: days from ``DAY_ZERO``; 0 where no date beats a guess."""
    category: NDArray[np.int32]
    """Shape ``(n, 5)``: the most spent on first; -1 for none."""
    category_share: NDArray[np.float32]
    """Shape ``(n, 5)``: of the customer's spend; nan for none, or where nothing was paid."""
    category_buys: NDArray[np.float32]
    """Shape ``(n, 5)``: P(buys of it within 4 weeks); nan for none, or where nothing judges."""
    choice: Mapping[str, Any]
    """Of each part what was chosen, why, and figures."""
    evidence: Mapping[str, Any]
    """Calibration by decile of each horizon and of the categories, and errors of due dates."""


def fit(
    orders: Orders,
    purchases: Purchases,
    *,
    category: Codes,
    seed: int,
    step: Callable[[str], None],
) -> NextPurchase:
    """Learn from the shop's own past, and foretell.

    Args:
        orders: Of every customer of ``purchases``.
        purchases: What was bought.
        category: Shape ``(n_items,)``: each item's category by its place among their names; -1 for
            none.
        seed: Draws the customers that teach, where there are more than enough.
        step: Told what is being done.
    """
    rng = np.random.default_rng(seed)
    shop, horizons = visits.to_shop(orders), [7.0 * weeks for weeks in SOON_WEEKS]
    past = _past(shop, rng)
    step("who buys within 1, 4 and 12 weeks")
    verdicts = [soon.contest(past, horizon) for horizon in horizons]
    judged = [verdict for verdict in verdicts if verdict.name is not None]
    dates = due_dates.learn(past, judged)
    buys, due_day = _foretold(shop, verdicts, dates, until=orders.until)
    step("what each customer buys next")
    own = category_habits.fit(orders, purchases, category=category, rng=rng)
    return NextPurchase(
        buys=buys,
        due_day=due_day,
        category=own.category,
        category_share=own.share,
        category_buys=own.buys,
        choice=_choices(verdicts, dates, own),
        evidence={
            "calibration": {
                _within(verdict.horizon_days): list(verdict.deciles) for verdict in judged
            },
            "due dates": dates.choice.get("mean error, days", []),
            "categories": list(own.deciles),
        },
    )


def _past(shop: Visits, rng: np.random.Generator) -> Past:
    """Return the moments of the shop's history, of customers drawn by chance if there are many."""
    some = shop.of(visits.drawn(shop.times.size, MOST_TAUGHT, rng))

    def at(days_ago: float) -> Case:
        then = visits.at(some, days_ago)
        return _case(then.past, next_days=then.next_days, customer=then.rows)

    return Past(at=at, days=float(shop.age_days.max(initial=0)))


def _case(past: Visits, *, next_days: NDArray[np.float64], customer: NDArray[np.intp]) -> Case:
    return Case(columns=habits.columns(past), past=past, next_days=next_days, customer=customer)


def _foretold(
    shop: Visits, verdicts: Sequence[Verdict], dates: DueDates, *, until: datetime
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    n = shop.times.size
    buys, due_day = np.empty((n, len(verdicts)), np.float32), np.empty(n, np.uint16)
    for begin in range(0, n, BLOCK):
        rows = np.arange(begin, min(begin + BLOCK, n))
        own = shop.of(rows)
        now = _case(own, next_days=np.full(rows.size, np.inf), customer=rows)
        told = np.maximum.accumulate([verdict.way(now) for verdict in verdicts]).T
        buys[rows], due_day[rows] = told, _day(until, dates.days(own, told))
    return buys, due_day


def _day(until: datetime, in_days: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Return the days of the calendar (UTC) from ``DAY_ZERO``; 0 where ``in_days`` is nan."""
    zero = datetime.combine(DAY_ZERO.item(), datetime.min.time(), UTC)
    now = (until - zero) / timedelta(days=1)
    return np.nan_to_num(np.floor(now + in_days), nan=0.0).astype(np.uint16)


def _within(days: float) -> str:
    weeks = round(days / 7)
    return f"within {weeks} week{'s' * (weeks > 1)}"


def _choices(
    verdicts: Sequence[Verdict], dates: DueDates, own: CategoryHabits
) -> Mapping[str, Any]:
    return {
        **{_within(verdict.horizon_days): verdict.choice for verdict in verdicts},
        "due date": dates.choice,
        "categories": own.choice,
    }
