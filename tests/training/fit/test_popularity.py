"""What sells now, against what usually sells, and what is bought again: counted by hand."""

import numpy as np
import pytest

from tests.training.tiny import bought, numbered
from training.fit import popularity


def test_recent_buyers_are_counted_once_and_strangers_not_at_all() -> None:
    purchases = numbered(
        bought("ann", "milk", 99),
        bought("ann", "milk", 98),
        bought("bob", "milk", 97),
        bought(None, "milk", 97),
        bought("ann", "jam", 10),
        bought("ann", "ale", 72),
        bought("bob", "ale", 71.9),
        until=100,
        catalogue=("truffle",),
    )

    fitted = popularity.fit(purchases)

    assert purchases.item_ids == ["ale", "milk", "jam", "truffle"]
    assert fitted.buyers.tolist() == [1, 2, 0, 0]
    assert fitted.buyers.dtype == np.int32
    assert fitted.days == 28


def test_items_without_a_model_sell_too() -> None:
    purchases = numbered(bought("ann", "milk", 99), bought("bob", "jam", 99), min_buyers=2)

    assert purchases.n_ranked == 0
    assert popularity.fit(purchases).buyers.tolist() == [1, 1]


def test_the_trend_is_orders_now_over_usual_ones_both_with_a_prior() -> None:
    # 112 days are 4 windows: milk 8 orders all, 5 now; jam 4 all, 0 now
    purchases = numbered(
        *(bought("ann", "milk", n) for n in (0, 10, 20)),
        *(bought("ann", "milk", n) for n in (90, 95, 100, 105, 110)),
        *(bought("bob", "jam", n) for n in (1, 2, 3, 4)),
        until=112,
    )

    trend = popularity.trend(purchases)

    usual_milk, usual_jam = 8 / 4, 4 / 4
    assert dict(zip(purchases.item_ids, trend.tolist(), strict=True)) == {
        "milk": pytest.approx((5 + 5) / (usual_milk + 5)),
        "jam": pytest.approx((0 + 5) / (usual_jam + 5)),
    }


def test_the_trend_is_held_between_a_third_and_three() -> None:
    purchases = numbered(
        *(bought("ann", "old", n / 10, order=f"o-{n}") for n in range(400)),
        *(bought("ann", "hot", 960 + n / 10, order=f"h-{n}") for n in range(400)),
        until=1000,
    )

    trend = dict(zip(purchases.item_ids, popularity.trend(purchases).tolist(), strict=True))

    assert trend == {"old": pytest.approx(1 / 3), "hot": 3}


def test_in_a_history_of_one_window_nothing_is_a_season() -> None:
    purchases = numbered(bought("ann", "milk", 90), bought("bob", "jam", 99), until=100)

    assert popularity.trend(purchases).tolist() == [1, 1]


def test_loyalty_is_the_share_of_buyers_who_came_back_drawn_to_the_average() -> None:
    purchases = numbered(
        *(bought("ann", "milk", n) for n in (1, 2)),
        *(bought("bob", "milk", n) for n in (1, 2, 3)),
        bought("cid", "milk", 1),
        bought("ann", "jam", 1),
        bought("bob", "jam", 1),
    )

    loyalty = popularity.loyalty(purchases)

    average = (2 + 1) / (5 + 2)
    assert purchases.item_ids == ["milk", "jam"]
    assert loyalty.tolist() == pytest.approx(
        [(2 + 10 * average) / (3 + 10) / average, (0 + 10 * average) / (2 + 10) / average]
    )


def test_in_a_shop_where_nobody_comes_back_loyalty_is_above_0() -> None:
    loyalty = popularity.loyalty(numbered(bought("ann", "milk", 1), bought("bob", "jam", 1)))

    assert (loyalty > 0).all()
    assert loyalty[0] == loyalty[1]
