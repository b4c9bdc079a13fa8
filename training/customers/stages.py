"""The ladder of loyalty: prospect, first-time, repeat, client, advocate, and the way down and back.

    who is silent for ``lapsed_after`` times their usual days between orders      lapsed
    else, for ``lapsing_after`` times                                              lapsing
    else, who ordered in the last ``won_back_days`` after a gap of
          ``lapsed_after`` times what was usual for them until then                won back
    else, from ``client_orders`` orders on: completely satisfied                   advocate
                                            otherwise                              client
    else, from two orders on                                                       repeat
    else                                                                           first-time

Orders of one day count once. What is usual for a customer, ``training.customers.rhythm`` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.customer.satisfaction import Satisfaction
from models.customer.segments import Stage
from training.customers import rhythm
from training.customers.rhythm import Rhythm
from training.data.orders import Orders
from training.settings import TrainerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The numbers in the rules, which are the shop's; see the settings of the same names."""

    client_orders: int
    lapsing_after: float
    lapsed_after: float
    won_back_days: int

    @classmethod
    def of(cls, settings: TrainerSettings) -> Self:
        """Return what the settings say."""
        return cls(
            client_orders=settings.client_orders,
            lapsing_after=settings.lapsing_after,
            lapsed_after=settings.lapsed_after,
            won_back_days=settings.won_back_days,
        )


def fit(orders: Orders, *, satisfaction: NDArray[np.uint8], rules: Rules) -> NDArray[np.uint8]:
    """Return the ``Stage`` of each customer who has bought.

    Where nobody has ordered twice, nothing is usual, and so nobody lapses.

    Args:
        orders: Of ``n_customers``.
        satisfaction: Shape ``(n_customers,)`` of ``Satisfaction``.
        rules: The numbers.

    Returns:
        Shape ``(n_customers,)``; never ``UNKNOWN`` or ``PROSPECT``.
    """
    found = rhythm.fit(orders)
    silence, n_orders = found.silence, found.order_days
    is_client = n_orders >= rules.client_orders
    return np.select(
        [
            silence >= rules.lapsed_after,
            silence >= rules.lapsing_after,
            _is_won_back(found, rules),
            is_client & (satisfaction == Satisfaction.COMPLETELY_SATISFIED),
            is_client,
            n_orders > 1,
        ],
        [
            np.uint8(stage)
            for stage in (
                Stage.LAPSED,
                Stage.LAPSING,
                Stage.WON_BACK,
                Stage.ADVOCATE,
                Stage.CLIENT,
                Stage.REPEAT,
            )
        ],
        default=np.uint8(Stage.FIRST_TIME),
    )


def _is_won_back(found: Rhythm, rules: Rules) -> NDArray[np.bool_]:
    is_lapse = found.gap >= rules.lapsed_after * found.usual_before
    is_recent = found.ended_ago <= rules.won_back_days
    won_back = np.zeros(found.order_days.size, dtype=np.bool_)
    won_back[found.customer[is_lapse & is_recent]] = True
    return won_back


def sentences(rules: Rules, *, shop_days: float) -> Mapping[Stage, str]:
    """Return the rule of each stage in words, with the numbers in use.

    Args:
        rules: The numbers.
        shop_days: ``Rhythm.shop_days``.
    """
    client, lapsing, lapsed = rules.client_orders, rules.lapsing_after, rules.lapsed_after
    usual = (
        "nobody has ordered twice yet, so nothing is usual and nobody counts as silent"
        if isnan(shop_days)
        else f"the mean of their gaps, with {_days(shop_days)} counted in as one more: the shop's "
        "median of those who have come back the fewest times"
    )
    return {
        Stage.PROSPECT: "Known to the shop, and has never bought.",
        Stage.FIRST_TIME: "Has ordered once; orders of one day count as one.",
        Stage.REPEAT: "Nobody: the second order makes a client."
        if client == 2
        else f"Has ordered {_from_to(2, client - 1)} times; orders of one day count as one.",
        Stage.CLIENT: f"Has ordered {client} times or more; orders of one day count as one.",
        Stage.ADVOCATE: f"A client ({client} orders or more) who lets us know that they are "
        "completely satisfied.",
        Stage.LAPSING: "Nobody: whoever would be lapsing counts as lapsed at once."
        if lapsing == lapsed
        else f"Silent for {lapsing:g} to {lapsed:g} times their usual days between orders "
        f"({usual}).",
        Stage.LAPSED: f"Silent for {lapsed:g} times their usual days between orders or longer "
        f"({usual}).",
        Stage.WON_BACK: f"Ordered again in the last {_days(rules.won_back_days)}, after a silence "
        f"of {lapsed:g} times what was usual for them until then, or longer.",
    }


def _days(n: float) -> str:
    return f"{n:g} day{'' if n == 1 else 's'}"


def _from_to(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first} to {last}"
