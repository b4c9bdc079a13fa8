"""Features say what was known of a customer and an item at one moment, and nothing of later."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.training.fitted import fitted, window
from tests.training.rank.calendars import Promoted, calendar_of
from tests.training.rank.ranked import counted, features_at, planted_window, table_of
from tests.training.tiny import basket, bought, day, items_of, lines, planted
from training.fit.blend import DEFAULT
from training.fit.shop import Shop
from training.rank import candidates, features
from training.rank.features import PLACED, Features
from training.rank.pairs import Pairs

CUT = 142.0
OPINIONS = ("blend", "repeat", "ease", "collaborative")
"""Those of the first stage that the features look at."""


@dataclass(frozen=True)
class Known:
    """Features, and whom and what they know."""

    shop: Shop
    features: Features


def features_of(
    purchases: pl.DataFrame,
    *,
    until: float,
    promotions: pl.DataFrame | None = None,
    **items: dict[str, str],
) -> Known:
    shop = fitted(purchases, until=until)
    return Known(shop, features.fit(shop, items_of(purchases, **items), promotions))


def looked_up(known: Known, customer: str, item: str) -> dict[str, float]:
    rows = known.shop.purchases
    pairs = Pairs.of(
        {rows.customer_ids.index(customer): np.array([rows.item_ids.index(item)], np.int32)}
    )
    opinions = dict.fromkeys(OPINIONS, np.zeros(1, np.float32))
    matrix, names = known.features.matrix(pairs, opinions)
    return dict(zip(names, matrix[0].tolist(), strict=True))


def corner() -> pl.DataFrame:
    """Ann's two orders and bob's one."""
    return lines(
        bought("ann", "milk", 10, quantity=2, price=3, order="a", store="old town"),
        bought("ann", "jam", 10, price=4, order="a", store="old town"),
        bought("ann", "milk", 30, quantity=2, price=2, discount=1, order="b", store="old town"),
        bought("bob", "oats", 35, price=1, order="c", store="harbour"),
        bought("bob", "milk", 35, price=2, order="c", store="harbour"),
    )


def test_what_is_known_of_a_pair_is_worked_out_by_hand() -> None:
    milk = looked_up(features_of(corner(), until=40), "ann", "milk")

    assert milk["habit times"] == 2
    assert milk["habit last"] == 10
    assert milk["habit every"] == 20
    assert milk["habit overdue"] == 0.5
    assert milk["habit share of orders"] == 1
    assert milk["habit on offer"] == 0.5
    assert milk["habit quantity"] == 2
    assert milk["customer orders"] == 2
    assert milk["customer lines"] == 3
    assert milk["customer basket"] == 1.5
    assert milk["customer saved"] == pytest.approx(2 / 16)  # of 14 paid and 2 saved
    assert milk["item sold"] == 3
    assert milk["item sold 28"] == 2
    assert milk["item buyers"] == 2
    assert milk["item price"] == pytest.approx(12 / 5)
    assert milk["price to customer's"] == pytest.approx((12 / 5) / (14 / 5))


def test_what_was_never_bought_has_no_hazard_and_no_habit() -> None:
    oats = looked_up(features_of(corner(), until=40), "ann", "oats")

    assert oats["habit times"] == oats["hazard"] == oats["hazard of customer"] == 0
    assert oats["habit last"] == 999
    assert oats["habit overdue"] == oats["habit overdue by item"] == -1


def test_habits_in_a_kind_are_those_of_all_its_items() -> None:
    known = features_of(
        corner(), until=40, title={"milk": "Milk, 1 l", "oats": "Milk, 2 l", "jam": "Jam"}
    )

    oats = looked_up(known, "ann", "oats")

    assert oats["kind orders"] == 2
    assert oats["kind last"] == 10
    assert oats["kind items"] == 1
    assert oats["kind item's share of own"] == 0


def test_an_item_sells_where_its_customer_shops_or_does_not() -> None:
    known = features_of(corner(), until=40)

    assert looked_up(known, "ann", "oats")["stores: there"] == 0
    assert looked_up(known, "bob", "oats")["stores: there"] == 1
    assert looked_up(known, "ann", "milk")["stores: share"] == pytest.approx(2 / 3)
    assert looked_up(known, "ann", "milk")["stores: sold"] == pytest.approx(1000 * 2 / 3)


def test_what_the_calendar_says_is_of_the_item_and_of_its_kind() -> None:
    promotions = calendar_of(
        Promoted("oats", 40, 54), Promoted("milk", 12, 40), Promoted("jam", 60, 90)
    )
    known = features_of(corner(), until=40, promotions=promotions)

    oats, milk = (looked_up(known, "ann", item) for item in ("oats", "milk"))

    assert (oats["mailer: window"], oats["mailer: before"]) == (0.5, 0)
    assert (milk["mailer: window"], milk["mailer: before"]) == (0, 1)
    assert milk["mailer: after before"] == -1
    assert milk["mailer: customer"] == pytest.approx(1 / 3)


SHOPS: dict[str, dict[str, Any]] = {
    "nothing but purchases": {},
    "one store": {"store": "old town"},
    "discounts": {"discount": 0.5},
}


@pytest.mark.parametrize("told", SHOPS.values(), ids=SHOPS)
def test_every_feature_of_every_shop_is_a_number(told: dict[str, Any]) -> None:
    purchases = lines(
        *(bought("ann", "milk", on, **told) for on in (1, 8, 90)),
        bought("bob", "jam", 3, price=0.01, **told),
        bought("cid", "jam", 99, **told),
    )
    shop = fitted(purchases, until=100)
    known = features.fit(shop, items_of(purchases), None)

    (block,) = candidates.blocks(shop, DEFAULT, known)
    matrix, names = known.matrix(block.pairs, block.opinions)

    assert np.isfinite(matrix).all()
    assert len(set(names)) == len(names) == matrix.shape[1]


def test_where_nothing_was_bought_twice_every_feature_is_a_number() -> None:
    purchases = lines(*(bought(f"c-{n}", f"p-{n % 3}", n) for n in range(9)))
    shop = fitted(purchases, until=10)
    known = features.fit(shop, items_of(purchases), None)

    (block,) = candidates.blocks(shop, DEFAULT, known)

    assert np.isfinite(known.matrix(block.pairs, block.opinions)[0]).all()


def test_a_shop_that_opens_a_branch_or_thinks_of_a_promotion_keeps_its_columns() -> None:
    purchases = pl.concat([corner(), lines(bought("ann", "eggnog", 60, order="d"))])
    promotions = calendar_of(
        Promoted("milk", 0, 90), Promoted("eggnog", 60, 90, kind='launch, "new"')
    )
    early = features_of(purchases, until=32, promotions=promotions)
    late = features_of(purchases, until=70, promotions=promotions)

    assert (early.features.stores is None, late.features.stores is None) == (True, False)
    assert list(looked_up(early, "ann", "milk")) == list(looked_up(late, "ann", "milk"))


def test_a_pair_is_the_same_alone_and_among_others_but_for_its_place() -> None:
    known = features_at(CUT)
    pairs = Pairs.of({3: np.arange(20, dtype=np.int32), 5: np.arange(7, dtype=np.int32)})
    alone = Pairs.of({5: np.arange(3, 4, dtype=np.int32)})
    opinions = {name: np.arange(27, dtype=np.float32) for name in OPINIONS}

    matrix, names = known.matrix(pairs, opinions)
    row, _ = known.matrix(alone, {name: column[23:24] for name, column in opinions.items()})

    unplaced = [place for place, name in enumerate(names) if not name.startswith("place by")]
    assert len(names) - len(unplaced) == len(PLACED)
    assert matrix[23, unplaced].tobytes() == row[0, unplaced].tobytes()


FUTURES = (
    "nothing is ever bought again",
    "everybody buys something else",
    "new customers buy new items",
)


def other_futures() -> dict[str, pl.DataFrame]:
    past = planted().filter(pl.col("timestamp") < day(CUT))
    swapped = lines(
        *(
            bought(f"c-{n % 160:03d}", f"p-{119 - n % 120:03d}", CUT + n % 28, quantity=9, price=99)
            for n in range(480)
        )
    )
    strangers = lines(*basket("z-1", "p-new p-000", CUT), *basket("a-1", "p-old", CUT + 1))
    futures = (past, pl.concat([past, swapped]), pl.concat([past, strangers]))
    return dict(zip(FUTURES, futures, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("future", FUTURES)
def test_another_future_changes_no_feature_by_a_bit(future: str) -> None:
    """The leak test: what happened after the cut does not reach what was known at it."""
    matrix, names = table_of(planted_window(CUT), features_at(CUT))
    of = window(other_futures()[future], cut=CUT)
    other, same_names = table_of(of, counted(of))

    assert names == same_names
    assert matrix.tobytes() == other.tobytes()


@pytest.mark.slow
def test_what_was_promoted_later_than_the_window_is_not_looked_at() -> None:
    of = planted_window(CUT)
    near = [Promoted(f"p-{n:03d}", 100, CUT + 28 - n / 10) for n in range(0, 120, 7)]
    far = [Promoted(f"p-{n:03d}", CUT + 28, 300) for n in range(0, 120, 5)]

    matrix, _ = table_of(of, counted(of, calendar_of(*near)))
    other, _ = table_of(of, counted(of, calendar_of(*near, *far)))

    assert matrix.tobytes() == other.tobytes()
