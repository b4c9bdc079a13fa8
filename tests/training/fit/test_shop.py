"""Every model of one shop: told step by step, and asked a block of customers at a time."""

import numpy as np

from models.ranking import normalised
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
    (begin, opinions), *_ = FITTED.blocks(slow_days=240.0)

    assert begin == 0
    for name in ("slow", "fast", "ease", "collaborative", "transitions", "neighbours"):
        scores = getattr(opinions, name)
        assert scores.shape == (FITTED.purchases.n_customers, FITTED.purchases.n_ranked)
        assert (scores.max(axis=1) == 1).all()
    assert opinions.popularity.max() == 1
    assert (opinions.trend > 0).all()
    assert (opinions.loyalty > 0).all()


def test_the_slow_clock_is_the_shops_choice_and_the_fast_one_is_fixed() -> None:
    (_, opinions), *_ = FITTED.blocks(slow_days=1000.0)

    assert np.array_equal(opinions.slow, normalised(FITTED.habit(1000.0).toarray()))
    assert np.array_equal(opinions.fast, normalised(FITTED.habit(FAST_DAYS).toarray()))


def test_two_fits_with_one_seed_are_equal() -> None:
    again = fitted(of_habits(), until=LAST_DAY)

    for (_, one), (_, other) in zip(
        FITTED.blocks(slow_days=240.0), again.blocks(slow_days=240.0), strict=True
    ):
        for name in type(one).__slots__:
            assert np.array_equal(getattr(one, name), getattr(other, name))
