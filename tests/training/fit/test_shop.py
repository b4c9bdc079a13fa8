"""Every model of one shop: told step by step, and asked a block of customers at a time."""

import numpy as np

from models.ranking import normalised
from models.shaping.blend import Opinions
from tests.training.fitted import LAST_DAY, fitted, of_habits
from tests.training.tiny import basket, numbered
from training.fit import shop
from training.fit.shop import FAST_DAYS

FITTED = fitted(of_habits(), until=LAST_DAY)


def test_whoever_waits_is_told_what_is_being_fitted() -> None:
    told: list[str] = []

    shop.fit(numbered(*basket("ann", "milk jam", 1)), seed=7, step=told.append)

    assert len(told) == 6
    assert told[-1] == "collaborative factors"


def test_every_opinion_is_normalised_but_what_multiplies() -> None:
    (block,) = FITTED.blocks(slow_days=240.0)

    assert block.customers.tolist() == list(range(FITTED.purchases.n_customers))
    for place in range(block.customers.size):
        rows, said = block.whole(place)
        assert rows.tolist() == list(range(FITTED.purchases.n_ranked))
        for name in ("slow", "fast", "ease", "collaborative", "transitions", "neighbours"):
            assert getattr(said, name).max() == 1
        assert said.popularity.max() == 1
        assert (said.trend > 0).all()
        assert (said.loyalty > 0).all()


def test_the_slow_clock_is_the_shops_choice_and_the_fast_one_is_fixed() -> None:
    (block,) = FITTED.blocks(slow_days=1000.0)

    for name, days in {"slow": 1000.0, "fast": FAST_DAYS}.items():
        told = block.sparse[name].toarray()
        assert np.array_equal(told, normalised(FITTED.habit(days).toarray()))


def test_what_is_said_of_a_customer_does_not_depend_on_who_else_is_asked_about() -> None:
    only = np.zeros(FITTED.purchases.n_customers, dtype=np.bool_)
    only[[3, 11, 38]] = True

    (block,) = FITTED.blocks(slow_days=240.0, only=only)
    (everybody,) = FITTED.blocks(slow_days=240.0)

    assert block.customers.tolist() == [3, 11, 38]
    for place, customer in enumerate(block.customers):
        assert_equal(block.whole(place)[1], everybody.whole(int(customer))[1])


def test_what_was_not_asked_for_says_nothing() -> None:
    (block,) = FITTED.blocks(slow_days=240.0, heeded=("ease",))

    _, said = block.whole(0)
    assert said.ease.any()
    for silent in (said.collaborative, said.transitions, said.neighbours):
        assert not silent.any()


def test_two_fits_with_one_seed_are_equal() -> None:
    again = fitted(of_habits(), until=LAST_DAY)

    (one,), (other,) = FITTED.blocks(slow_days=240.0), again.blocks(slow_days=240.0)
    for place in range(one.customers.size):
        assert_equal(one.whole(place)[1], other.whole(place)[1])


def assert_equal(one: Opinions, other: Opinions) -> None:
    for name in Opinions.__slots__:
        assert np.array_equal(getattr(one, name), getattr(other, name))
