"""Customers of one need."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.customers.shopping import drawn, shopped
from training.customers.needs import portfolios
from training.customers.needs.portfolios import Portfolios
from training.data.purchases import Purchases

NAMES = ["bread", "milk", "baby food", "diapers", "wine", "cheese"]
CATEGORY = np.arange(6, dtype=np.int32)
BABY = (0.25, 0.25, 0.2, 0.2, 0.05, 0.05)
WINE = (0.25, 0.25, 0.05, 0.05, 0.2, 0.2)


def found(shop: Purchases, *, value: np.ndarray | None = None, seed: int = 7) -> Portfolios:
    return portfolios.fit(
        shop,
        category=CATEGORY,
        names=NAMES,
        value=np.ones(shop.n_customers) if value is None else value,
        seed=seed,
        step=lambda words: None,
    )


def families(n_orders: int = 10) -> Purchases:
    """Customers 0 to 99 have babies, 100 to 199 like wine."""
    chances = np.repeat([BABY, WINE], 100, axis=0)
    return drawn(chances, n_orders=n_orders, n_lines=6, rng=np.random.default_rng(1))


def test_planted_needs_are_found_and_named() -> None:
    told = found(families())

    baby, wine = (int(np.median(told.codes[some])) for some in (slice(100), slice(100, 200)))
    assert {baby, wine} == {1, 2}
    assert (told.codes[:100] == baby).mean() > 0.95
    assert (told.codes[100:] == wine).mean() > 0.95
    assert set(told.titles[baby - 1].split(" · ")) == {"baby food", "diapers"}
    assert set(told.titles[wine - 1].split(" · ")) == {"wine", "cheese"}
    assert told.choice["chosen"] == 2
    assert told.choice["kappa_of_halves_of_orders"] > 0.8


def test_the_most_valuable_portfolio_comes_first() -> None:
    dear = np.repeat([1.0, 9.0], 100)

    assert np.median(found(families(), value=dear).codes[100:]) == 1
    assert np.median(found(families(), value=10 - dear).codes[:100]) == 1


def test_one_seed_finds_the_same_portfolios_twice() -> None:
    one, other = found(families()), found(families())

    assert one.codes.tolist() == other.codes.tolist()
    assert one.choice == other.choice


def test_who_bought_too_little_is_in_no_portfolio() -> None:
    shop = families()
    few = shop.customer == 5
    few[np.flatnonzero(few)[:9]] = False
    kept = shopped(
        shop.customer[~few], shop.order[~few], shop.item[~few], n_customers=200, n_items=6
    )

    told = found(kept)

    assert told.codes[5] == 0
    assert (np.delete(told.codes, 5) > 0).all()
    assert "fewer than 3 orders, or fewer than 10 lines" in told.unplaced


def test_customers_who_all_need_the_same_are_in_no_portfolio() -> None:
    same = np.full((300, 6), 1 / 6)
    shop = drawn(same, n_orders=10, n_lines=6, rng=np.random.default_rng(1))

    told = found(shop)

    assert not told.codes.any()
    assert (told.titles, told.descriptions) == ((), ())
    assert told.choice["chosen"] == "none"
    assert told.choice["why"] == "the two halves of customers' orders agree on no need"
    assert told.unplaced.startswith("No portfolios were found: the two halves")


def test_one_big_order_is_no_need() -> None:
    """All buy the same in nine orders, and once a hundred lines of one category."""
    rng = np.random.default_rng(1)
    usual = drawn(np.full((200, 6), 1 / 6), n_orders=9, n_lines=2, rng=rng)
    customer = np.repeat(np.arange(200), 100)
    shop = shopped(
        np.concatenate([usual.customer, customer]),
        np.concatenate([usual.order, 1800 + customer]),
        np.concatenate([usual.item, np.where(customer < 100, 2, 4)]),
        n_customers=200,
        n_items=6,
    )

    told = found(shop)

    assert not told.codes.any()
    assert told.choice["why"] == "the two halves of customers' orders agree on no need"


def test_needs_without_groups_are_no_portfolios() -> None:
    """Customers lean every way alike: there is no seam to cut along."""
    around = 2 * np.pi * np.arange(400)[:, None] / 400 + 2 * np.pi * np.arange(6) / 6
    chances = (1 + 0.9 * np.cos(around)) / 6
    shop = drawn(chances, n_orders=20, n_lines=6, rng=np.random.default_rng(1))

    told = found(shop)

    assert told.choice["agreement_of_halves_by_axis"][1] > 0.6
    assert told.choice["why"] == "no number of groups is found again among half of the customers"
    assert not told.codes.any()


def test_a_shop_without_categories_has_no_portfolios() -> None:
    shop = families()

    told = portfolios.fit(
        shop,
        category=np.full(6, -1, np.int32),
        names=[],
        value=np.ones(200),
        seed=7,
        step=lambda words: None,
    )

    assert not told.codes.any()
    assert told.choice == {
        "chosen": "none",
        "why": "the items name no categories; it takes two",
    }


@pytest.mark.parametrize("n_orders", [1, 2])
def test_a_shop_of_few_orders_has_no_portfolios(n_orders: int) -> None:
    told = found(families(n_orders=n_orders))

    assert not told.codes.any()
    assert told.choice["why"] == (
        "0 customers bought in 3 orders and 10 lines or more; it takes 100"
    )


def test_needs_are_found_and_named_among_more_categories_than_count() -> None:
    """Nobody buys of the first thousand."""
    shop = replace(families(), item_ids=[f"i-{row}" for row in range(1006)])
    shop = replace(shop, item=shop.item + 1000, n_ranked=1006)

    told = portfolios.fit(
        shop,
        category=np.arange(1006, dtype=np.int32),
        names=[f"unsold {n}" for n in range(1000)] + NAMES,
        value=np.ones(200),
        seed=7,
        step=lambda words: None,
    )

    assert {name for title in told.titles for name in title.split(" · ")} == set(NAMES[2:])
    assert (told.choice["categories"], told.choice["categories_left_out"]) == (500, 506)
