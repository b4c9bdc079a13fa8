"""How soon an item is bought again, and by how many."""

import pytest

from tests.training.tiny import bought, numbered
from training.fit import rebuying
from training.fit.rebuying import DOUBT

PURCHASES = numbered(
    *(bought("ann", "milk", on, order=f"a{on}") for on in (10, 14, 18)),
    *(bought("bob", "milk", on, order=f"b{on}") for on in (10, 20)),
    *(bought("cat", "milk", on, order=f"c{on}") for on in (10, 40)),
    bought("dan", "milk", 10),
    bought("ann", "jam", 10),
    until=50,
)


def test_the_interval_is_the_median_of_those_who_came_back_for_it() -> None:
    fitted = rebuying.fit(PURCHASES)

    days = dict(zip(PURCHASES.item_ids, fitted.every_days.tolist(), strict=True))
    assert days == {"milk": 10, "jam": 0}


def test_the_share_is_of_all_who_bought_it_and_some_doubt() -> None:
    fitted = rebuying.fit(PURCHASES)

    share = dict(zip(PURCHASES.item_ids, fitted.share.tolist(), strict=True))
    assert share["milk"] == pytest.approx(3 / (4 + DOUBT))
    assert share["jam"] == 0


def test_of_many_customers_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.fit.rebuying.MAX_CUSTOMERS", 2)

    fitted = rebuying.fit(PURCHASES)

    days, share = fitted.of(PURCHASES.item_ids.index("milk"))
    assert days == 4
    assert share == pytest.approx(1 / (2 + DOUBT))


def test_an_item_without_a_model_is_not_known_to_be_bought_again() -> None:
    assert rebuying.fit(PURCHASES).of(len(PURCHASES.item_ids)) == (0, 0.0)
