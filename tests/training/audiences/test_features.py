"""What customers are told apart by, and what is kept out of it."""

import numpy as np
import pytest

from models.customer.rule import NUMBER_FIELDS, TEXT_FIELDS
from tests.training.audiences.tastes import ROW, crowd, loaded, table
from training.audiences.features import Features, features
from training.audiences.numbers import MADE_OF, NUMBERS
from training.audiences.table import Table

NOTHING = np.empty(0, dtype=np.int32)
DRINKS = np.array([ROW["beer"], ROW["wine"]], dtype=np.int32)


def seen(known: Table, *, kept_out: tuple[str, ...] = (), rows: np.ndarray = NOTHING) -> Features:
    return features(known, loaded(), kept_out=kept_out, kept_out_rows=rows)


def number(known: Features, name: str) -> list[float]:
    (wanted,) = (one for one in known.numbers if one.name == name)
    return [float(told) for told in wanted.of(known.some(np.arange(len(known.table.ids))))]


def block(known: Features, name: str) -> np.ndarray:
    return known.gathered(np.arange(len(known.table.ids)))[:, known.blocks[name]]


def test_a_share_is_of_all_that_was_bought() -> None:
    known = seen(table([{"milk": (3, 5), "beer": (1, 5)}, {"beer": (2, 5)}]))

    shares = known.shares(known.some(np.array([0, 1])))

    assert dict(zip(known.categories, shares[0].tolist(), strict=True)) == {
        "dairy": 0.75,
        "drinks": 0.25,
    }
    assert shares[1].tolist() == [0.0, 1.0]


def test_what_is_usual_of_a_categorys_buyers_counts_three_quarters_and_nothing_counts_nothing() -> (
    None
):
    known = seen(table([{"milk": (1, 5)}, {"beer": (2, 5)}, {"beer": (1, 9)}]))

    assert block(known, "shares").tolist() == [[0.75, 0.0], [0.0, 0.75], [0.0, 0.75]]


def test_numbers_are_those_of_the_purchases() -> None:
    known = seen(table([{"milk": (3, 5), "bread": (1, 5), "beer": (1, 40)}, {"wine": (1, 0)}]))

    assert number(known, "different items") == [3, 1]
    assert number(known, "items bought") == [5, 1]
    assert number(known, "money at today's prices") == [3 * 1.0 + 2.0 + 5.0, 9.0]
    assert number(known, "days of last purchases") == [2, 1]
    assert number(known, "orders of the item bought most") == [3, 1]
    assert number(known, "share of items bought again") == [pytest.approx(1 / 3), 0]
    assert number(known, "days since the last purchase") == [5, 0]
    assert number(known, "days since an item was last bought") == [pytest.approx(50 / 3), 0]
    assert number(known, "days since the first purchase") == [10, 10]


def test_who_never_bought_has_no_shares_and_unknown_days() -> None:
    known = seen(table([{"milk": (1, 5)}, {}]))

    assert known.bought().tolist() == [True, False]
    assert block(known, "shares")[1].tolist() == [0]
    assert block(known, "vectors")[1].tolist() == [0, 0]
    assert np.isnan(number(known, "days since the last purchase")[1])


def test_a_vector_tells_the_direction_of_taste_and_not_how_much_was_bought() -> None:
    known = seen(table([{"beer": (1, 5)}, {"beer": (9, 5), "wine": (9, 5)}]))

    assert np.linalg.norm(block(known, "vectors"), axis=1) == pytest.approx([1, 1], abs=1e-6)


def test_every_field_of_a_rule_says_what_it_is_made_of() -> None:
    assert set(MADE_OF) == {*TEXT_FIELDS, *NUMBER_FIELDS}


def test_who_differs_only_by_what_is_kept_out_is_the_same() -> None:
    with_beer = {"milk": (2, 5), "beer": (4, 1)}
    known = seen(table([{"milk": (2, 5)}, with_beer, {"beer": (1, 1)}], orders=[1, 5, 1]),
                 rows=DRINKS)  # fmt: skip

    columns = known.gathered(np.array([0, 1]))

    assert columns[0].tolist() == columns[1].tolist()
    assert "drinks" not in known.categories
    assert known.bought().tolist() == [True, True, False]


def test_a_tier_leaves_nothing_that_is_counted_in_money_orders_or_days() -> None:
    known = seen(table([{"milk": (1, 5)}]), kept_out=("tier",))

    assert {one.name for one in known.numbers} == {
        "discount sensitivity",
        "returned orders",
        "complaints",
    }


def test_what_a_field_is_named_after_is_not_among_the_numbers() -> None:
    for field, name in [
        ("historic_clv", "value so far"),
        ("predicted_clv", "expected value"),
        ("churn_probability", "churn probability"),
        ("average_order_value", "average order value"),
        ("orders", "orders"),
        ("days_since_last_purchase", "days since the last purchase"),
        ("discount_sensitivity", "discount sensitivity"),
        ("returned_orders", "returned orders"),
        ("buys_within_4_weeks", "probability of an order within 4 weeks"),
        ("expected_spend", "expected spend"),
        ("redeemed", "discount sensitivity"),
    ]:
        known = seen(table([{"milk": (1, 5)}]), kept_out=(field,))

        assert name in {one.name for one in NUMBERS}
        assert name not in {one.name for one in known.numbers}


def test_a_portfolio_leaves_neither_shares_nor_vectors() -> None:
    known = seen(table([{"milk": (1, 5)}]), kept_out=("portfolio",))

    assert known.blocks["vectors"] == known.blocks["shares"] == slice(0, 0)
    assert known.of(np.array([0])).shape == (1, len(NUMBERS))


def test_a_customer_is_described_the_same_alone_and_among_others() -> None:
    customers, _ = crowd(50)
    known = seen(customers, rows=DRINKS)

    whole = known.gathered(np.arange(50))

    for row in (0, 7, 49):
        assert known.of(np.array([row]))[0] == pytest.approx(whole[row], nan_ok=True)
