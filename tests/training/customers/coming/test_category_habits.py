"""Where the money goes, by hand; and whether they buy of it again."""

import numpy as np
import pytest

from tests.training.tiny import basket, bought, numbered
from training.customers.coming import category_habits
from training.customers.coming.category_habits import CategoryHabits
from training.data.orders import orders
from training.data.purchases import Purchases


def found_in(purchases: Purchases, categories: dict[str, int], *, seed: int = 7) -> CategoryHabits:
    """Items that are not in ``categories`` have none."""
    codes = np.array([categories.get(id_, -1) for id_ in purchases.item_ids], np.int32)
    return category_habits.fit(
        orders(purchases), purchases, category=codes, rng=np.random.default_rng(seed)
    )


def test_categories_are_told_by_spend_with_their_share_of_all_of_it() -> None:
    shop = numbered(
        *[bought("ann", "milk", 1.0, price=3.0), bought("ann", "jam", 1.0, price=1.0)],
        *[bought("ann", "cheese", 9.0, price=2.0), bought("ann", "bag", 9.0, price=4.0)],
        bought(None, "jam", 9.0, price=50.0),
        bought("bob", "bag", 9.0, price=4.0),
        until=20,
    )

    found = found_in(shop, {"milk": 0, "cheese": 0, "jam": 4})

    assert found.category.tolist() == [[0, 4, -1, -1, -1], [-1] * 5]
    assert found.share[0, :2] == pytest.approx([0.5, 0.1])
    assert np.isnan(found.share[0, 2:]).all()
    assert np.isnan(found.share[1]).all()


def test_what_was_given_back_is_in_no_share_and_is_no_visit() -> None:
    shop = numbered(
        bought("ann", "milk", 1.0, quantity=4),
        bought("ann", "jam", 2.0, order="a"),
        bought("ann", "milk", 3.0, quantity=-2),
        bought("ann", "tea", 4.0, order="b"),
        bought("ann", "jam", 5.0, order="c"),
        bought("ann", "jam", 6.0, quantity=-1),
        until=20,
    )

    found = found_in(shop, {"milk": 0, "jam": 1, "tea": 2})

    assert found.category[0].tolist() == [0, 1, 2, -1, -1]
    assert found.share[0, :3] == pytest.approx([0.5, 0.25, 0.25])


def test_only_five_categories_are_told_and_of_equal_spend_those_bought_more_often() -> None:
    lines = [bought("ann", f"p-{n}", 1.0, price=2.0) for n in range(5)]
    often = [bought("ann", "p-5", float(n), price=1.0) for n in (1, 2)]
    shop = numbered(*lines, *often, until=20)

    found = found_in(shop, {f"p-{n}": n for n in range(6)})

    assert found.category[0].tolist() == [5, 0, 1, 2, 3]
    assert found.share[0] == pytest.approx([1 / 6] * 5)


def test_what_was_given_away_has_no_share() -> None:
    shop = numbered(bought("ann", "leaflet", 1.0, price=0.0), until=20)

    found = found_in(shop, {"leaflet": 0})

    assert found.category[0, 0] == 0
    assert np.isnan(found.share[0, 0])


def test_a_shop_without_categories_says_so() -> None:
    shop = numbered(*basket("ann", "milk", 0.0), *basket("ann", "milk", 90.0), until=100)

    found = found_in(shop, {})

    assert (found.category == -1).all()
    assert np.isnan(found.buys).all()
    assert "0 were known" in found.choice["why"]


def fortnightly() -> Purchases:
    """Customers who buy milk every two weeks, and once, at the beginning, a lamp."""
    rng = np.random.default_rng(7)
    told = []
    for place in range(60):
        first = float(rng.uniform(0, 14))
        told.append(bought(f"c-{place:02d}", "lamp", first, price=400.0, order=f"{place}-0"))
        for n in range(14):
            on = first + 14 * n + float(rng.uniform(0, 1))
            told.append(bought(f"c-{place:02d}", "milk", on, order=f"{place}-{n}"))
    return numbered(*told, until=196)


def test_what_is_bought_every_fortnight_comes_again_and_a_lamp_does_not() -> None:
    found = found_in(fortnightly(), {"lamp": 0, "milk": 1})

    assert found.category[:, :2].tolist() == [[0, 1]] * 60
    assert found.choice["chosen"] == "learned"
    assert found.buys[:, 0].max() < 0.1
    assert found.buys[:, 1].min() > 0.9


def test_customers_in_blocks_or_as_a_sample_are_told_as_all_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, categories = fortnightly(), {"lamp": 0, "milk": 1}
    together = found_in(shop, categories)

    monkeypatch.setattr(category_habits, "BLOCK", 7)
    blocks = found_in(shop, categories)
    monkeypatch.setattr(category_habits, "MOST_TAUGHT", 30)
    sample = found_in(shop, categories)

    assert blocks.category.tolist() == together.category.tolist()
    assert blocks.share[:, :2] == pytest.approx(together.share[:, :2])
    assert blocks.buys[:, :2] == pytest.approx(together.buys[:, :2])
    assert sample.category.tolist() == together.category.tolist()
    assert sample.choice["cases"] == 60
