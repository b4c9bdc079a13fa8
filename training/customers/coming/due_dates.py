"""The day by which a customer is more likely back than not, where that beats a guess.

    by chances   the chances of coming within 1, 4 and 12 weeks leave a chance of not having come
                 yet that falls evenly (at a constant hazard) between those days; the date is
                 where it passes one half
    by clock     the last order + the customer's own median gap, at the earliest today

    guesses      the last order + the shop's median gap, at the earliest today
                 the median of all who have ordered about as often, as it came to be

The window as long as the longest horizon judged that is over judges: dates as they would have been
given when it began, by customers of like number of orders. The better way is given where its mean
error is below that of both guesses by more than a standard error (``training.judge.ahead``); no
more is asked, for the second guess knows what nobody knew then, so that a date must tell customers
of one group apart; sparse buyers mostly fail this. Who did not come in the window counts as having
come at its end, and who is more likely than not to stay away for longer is given no date.

Tried and left out: trees that learned the median, and chances at more days than these, were no
better on the Complete Journey, Online Retail and CDNOW.

Source: Klein and Moeschberger, "Survival Analysis", 2003, 4.5, for the median of a censored time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.customers.coming import habits, soon
from training.customers.coming.soon import Case, Past, Verdict
from training.customers.coming.visits import Visits
from training.fit.logistic import Chances
from training.judge.ahead import is_ahead

ORDERS = (1, 2, 4, 8, 16, 32)
"""Where the groups of like number of orders begin."""
_BY = 1.0
"""Standard errors by which a way must be ahead of both guesses."""
LEAST_DATED = 20
"""In a group with fewer dates chance alone would judge."""
BY_CHANCES, BY_CLOCK = "by chances", "by clock"
SHOP_GAP, MEDIAN = "last order + the shop's median gap", "the group's median"

Days = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDates:
    """Who is given a date, and how."""

    horizons: tuple[float, ...]
    """Days, ascending: those that could be judged."""
    ways: tuple[str | None, ...]
    """Shape ``(len(ORDERS),)``: how each group is given its dates; None where no way beats the
    guesses."""
    choice: Mapping[str, Any]
    """For the manifest."""

    def days(self, past: Visits, buys: Chances) -> Days:
        """Return in how many days each is due; nan where no date is given.

        Args:
            past: Orders so far, at least one each.
            buys: Shape ``(n, at least len(horizons))``: chances of coming within each horizon, not
                descending.
        """
        dates = _dates(past, self.horizons, buys[:, : len(self.horizons)])
        group, days = _group(past), np.full(past.times.size, np.nan)
        for place, way in enumerate(self.ways):
            if way is not None:
                days = np.where(group == place, dates[way], days)
        return days


def median_days(horizons: Sequence[float], buys: Chances) -> Days:
    """Return after how many days half would have come.

    Args:
        horizons: Days, ascending.
        buys: Shape ``(n, len(horizons))``, not descending.

    Returns:
        Shape ``(n,)``; nan where less than half come within the last horizon.
    """
    half = np.log(2)
    hazard = -np.log1p(-np.minimum(buys, 1 - 1e-12))
    days = np.full(buys.shape[0], np.nan)
    begun, before = 0.0, np.zeros(buys.shape[0])
    for horizon, until in zip(horizons, hazard.T, strict=True):
        here = np.flatnonzero((before < half) & (until >= half))
        share = (half - before[here]) / (until[here] - before[here])
        days[here] = begun + share * (horizon - begun)
        begun, before = horizon, until
    return days


def learn(past: Past, verdicts: Sequence[Verdict]) -> DueDates:
    """Find out who can be given a date.

    Args:
        past: Of customers.
        verdicts: Of each horizon that could be judged, the shortest first.
    """
    horizons = tuple(verdict.horizon_days for verdict in verdicts)
    reach = max(horizons, default=0.0)
    ways = [
        soon.teach(verdict.name or "", past, verdict.horizon_days, days_ago=reach)
        for verdict in verdicts
    ]
    taught = [way for way in ways if way is not None]
    if not taught or len(taught) < len(ways):
        why = "the history is too short for dates whose truth would be known by now"
        nobody = (None,) * len(ORDERS)
        return DueDates(horizons=horizons, ways=nobody, choice={"chosen": {}, "why": why})
    held_out = past.at(reach)
    buys = np.maximum.accumulate([way(held_out) for way in taught]).T
    table = _judged(held_out, _dates(held_out.past, horizons, buys), reach)
    return DueDates(
        horizons=horizons,
        ways=tuple(row["given"] for row in table),
        choice={
            "chosen": {f"{row['orders']} orders": row["given"] for row in table if row["given"]},
            "why": f"judged on the last {reach:.0f} days: dates are given by number of orders, "
            "where their mean error was below that of both guesses by more than a standard error",
            "mean error, days": table,
        },
    )


def _dates(past: Visits, horizons: Sequence[float], buys: Chances) -> dict[str, Days]:
    """Return the days until each is due, by each way; nan where there is no date."""
    due = median_days(horizons, buys)
    usual, _ = habits.usual_and_longest_gap(past)
    clock = np.maximum(usual - past.last, 0)
    return {BY_CHANCES: due, BY_CLOCK: np.where(np.isnan(due) | (past.times < 2), np.nan, clock)}


def _judged(held_out: Case, dates: Mapping[str, Days], reach: float) -> list[dict[str, Any]]:
    came = np.minimum(held_out.next_days, reach)
    known, group = held_out.past, _group(held_out.past)
    shop = float(np.median(known.gaps)) if known.gaps.size else reach
    told = {**dates, SHOP_GAP: np.maximum(shop - known.last, 0)}
    errors = {name: np.abs(np.minimum(days, reach) - came) for name, days in told.items()}
    return [
        _row(place, group == place, errors=errors, came=came, customer=held_out.customer)
        for place in range(len(ORDERS))
    ]


def _row(
    place: int,
    members: NDArray[np.bool_],
    *,
    errors: Mapping[str, Days],
    came: Days,
    customer: NDArray[np.int64],
) -> dict[str, Any]:
    """Judge the dates of one group, among those whom every way gives one."""
    ways = [BY_CHANCES, BY_CLOCK] if ORDERS[place] > 1 else [BY_CHANCES]
    dated = members & ~np.isnan(errors[ways[-1]])
    row: dict[str, Any] = {"orders": _words(place), "dated": int(dated.sum()), "given": None}
    if row["dated"] == 0:
        return row
    middle = np.median(came[dated])
    own = {name: errors[name][dated] for name in (*ways, SHOP_GAP)}
    own[MEDIAN] = np.abs(middle - came[dated])
    best = min(ways, key=lambda way: float(own[way].mean()))
    ahead = [
        is_ahead([own[guess] - own[best]], [customer[dated]], by=_BY)
        for guess in (SHOP_GAP, MEDIAN)
    ]
    row["given"] = best if all(ahead) and row["dated"] >= LEAST_DATED else None
    return row | {name: round(float(error.mean()), 2) for name, error in own.items()}


def _group(past: Visits) -> NDArray[np.intp]:
    return np.searchsorted(ORDERS, past.times, side="right") - 1


def _words(place: int) -> str:
    if place == len(ORDERS) - 1:
        return f"{ORDERS[-1]} or more"
    begin, end = ORDERS[place], ORDERS[place + 1] - 1
    return str(begin) if begin == end else f"{begin} to {end}"
