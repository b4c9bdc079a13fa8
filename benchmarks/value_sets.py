"""Shops whose customers' later spend is known: what forecasts of value are judged on.

    CDNOW            all 23,570 buyers of an on-line music shop's first quarter of 1997, followed
                     for 78 weeks; in the package ``lifetimes``
    Complete Journey a year of 2,467 households at a grocer (simulated, its page says, based on
                     real patterns)
    Online Retail    a year of a British wholesaler of gifts, as UCI publishes it; not shipped

Each is cut once: models see what was bought before, and are judged by what customers known by then
spend in the weeks from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.published_sets import SOURCES
from models.customer.value import HORIZONS_WEEKS
from training.customers.worth.past import DAYS_PER_WEEK, Next, following, then
from training.data.orders import Orders
from training.fit.repeat_buying import Numbers

RETAIL_FILE = "online_retail.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A shop before a cut, and what came after."""

    name: str
    orders: Orders
    """Before the cut."""
    weeks: int
    """How long customers were followed."""
    came: Next
    soon: Mapping[int, Next]
    """What came within the shorter horizons that are served, by weeks."""

    @classmethod
    def of(cls, name: str, bought: pl.DataFrame, *, until: datetime, weeks: int) -> "Held":
        """Cut a shop.

        Args:
            name: Of the set.
            bought: ``customer``, ``order``, ``at`` (naive, UTC) and ``spend``, a line or more an
                order.
            until: Aware: the end of what is looked at.
            weeks: How long before the cut is.
        """
        whole = orders_of(bought, until=until)
        moment = then(whole, weeks * DAYS_PER_WEEK)
        came = following(whole, moment, weeks * DAYS_PER_WEEK)
        soon = {
            horizon: following(whole, moment, horizon * DAYS_PER_WEEK)
            for horizon in HORIZONS_WEEKS
            if horizon <= weeks
        }
        return cls(name=name, orders=moment.orders, weeks=weeks, came=came, soon=soon)

    @property
    def spent(self) -> Numbers:
        """What each customer spent after the cut."""
        return self.came.spend


def cdnow() -> Held:
    """Return CDNOW, cut after 1997-09-30: 39 weeks before, 39 weeks after."""
    found = find_spec("lifetimes")
    assert found is not None
    assert found.origin is not None
    text = (Path(found.origin).parent / "datasets" / "CDNOW_master.txt").read_text()
    rows = [line.split() for line in text.splitlines()[1:] if line.strip()]
    bought = pl.DataFrame(
        {
            "customer": [row[0] for row in rows],
            "order": [row[1] for row in rows],
            "at": [datetime.strptime(row[1], "%Y%m%d") for row in rows],  # noqa: DTZ007
            "spend": [float(row[3]) for row in rows],
        }
    )
    return Held.of("CDNOW", bought, until=datetime(1998, 7, 1, tzinfo=UTC), weeks=39)


def complete_journey(lines: pl.DataFrame) -> Held:
    """Return the demo shop, cut 12 weeks before its end."""
    bought = lines.select(
        customer="customer_id",
        order="order_id",
        at=pl.col("timestamp").dt.replace_time_zone(None),
        spend=pl.col("price") * pl.col("quantity"),
    )
    return Held.of("Complete Journey", bought, until=_end(bought), weeks=12)


def online_retail(folder: Path) -> Held:
    """Return Online Retail, cut 13 weeks before its end.

    Left out: lines without a customer, cancelled invoices, and what has no quantity or price.
    """
    bought = (
        pl.read_parquet(folder / RETAIL_FILE)
        .filter(
            pl.col("CustomerID").is_not_null(),
            ~pl.col("InvoiceNo").str.starts_with("C"),
            pl.col("Quantity") > 0,
            pl.col("UnitPrice") > 0,
        )
        .select(
            customer=pl.col("CustomerID").cast(pl.String),
            order="InvoiceNo",
            at=pl.col("InvoiceDate").cast(pl.Datetime("us")),
            spend=pl.col("UnitPrice") * pl.col("Quantity"),
        )
    )
    return Held.of("Online Retail", bought, until=_end(bought), weeks=13)


def where_retail() -> str:
    """Return where Online Retail is to be had."""
    return SOURCES[RETAIL_FILE]


def orders_of(bought: pl.DataFrame, *, until: datetime) -> Orders:
    """Return the orders before a moment, of lines as ``Held.of`` takes them."""
    orders = (
        bought.filter(pl.col("at") < until.replace(tzinfo=None))
        .group_by("customer", "order")
        .agg(pl.col("at").min(), pl.col("spend").sum())
        .with_columns(pl.col("customer").rank("dense").cast(pl.Int32) - 1)
        .sort("customer", "at", "order")
    )
    customer = orders["customer"].to_numpy()
    age = (pl.lit(until.replace(tzinfo=None)) - pl.col("at")).dt.total_microseconds() / 86_400e6
    return Orders(
        until=until,
        starts=np.searchsorted(customer, np.arange(customer.max() + 2)),
        customer=customer,
        age_days=orders.select(age=age)["age"].to_numpy(),
        spend=orders["spend"].to_numpy(),
        saved=np.zeros(customer.size),
        margin=np.full(customer.size, np.nan),
    )


def _end(bought: pl.DataFrame) -> datetime:
    last = bought.select(pl.col("at").max()).item()
    assert isinstance(last, datetime)
    return last.replace(tzinfo=UTC) + timedelta(microseconds=1)
