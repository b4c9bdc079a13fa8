"""How far off the chosen forecast was in the past, at each horizon that is served.

A horizon hardly longer than the back-test's window is judged at the back-test's own cuts. A longer
one is judged at a cut of its own, as long ago as the horizon, or half of history where that is all
there is: errors are then told by how many purchases are expected, which grow with the horizon.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from training.customers.worth.back_test import Cut, play, window_weeks
from training.customers.worth.intervals import Spread
from training.customers.worth.outlook import Choice, Outlook
from training.customers.worth.past import DAYS_PER_WEEK, following, history_days
from training.customers.worth.wander import PARTS, Wander
from training.data.orders import Orders
from training.errors import NothingToLearn
from training.fit.repeat_buying import Numbers

LITTLE_MORE = 1.25
"""How many windows are judged as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was foretold at one cut for some weeks, and what came, a number a customer."""

    spend: Numbers
    purchases: Numbers
    spent: Numbers
    bought: Numbers
    """Days with an order."""

    @classmethod
    def at(cls, orders: Orders, cut: Cut, choice: Choice, *, weeks: float) -> Self:
        """Compare the weeks that followed a cut with what the choice says of them."""
        outlook = Outlook.of(cut.seen, cut.models, choice)
        came = following(orders, cut.moment, weeks * DAYS_PER_WEEK)
        return cls(
            spend=outlook.spend(weeks),
            purchases=outlook.purchases(weeks),
            spent=came.spend,
            bought=came.days,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """Errors of one horizon."""

    weeks: float
    """How many weeks were judged."""
    judged: tuple[Judged, ...]
    spend: Spread | None
    """None where too few customers were judged."""
    purchases: Spread | None

    @classmethod
    def of(cls, judged: Sequence[Judged], *, weeks: float) -> Self:
        """Learn how errors of some cuts scatter."""
        purchases = np.concatenate([one.purchases for one in judged])
        spend = np.concatenate([one.spend for one in judged])
        return cls(
            weeks=weeks,
            judged=tuple(judged),
            spend=Spread.fit(
                expected=spend,
                actual=np.concatenate([one.spent for one in judged]),
                purchases=purchases,
            ),
            purchases=Spread.fit(
                expected=purchases,
                actual=np.concatenate([one.bought for one in judged]),
                purchases=purchases,
            ),
        )


def tested(
    orders: Orders,
    cuts: Sequence[Cut],
    choice: Choice,
    *,
    horizons: Sequence[float],
    seed: int,
    step: Callable[[str], None],
) -> dict[float, Tested]:
    """Return how far off the choice was at each horizon, in weeks.

    Args:
        orders: Of today.
        cuts: Of the back-test.
        choice: What it chose.
        horizons: In weeks.
        seed: Where chance begins.
        step: Told what is being done.
    """
    window = cuts[0].models.weeks
    most = history_days(orders) / DAYS_PER_WEEK / 2
    found: dict[float, Tested] = {}
    for horizon in horizons:
        is_short = horizon <= LITTLE_MORE * window
        weeks = min(horizon, window if is_short else most)
        if weeks not in found:
            step(f"back-test of value over {weeks:.0f} weeks")
            long = None if is_short else _long(orders, choice, weeks=weeks, seed=seed)
            played: Sequence[Cut] = [long] if long else cuts
            judged = weeks if is_short or long else window
            found[weeks] = Tested.of(
                [Judged.at(orders, cut, choice, weeks=judged) for cut in played], weeks=judged
            )
        found[horizon] = found[weeks]
    return found


def _long(orders: Orders, choice: Choice, *, weeks: float, seed: int) -> Cut | None:
    """Play a moment so many weeks ago; None where too little could be learned by then."""
    ago = weeks * DAYS_PER_WEEK
    window = window_weeks(history_days(orders) - ago)
    if not window:
        return None
    try:
        cut = play(orders, ago=ago, weeks=window, seed=seed)
    except NothingToLearn:
        return None
    return cut if all(name in cut.foretold for name in choice.mix) else None


def wander(orders: Orders, cuts: Sequence[Cut], choice: Choice) -> Wander | None:
    """Return how the shop's level went from the earliest cut on; None where too little came."""
    earliest = cuts[-1]
    outlook = Outlook.of(earliest.seen, earliest.models, choice)
    days = earliest.moment.days_ago / PARTS
    ends = np.arange(1, PARTS + 1) * days
    foretold = [float(outlook.spend(end / DAYS_PER_WEEK).sum()) for end in ends]
    came = [float(following(orders, earliest.moment, end).spend.sum()) for end in ends]
    return Wander.fit(
        foretold=np.diff(foretold, prepend=0.0),
        came=np.diff(came, prepend=0.0),
        weeks=days / DAYS_PER_WEEK,
    )
