"""Purchases to come, times the worth of an order."""

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance, shop
from training.customers.worth.buying import PROCESSES, Buying
from training.customers.worth.seen import Seen
from training.errors import NothingToLearn

SEEN = Seen.of(by_chance(300, weeks=40), weeks=12)


@pytest.mark.parametrize("name", PROCESSES)
def test_one_time_buyers_of_long_ago_are_held_for_gone_rather_than_those_of_today(
    name: str,
) -> None:
    orders = shop(*[[(280.0, 5.0)]] * 5, [(3.0, 5.0)], *[[(280.0, 5.0), (200.0, 5.0)]] * 5)

    alive = Buying.fit(Seen.of(orders, weeks=12))[name].alive(Seen.of(orders, weeks=12).counts)

    assert alive[0] < alive[5] <= 1


@pytest.mark.parametrize("name", PROCESSES)
def test_nobody_buys_on_more_days_than_there_are(name: str) -> None:
    orders = shop([(float(day), 5.0) for day in range(100, 0, -1)], [(90.0, 4.0)])
    seen = Seen.of(orders, weeks=4)

    purchases = Buying.fit(seen)[name].purchases(seen.counts, weeks=4)

    assert (purchases <= 28).all()


@pytest.mark.parametrize("name", PROCESSES)
def test_purchases_are_those_of_the_living_by_the_chance_to_be_one(name: str) -> None:
    buying = Buying.fit(SEEN)[name]

    expected = buying.alive(SEEN.counts) * buying.purchases_if_alive(SEEN.counts, weeks=4)

    assert buying.purchases(SEEN.counts, weeks=4) == pytest.approx(expected)


def test_an_order_of_who_pays_more_is_worth_more() -> None:
    worth = Buying.fit(SEEN)["MBG/NBD"].worth(SEEN)

    few = SEEN.counts.frequency == 0
    by_paid = np.argsort(SEEN.per_day[few])
    assert (np.diff(worth[few][by_paid]) >= 0).all()


def test_where_nobody_came_back_nothing_is_learned() -> None:
    with pytest.raises(NothingToLearn, match="bought on two days"):
        Buying.fit(Seen.of(shop([(9.0, 1.0)], [(3.0, 1.0)]), weeks=1))
