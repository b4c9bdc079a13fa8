"""Public data sets that papers are compared on, written as purchases in our columns.

    gowalla_train.parquet, gowalla_test.parquet   user, item: the LightGCN split
    tafeng_baskets.parquet       user, basket_no (0 is the oldest), item, is_future
    beauty_sequences.parquet     user, pos (0 is the oldest), item: Amazon Beauty, 5-core
    online_retail.parquet        as UCI publishes it

None of them is shipped here, and where one is missing the benchmark says where it is to be had.
Ta-Feng's and Beauty's have an order in time and no dates: each customer's baskets are put 28 days
apart, counted back from a last day that all have in common, so that our windows of 28 days leave
one basket out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from training.data.read import read_purchases

WINDOW = timedelta(days=28)
LAST_DAY = datetime(2020, 1, 1, 12, tzinfo=UTC)
"""When every customer's last basket was bought, where the set has no dates."""

SOURCES = {
    "gowalla_train.parquet": "https://github.com/gusye1234/LightGCN-PyTorch (data/gowalla)",
    "gowalla_test.parquet": "https://github.com/gusye1234/LightGCN-PyTorch (data/gowalla)",
    "tafeng_baskets.parquet": "https://github.com/liming-7/A-Next-Basket-Recommendation-Reality-Check",
    "beauty_sequences.parquet": "https://github.com/RUCAIBox/CIKM2020-S3Rec (data/Beauty.txt)",
    "online_retail.parquet": "https://archive.ics.uci.edu/dataset/352/online+retail",
}


def missing(folder: Path) -> dict[str, str]:
    """Return the files that ``folder`` lacks, and where each is to be had."""
    return {name: source for name, source in SOURCES.items() if not (folder / name).exists()}


def before(n_baskets: int) -> datetime:
    """Return the moment from which each customer has ``n_baskets`` left, in a set without dates."""
    return LAST_DAY - n_baskets * WINDOW + WINDOW / 2


def beauty(folder: Path) -> pl.DataFrame:
    """Return Beauty's purchases, every item an order of its own."""
    told = pl.read_parquet(folder / "beauty_sequences.parquet")
    return _spaced(told.rename({"pos": "basket"}))


def ta_feng(folder: Path) -> pl.DataFrame:
    """Return Ta-Feng's purchases, the basket to be foretold included."""
    told = pl.read_parquet(folder / "tafeng_baskets.parquet")
    return _spaced(told.rename({"basket_no": "basket"}))


def gowalla(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return Gowalla's check-ins that teach and those that examine, all of one day."""
    parts = (pl.read_parquet(folder / f"gowalla_{part}.parquet") for part in ("train", "test"))
    teaches, examines = (_lines(part, back=pl.lit(0)) for part in parts)
    return teaches, examines


def online_retail(folder: Path) -> pl.DataFrame:
    """Return Online Retail's purchases, read as any shop's file."""
    with TemporaryDirectory() as rejects:
        return read_purchases(
            folder / "online_retail.parquet",
            rejects=Path(rejects) / "rejects.csv",
            columns={
                "customer_id": "CustomerID",
                "item_id": "StockCode",
                "timestamp": "InvoiceDate",
                "quantity": "Quantity",
                "price": "UnitPrice",
                "order_id": "InvoiceNo",
            },
        ).lines


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShop:
    """A set as a shop for the automatic choice."""

    lines: Callable[[Path], pl.DataFrame]
    cut: datetime
    """What was bought from here on is foretold."""
    min_buyers: int | None
    """1 where papers rank every item; None is the trainer's own choice."""


def _spaced(told: pl.DataFrame) -> pl.DataFrame:
    back = pl.col("basket").rank("dense", descending=True).over("user").cast(pl.Int64) - 1
    return _lines(told, back=back)


def _lines(told: pl.DataFrame, *, back: pl.Expr) -> pl.DataFrame:
    """Return ``told`` as ``training.data.read`` would, ``back`` windows before the last day."""
    days = back * WINDOW.days
    return told.select(
        customer_id=pl.col("user").cast(pl.String),
        item_id=pl.col("item").cast(pl.String),
        timestamp=(pl.lit(LAST_DAY) - pl.duration(days=days)).dt.cast_time_unit("us"),
        quantity=pl.lit(1.0),
        price=pl.lit(1.0),
        order_id=back.cast(pl.String),
        store_id=pl.lit(None, dtype=pl.String),
        discount=pl.lit(None, dtype=pl.Float64),
    )


SHOPS: Mapping[str, OpenShop] = {
    "Online Retail": OpenShop(
        lines=online_retail, cut=datetime(2011, 11, 1, tzinfo=UTC), min_buyers=None
    ),
    "Beauty": OpenShop(lines=beauty, cut=before(1), min_buyers=1),
    "Ta-Feng": OpenShop(lines=ta_feng, cut=before(1), min_buyers=1),
}
