"""Whether intervals hold, on weeks of which nothing was learned.

All is done as if it were a window ago: forecasts are learned, chosen by back-test and given their
intervals from what was bought before. Then it is counted how many customers ended up inside in the
weeks since. The shop's own intervals are of today, and learned from these weeks too; so this says
how intervals made this way have held, in one season: 95 % of the customers of Online Retail were
inside in its quiet summer, and 77 % in the autumn after.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from models.customer.value import HORIZONS_WEEKS
from training.customers.worth.intervals import Spread
from training.customers.worth.learned import learn, sample
from training.customers.worth.outlook import Outlook
from training.customers.worth.past import DAYS_PER_WEEK, following, then
from training.customers.worth.seen import Seen
from training.data.orders import Orders
from training.errors import NothingToLearn
from training.fit.repeat_buying import Numbers


def held_out(
    orders: Orders, *, weeks: float, seed: int, step: Callable[[str], None]
) -> dict[str, Any]:
    """Return ``coverage``, and ``coverage_why`` where that is empty.

    Coverage is the share of customers inside their intervals of 80 %, of spend and of purchases, by
    horizon in weeks; of those horizons that the window holds.

    Args:
        orders: Of today.
        weeks: The window: how long ago is played.
        seed: Where chance begins.
        step: Told what is being done.
    """
    horizons = [horizon for horizon in HORIZONS_WEEKS if horizon <= weeks]
    if not horizons:
        return _untold(
            f"weeks to keep back would be {weeks:.1f}, and the shortest forecast is of "
            f"{HORIZONS_WEEKS[0]}"
        )
    now = sample(orders, seed=seed)
    moment = then(now, weeks * DAYS_PER_WEEK)

    def doing(what: str) -> None:
        step(f"as of {weeks:.0f} weeks ago, {what}")

    try:
        learned = learn(moment.orders, horizons=[*map(float, horizons)], seed=seed, step=doing)
    except NothingToLearn as problem:
        return _untold(f"as of {weeks:.0f} weeks ago, {problem}")
    seen = Seen.of(moment.orders, weeks=learned.models.weeks)
    outlook = Outlook.of(seen, learned.models, learned.choice)
    found: dict[str, dict[str, float]] = {}
    for horizon in horizons:
        spend, purchases = learned.spread(horizon), learned.purchases_spread(horizon)
        if spend is None or purchases is None:
            continue
        came = following(now, moment, horizon * DAYS_PER_WEEK)
        often = outlook.purchases(horizon)
        found[str(horizon)] = {
            "spend": _inside(spend, outlook.spend(horizon), came.spend, purchases=often),
            "purchases": _inside(purchases, often, came.days, purchases=often),
        }
    return {"coverage": found} if found else _untold("too few customers had bought by then")


def _inside(spread: Spread, expected: Numbers, came: Numbers, *, purchases: Numbers) -> float:
    """Return the share of customers whose outcome is inside, to four digits."""
    _, low, high = spread.around(expected, purchases=purchases).T
    return round(float(np.mean((came >= low) & (came <= high))), 4)


def _untold(why: str) -> dict[str, Any]:
    return {"coverage": {}, "coverage_why": why}
