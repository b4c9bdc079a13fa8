"""The candidates, each for what it says of itself."""

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance
from training.customers.worth.seen import HALF_LIVES_WEEKS, Seen
from training.customers.worth.spend_models import LAST_PERIOD, N_MODELLED, SpendModels, lesson

SMALL = by_chance(60, weeks=40)


def test_averages_and_the_last_period_are_a_weeks_money_times_the_weeks() -> None:
    seen = Seen.of(SMALL, weeks=12)

    told = SpendModels.fit(SMALL, weeks=12, seed=7).spend(seen)

    assert told[LAST_PERIOD] == pytest.approx(12 * seen.last)
    for half_life, average in zip(HALF_LIVES_WEEKS, seen.averages, strict=True):
        assert told[f"average, half-life {half_life:g} weeks"] == pytest.approx(12 * average)


def test_a_purchase_model_says_purchases_times_worth() -> None:
    seen = Seen.of(SMALL, weeks=12)
    models = SpendModels.fit(SMALL, weeks=12, seed=7)

    told = models.spend(seen)["MBG/NBD × Gamma-Gamma"]

    buying = models.buying["MBG/NBD"]
    assert told == pytest.approx(buying.purchases(seen.counts, weeks=12) * buying.worth(seen))


def test_a_small_shop_has_no_trees() -> None:
    told = SpendModels.fit(SMALL, weeks=12, seed=7).spend(Seen.of(SMALL, weeks=12))

    assert not [name for name in told if "trees" in name]


def test_a_larger_shop_has_trees_of_its_own() -> None:
    orders = by_chance(600, weeks=40)

    told = SpendModels.fit(orders, weeks=12, seed=7).spend(Seen.of(orders, weeks=12))

    for name in ("trees", "mending trees"):
        assert np.isfinite(told[name]).all()
        assert (told[name] > 0).all()


def test_a_history_of_one_window_teaches_no_trees() -> None:
    orders = by_chance(600, weeks=12)

    assert SpendModels.fit(orders, weeks=12, seed=7).trees is None


def test_only_the_last_features_need_the_purchase_model() -> None:
    seen = Seen.of(SMALL, weeks=12)
    buying = SpendModels.fit(SMALL, weeks=12, seed=7).buying

    told = [lesson(seen, model, weeks=12)[0] for model in buying.values()]

    assert told[0][:, :-N_MODELLED] == pytest.approx(told[1][:, :-N_MODELLED])
