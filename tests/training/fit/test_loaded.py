"""What the server will hold is what the items table says, in row order."""

from typing import Any

import numpy as np
import orjson
import polars as pl
import pytest

from models.arrays import Codes
from models.artifacts.manifest import Manifest
from models.ids import Texts
from models.loaded import Loaded
from tests.training.fitted import fitted
from tests.training.tiny import basket, day, items_of, lines
from training.data.catalog import as_items
from training.data.purchases import number
from training.fit.blend import START
from training.fit.loaded import catalogue, loaded
from training.fit.shop import Shop, fit

TOLD = lines(
    *basket("ann", "milk pão wine", 1),
    *basket("bob", "milk pão", 2),
    *basket("cid", "milk", 3),
)
ORDER = ["milk", "pão", "wine"]


@pytest.fixture(scope="module")
def shop() -> Shop:
    return fitted(TOLD, until=4)


def items(**columns: dict[str, Any]) -> pl.DataFrame:
    return items_of(TOLD, **columns).sort("item_id", descending=True)


def texts(codes: Codes, names: Texts) -> list[str | None]:
    return [names[code] if code >= 0 else None for code in codes]


def test_items_stand_in_row_order_whatever_the_tables_order(shop: Shop) -> None:
    made = catalogue(shop, items())

    assert [made.ids.id_of(row) for row in range(3)] == ORDER
    assert made.n_ranked == 3


def test_every_column_finds_its_item(shop: Shop) -> None:
    made = catalogue(
        shop,
        items(
            title={"pão": "Pão", "milk": "Milk 1 l"},
            category={"milk": "dairy", "pão": "bakery", "wine": "drinks"},
            brand={"wine": "Alba", "milk": "Alba"},
            price={"milk": 1.5, "wine": 9.0},
            margin={"pão": 0.25},
            stock={"pão": 0, "wine": 7},
        ),
    )

    assert [made.titles[row] for row in range(3)] == ["Milk 1 l", "Pão", ""]
    assert texts(made.category, made.categories) == ["dairy", "bakery", "drinks"]
    assert texts(made.brand, made.brands) == ["Alba", None, "Alba"]
    assert np.array_equal(made.price, [1.5, np.nan, 9.0], equal_nan=True)
    assert np.array_equal(made.margin, [np.nan, 0.25, np.nan], equal_nan=True)
    assert made.stock.tolist() == [-1, 0, 7]


def test_what_a_unit_is_to_earn_goes_before_the_margin_of_the_file(shop: Shop) -> None:
    told = items(margin={"pão": 0.25}).with_columns(to_earn=pl.lit(0.5))

    assert catalogue(shop, told).margin.tolist() == [0.5, 0.5, 0.5]


def test_names_of_categories_stand_by_their_bytes_each_once() -> None:
    names = ["zebra", "Zoo", "ñandú", "éclair", "zebra"]
    told = lines(*basket("ann", "a b c d e", 1))
    table = items_of(told, category=dict(zip("abcde", names, strict=True)))

    made = catalogue(fitted(told, until=2), table)

    assert [made.categories[place] for place in range(4)] == ["Zoo", "zebra", "éclair", "ñandú"]


def test_an_answers_part_leaves_out_what_is_not_known(shop: Shop) -> None:
    made = catalogue(
        shop,
        items(
            title={"pão": 'Pão "de água"'},
            price={"pão": 1.5},
            url={"pão": "https://shop.example/pão"},
            stock={"pão": 3},
            margin={"pão": 0.5},
        ),
    )

    parts = [orjson.loads(b"{%b}" % made.fragments.raw(row)) for row in range(3)]
    assert parts == [
        {"item_id": "milk"},
        {
            "item_id": "pão",
            "title": 'Pão "de água"',
            "price": 1.5,
            "url": "https://shop.example/pão",
        },
        {"item_id": "wine"},
    ]


def test_an_item_that_nobody_bought_stands_behind_the_others() -> None:
    truffle = pl.DataFrame({"item_id": ["truffle"], "category": ["pantry"]})
    rows = number(TOLD, truffle["item_id"], until=day(4), min_buyers=1)

    made = catalogue(fit(rows, seed=7), pl.concat([as_items(truffle), items()]))

    assert [made.ids.id_of(row) for row in range(4)] == [*ORDER, "truffle"]
    assert texts(made.category, made.categories) == [None, None, None, "pantry"]
    assert made.n_ranked == 3


def test_a_release_is_put_together_and_survives_its_own_arrays(shop: Shop) -> None:
    manifest = Manifest(
        version="v",
        created_at="2024-01-05T00:00:00+00:00",
        first_purchase="2024-01-01T00:00:00+00:00",
        last_purchase="2024-01-04T00:00:00+00:00",
        counts={},
        settings={},
        weights={name: getattr(START, name) for name in START.__slots__},
        metrics={},
    )

    fresh = loaded(shop, items(), manifest, START)
    again = Loaded.from_arrays(manifest, fresh.arrays())

    assert again.weights == START
    assert again.popularity.buyers.tolist() == [3, 2, 1]
    assert np.array_equal(again.collaborative.items, shop.collaborative.model.items)
    assert np.array_equal(again.copurchase.companions, shop.copurchase.companions)


def test_the_currency_of_the_purchases_stands_beside_each_price(shop: Shop) -> None:
    priced = items(price={"milk": 1.5, "wine": 9.0}).with_columns(currency=pl.lit("EUR"))

    made = catalogue(shop, priced)

    fragments = [orjson.loads(b"{" + made.fragments.raw(row) + b"}") for row in range(3)]
    assert [fragment.get("currency") for fragment in fragments] == ["EUR", None, "EUR"]
