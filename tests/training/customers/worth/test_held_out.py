"""Intervals made as if it were a window ago, on shops that are known."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance
from training.customers.worth.held_out import held_out
from training.customers.worth.past import following, then
from training.data.orders import Orders

SHOP = by_chance(120, weeks=60)


def found_in(orders: Orders, *, weeks: float = 12.0) -> dict[str, dict[str, dict[str, float]]]:
    return held_out(orders, weeks=weeks, seed=7, step=lambda _: None)


@pytest.fixture(scope="module")
def coverage() -> dict[str, dict[str, float]]:
    return found_in(SHOP)["coverage"]


def test_coverage_is_a_share_by_horizon_of_spend_and_of_purchases(
    coverage: dict[str, dict[str, float]],
) -> None:
    assert set(coverage) == {"4", "12"}
    for inside in coverage.values():
        assert set(inside) == {"spend", "purchases"}
        assert all(0.5 < share <= 1 for share in inside.values())


def test_a_horizon_longer_than_the_weeks_kept_back_is_not_judged() -> None:
    assert set(found_in(SHOP, weeks=8.0)["coverage"]) == {"4"}


def test_nothing_of_the_weeks_kept_back_is_learned_from(
    coverage: dict[str, dict[str, float]],
) -> None:
    last = SHOP.age_days <= 12 * 7
    flooded = replace(SHOP, spend=np.where(last, 50 * SHOP.spend, SHOP.spend))

    after = found_in(flooded)["coverage"]["12"]

    moment = then(SHOP, 12 * 7)
    bought_nothing = (following(SHOP, moment, 12 * 7).days == 0).mean()
    assert after["spend"] <= bought_nothing < coverage["12"]["spend"]
    assert after["purchases"] == coverage["12"]["purchases"]


@pytest.mark.parametrize(
    ("orders", "weeks", "why"),
    [
        (SHOP, 3.0, "weeks to keep back would be 3.0"),
        (by_chance(120, weeks=14), 12.0, "as of 12 weeks ago, history is 1"),
        (by_chance(6, weeks=60), 12.0, "too few customers"),
    ],
    ids=["a short window", "too young by then", "a few customers"],
)
def test_where_it_cannot_be_tried_it_says_why(orders: Orders, weeks: float, why: str) -> None:
    found = found_in(orders, weeks=weeks)

    assert found["coverage"] == {}
    assert why in str(found["coverage_why"])
