"""One customer, of whom value and next purchase say different things."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.training.fitted import of_habits
from tests.training.tiny import day
from training.customers.agreed import agreed
from training.customers.coming import next_purchase
from training.customers.coming.next_purchase import NextPurchase
from training.customers.worth import value
from training.customers.worth.value import Value
from training.data.orders import orders
from training.data.purchases import Purchases, number

ROWS: Purchases = number(
    of_habits().head(60), of_habits()["item_id"].unique(), until=day(130), min_buyers=1
)


@cache
def _learned() -> tuple[Value, NextPurchase]:
    told = orders(ROWS)
    return (
        value.fit(told, horizon_weeks=52, annual_rate=0.0, seed=7, step=lambda _: None),
        next_purchase.fit(
            told, ROWS, category=np.zeros(len(ROWS.item_ids), np.int32), seed=7, step=lambda _: None
        ),
    )


def _said(
    *, alive: float, purchases: float, buys: float, category: float
) -> tuple[Value, NextPurchase]:
    worth, soon = _learned()
    n = worth.alive.size
    around = np.array([purchases, purchases / 2, purchases * 2], dtype=np.float32)
    return agreed(
        replace(
            worth,
            alive=np.full(n, alive, dtype=np.float32),
            purchases=np.tile(around, (n, 3, 1)),
        ),
        replace(
            soon,
            buys=np.full((n, 3), buys, dtype=np.float32),
            category_buys=np.full((n, 5), category, dtype=np.float32),
        ),
    )


def test_who_is_likely_to_come_is_as_likely_still_a_customer() -> None:
    worth, _ = _said(alive=0.0, purchases=3, buys=0.75, category=0.5)

    assert worth.alive[0] == pytest.approx(0.75)


def test_as_many_orders_are_expected_as_one_is_likely() -> None:
    worth, _ = _said(alive=1.0, purchases=0.0, buys=0.75, category=0.5)

    assert worth.purchases[0, 1].tolist() == pytest.approx([0.75, 0.0, 0.75])


def test_who_is_almost_sure_to_come_has_at_least_one_order() -> None:
    worth, _ = _said(alive=1.0, purchases=1.5, buys=0.95, category=0.5)

    assert worth.purchases[0, 0].tolist() == pytest.approx([1.5, 1.0, 3.0])


def test_nobody_buys_of_a_category_who_does_not_buy() -> None:
    _, soon = _said(alive=1.0, purchases=3, buys=0.25, category=0.5)

    assert soon.category_buys[0, 0] == pytest.approx(0.25)


def test_what_does_not_contradict_is_left_alone() -> None:
    worth, soon = _said(alive=0.9, purchases=3, buys=0.75, category=0.5)

    assert worth.alive[0] == pytest.approx(0.9)
    assert worth.purchases[0, 2].tolist() == [3.0, 1.5, 6.0]
    assert soon.category_buys[0, 0] == 0.5


def test_what_is_not_known_stays_unknown() -> None:
    worth, soon = _said(alive=np.nan, purchases=np.nan, buys=0.75, category=np.nan)
    sure, _ = _said(alive=0.5, purchases=3, buys=np.nan, category=0.5)

    assert np.isnan(worth.alive).all()
    assert np.isnan(worth.purchases).all()
    assert np.isnan(soon.category_buys).all()
    assert sure.purchases[0, 0].tolist() == [3.0, 1.5, 6.0]
