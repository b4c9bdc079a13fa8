"""What lands in one basket, counted as its plain definition says."""

from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.scorers.copurchase import CoPurchase
from tests.training.tiny import basket, numbered
from training.data.purchases import Purchases
from training.fit import copurchase
from training.fit.copurchase import SHRINKAGE


def found(purchases: Purchases, fitted: CoPurchase) -> dict[tuple[str, str], float]:
    """Strength of each pair that is kept, by name."""
    return {
        (purchases.item_ids[row], purchases.item_ids[other]): float(strength)
        for row in range(purchases.n_ranked)
        for other, strength in zip(fitted.companions[row], fitted.strengths[row], strict=True)
        if other >= 0
    }


def strength(shared: int, one: int, other: int) -> object:
    return pytest.approx(shared / sqrt(one * other) * shared / (shared + SHRINKAGE), rel=1e-5)


def test_strength_is_the_cosine_of_baskets_shrunken_where_few_hold_both() -> None:
    purchases = numbered(
        *basket("ann", "bread butter", 1),
        *basket("ann", "bread butter", 2),
        *basket("bob", "bread jam", 3),
        *basket("bob", "ale", 4),
    )

    pairs = found(purchases, copurchase.fit(purchases))

    assert pairs == {
        ("bread", "butter"): strength(2, 3, 2),
        ("butter", "bread"): strength(2, 2, 3),
        ("bread", "jam"): strength(1, 3, 1),
        ("jam", "bread"): strength(1, 1, 3),
    }


def test_baskets_of_strangers_count() -> None:
    purchases = numbered(*basket("ann", "bread jam", 1), *basket(None, "bread jam", 2))

    assert found(purchases, copurchase.fit(purchases))["bread", "jam"] == strength(2, 2, 2)


def test_companions_stand_strongest_first_and_ties_by_row() -> None:
    purchases = numbered(
        *basket("ann", "a b c d", 1), *basket("bob", "a c", 2), *basket("cid", "a", 3)
    )

    fitted = copurchase.fit(purchases, n_companions=3)

    assert purchases.item_ids == ["a", "c", "b", "d"]
    assert fitted.companions[0].tolist() == [1, 2, 3]
    assert (np.diff(fitted.strengths, axis=1) <= 0).all()


def test_only_so_many_companions_are_kept() -> None:
    purchases = numbered(*basket("ann", "a b c d", 1), *basket("ann", "a c", 2))

    fitted = copurchase.fit(purchases, n_companions=1)

    assert fitted.companions.shape == fitted.strengths.shape == (4, 1)
    assert purchases.item_ids[fitted.companions[0, 0]] == "c"


def test_what_is_too_rare_for_a_model_is_no_companion() -> None:
    purchases = numbered(*basket("ann", "a b rare", 1), *basket("bob", "a b", 2), min_buyers=2)

    assert set(found(purchases, copurchase.fit(purchases))) == {("a", "b"), ("b", "a")}


def test_in_a_shop_of_a_thousand_orders_two_shared_ones_are_chance() -> None:
    many = [line for n in range(1000) for line in basket("ann", "milk", n / 20)]
    twice = [line for n in range(2) for line in basket("bob", "milk jam", 60 + n)]
    thrice = [line for n in range(3) for line in basket("cid", "milk ale", 70 + n)]
    purchases = numbered(*many, *twice, *thrice)

    assert set(found(purchases, copurchase.fit(purchases))) == {("milk", "ale"), ("ale", "milk")}


def test_an_order_id_that_two_customers_share_is_two_orders() -> None:
    purchases = numbered(
        *(line | {"order_id": "7"} for who in ("ann", "bob") for line in basket(who, "a b", 1))
    )

    assert found(purchases, copurchase.fit(purchases))["a", "b"] == strength(2, 2, 2)


def test_a_shop_without_items_has_no_companions() -> None:
    fitted = copurchase.fit(numbered(catalogue=("milk",)))

    assert fitted.companions.shape[0] == 0


@settings(deadline=None, max_examples=60)
@given(baskets=st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=15))
def test_every_pair_is_its_plain_definition(baskets: list[set[str]]) -> None:
    purchases = numbered(
        *(line for n, items in enumerate(baskets) for line in basket("ann", " ".join(items), n))
    )
    alone = {item: sum(item in of for of in baskets) for of in baskets for item in of}
    expected = {
        (one, other): strength(shared, alone[one], alone[other])
        for one, other in permutations(alone, 2)
        if (shared := sum({one, other} <= of for of in baskets))
    }

    assert found(purchases, copurchase.fit(purchases)) == expected
