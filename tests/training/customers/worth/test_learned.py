"""What is learned, and what is said of it."""

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance, shop
from training.customers.worth import learned
from training.customers.worth.learned import learn, shares_in_words
from training.customers.worth.spend_models import LAST_PERIOD
from training.errors import NothingToLearn

SHOP = by_chance(200, weeks=60)


def test_the_choice_says_what_it_was_measured_on() -> None:
    told = learn(SHOP, horizons=[4.0], seed=7, step=lambda _: None).in_words()

    assert told["weeks"] == 12.0
    assert told["customers"] == 200
    assert "3 overlapping cuts" in told["why"]
    assert sum(told["mix"].values()) == pytest.approx(1, abs=0.05)
    assert list(told["errors"].values()) == sorted(told["errors"].values())


def test_the_yardstick_is_never_chosen() -> None:
    choice = learn(SHOP, horizons=[4.0], seed=7, step=lambda _: None).choice

    assert LAST_PERIOD not in choice.mix


def test_a_short_history_says_what_it_lacks() -> None:
    with pytest.raises(NothingToLearn, match=r"history is 3 days long.*needs 42"):
        learn(shop([(3.0, 1.0), (1.0, 1.0)]), horizons=[4.0], seed=7, step=lambda _: None)


def test_a_shop_to_which_nobody_came_back_says_so() -> None:
    orders = shop(*[[(float(day), 5.0)] for day in range(1, 200)])

    with pytest.raises(NothingToLearn, match="came back"):
        learn(orders, horizons=[4.0], seed=7, step=lambda _: None)


def test_a_large_shop_is_learned_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned, "SAMPLE", 150)

    found = learn(SHOP, horizons=[4.0], seed=7, step=lambda _: None)

    assert found.n_customers == 150


def test_a_mix_is_said_in_per_cent_and_a_winner_by_its_name() -> None:
    assert shares_in_words({"trees": 0.7, "last period": 0.3}) == "70 % trees, 30 % last period"
    assert shares_in_words({"trees": 1.0}) == "trees"


def test_without_intervals_there_is_no_spread() -> None:
    found = learn(by_chance(6, weeks=60), horizons=[4.0], seed=7, step=lambda _: None)

    assert found.spread(4.0) is None
    assert found.purchases_spread(4.0) is None


def test_a_spread_is_stretched_by_how_the_level_wanders() -> None:
    found = learn(SHOP, horizons=[4.0], seed=7, step=lambda _: None)
    plain, wander = found.tested[4.0].spend, found.wander
    assert plain is not None
    assert wander is not None

    spread = found.spread(4.0)

    assert spread is not None
    assert spread.low == pytest.approx(plain.low / wander.times(4.0))
    assert np.all(spread.high >= plain.high)
