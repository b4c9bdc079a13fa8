"""What the server will hold, made from fitted models and the items table."""

from typing import Any

import numpy as np
import orjson
import polars as pl

from models.artifacts.manifest import Manifest
from models.catalogue import Catalogue
from models.customer.summary import Summary
from models.ids import Ids, Texts
from models.loaded import Loaded
from models.shaping.blend import Weights
from training.fit import rebuying
from training.fit.content import Labels
from training.fit.shop import Shop

FRAGMENT_FIELDS = ("item_id", "title", "category", "brand", "price", "currency", "url", "image")


def loaded(
    shop: Shop,
    items: pl.DataFrame,
    manifest: Manifest,
    weights: Weights,
    *,
    labels: Labels | None = None,
    customers: Summary | None = None,
) -> Loaded:
    """Put a release together.

    Args:
        shop: Fitted models.
        items: As ``training.data.catalog`` reads them, every item of the shop among them; with a
            ``currency`` where the purchases name one, and what a unit is ``to_earn`` where that is
            not the margin alone.
        manifest: Without files yet.
        weights: Chosen on the validation windows.
        labels: What ``training.fit.content`` learned; None where every item has a model.
        customers: What is known of them as a whole; None where nobody has asked.
    """
    return Loaded(
        manifest=manifest,
        catalogue=catalogue(shop, items),
        popularity=shop.popularity,
        collaborative=shop.collaborative.model,
        copurchase=shop.copurchase,
        transitions=shop.transitions.model,
        rebuying=rebuying.fit(shop.purchases),
        weights=weights,
        content=labels.model if labels is not None else None,
        customers=customers,
    )


def catalogue(shop: Shop, items: pl.DataFrame) -> Catalogue:
    """Return the items in row order, with each one's part of an answer already serialised."""
    order = pl.DataFrame({"item_id": shop.purchases.item_ids})
    if "currency" not in items.columns:
        items = items.with_columns(currency=pl.lit(None, dtype=pl.String))
    table = order.join(items, on="item_id", how="left", maintain_order="left")
    category, categories = coded(table["category"])
    brand, brands = coded(table["brand"])
    return Catalogue(
        ids=Ids.of(shop.purchases.item_ids),
        titles=Texts.of(table["title"].fill_null("")),
        category=category,
        categories=categories,
        brand=brand,
        brands=brands,
        price=_money(table["price"]),
        margin=_money(table["to_earn" if "to_earn" in table.columns else "margin"]),
        stock=table["stock"].fill_null(-1).cast(pl.Int64).to_numpy(),
        fragments=Texts.of(
            _fragment(fields) for fields in table.select(FRAGMENT_FIELDS).iter_rows(named=True)
        ),
        n_ranked=shop.purchases.n_ranked,
    )


def coded(names: pl.Series) -> tuple[np.ndarray[Any, np.dtype[np.int32]], Texts]:
    """Return the place of each name among the distinct ones, -1 for null, and those in order."""
    distinct = names.drop_nulls().unique().sort()
    places = pl.DataFrame({"name": distinct}).with_row_index("place")
    codes = (
        names.rename("name").to_frame().join(places, on="name", how="left", maintain_order="left")
    )
    return (
        codes["place"].cast(pl.Int32).fill_null(-1).to_numpy(),
        Texts.of(distinct),
    )


def _money(amounts: pl.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    return amounts.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _fragment(fields: dict[str, object]) -> bytes:
    """Return an item's JSON without braces, and without what is not known.

    A currency stands only beside a price.
    """
    if fields["price"] is None:
        fields["currency"] = None
    return orjson.dumps({name: value for name, value in fields.items() if value is not None})[1:-1]
