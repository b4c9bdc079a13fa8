"""Tea earns 1.50 of 4.00; what milk earns, the items file does not say."""

import polars as pl
import pytest

from tests.training.tiny import bought, day, lines
from training.customers.worth.margins import Margins, margins
from training.data.catalog import as_items
from training.data.purchases import number


def _margins(*, tea: float | None, share: float | None) -> Margins:
    told = lines(
        bought("ann", "milk", 1, price=2.0, quantity=5),
        bought("ann", "tea", 1, price=4.0, quantity=2),
    )
    items = as_items(
        pl.DataFrame(
            {"item_id": ["milk", "tea"], "margin": [None, tea]},
            schema_overrides={"margin": pl.Float64()},
        )
    )
    rows = number(told, items["item_id"], until=day(9), min_buyers=1)
    return margins(rows, items, share=share)


def test_a_margin_is_the_items_times_the_quantity() -> None:
    found = _margins(tea=1.5, share=0.1)

    assert found.lines is not None
    assert sorted(found.lines.tolist()) == pytest.approx([1.0, 3.0])
    assert "44%" in found.why


def test_what_the_items_file_does_not_say_earns_like_the_rest() -> None:
    found = _margins(tea=1.5, share=None)

    assert found.lines is not None
    assert sorted(found.lines.tolist()) == pytest.approx([3.0, 3.75])


def test_the_shops_own_share_holds_where_no_item_says_its_margin() -> None:
    found = _margins(tea=None, share=0.25)

    assert found.lines is not None
    assert sorted(found.lines.tolist()) == pytest.approx([2.0, 2.5])


def test_where_nothing_says_what_is_earned_no_margin_is_made_up() -> None:
    found = _margins(tea=None, share=None)

    assert found.lines is None
    assert "CARTERA_MARGIN_SHARE" in found.why
