"""Who redeems an offer that is about to be sent: from what they bought and redeemed before it.

An offer covers items. Of each customer and offer the columns say how the customer shops, what came
of offers that they were sent before, and how often and how lately they bought what this one covers
and what is of its categories. Logistic regression weighs them; it learns from offers that have
ended. Only what was known the day before an offer is sent counts.

Counts and days enter as log(1 + x), for the tenth time says less than the first.

Source: Neslin, "Sales Promotion", Marketing Science Institute 2002 (who uses coupons: past
users, and buyers of the brand). Redemption is not gain: who redeems may have bought anyway
(``training.fit.uplift``).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.fit import logistic
from training.fit.logistic import Chances, Logistic

NEVER_DAYS = 400.0
"""Stands for the days since what never happened."""
RECENT_DAYS = 56
HABITS = ("orders", "orders of late", "spend", "categories", "lines by coupon", "by coupon of late")
RECORD = ("redeemed", "redeemed of late", "offers redeemed", "sent")
MATCH = ("times", "times of late", "items", "paid", "by coupon before")
SIMILAR = ("times of category", "paid in category")
SINCE = ("days since order", "days since redeemed", "days since covered")
OFFER = ("items covered", "offers sent that day")
LOGGED = (*HABITS, *RECORD, *MATCH, *SIMILAR, *SINCE, *OFFER)
_DAY = pl.col("day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a shop knows of purchases and offers; every day a date."""

    lines: pl.DataFrame
    """`customer_id`, `order_id`, `item_id`, `category`, `paid`, `by_coupon`, `day`."""
    redeemed: pl.DataFrame
    """A row a redemption: `customer_id`, `campaign`, `day`."""
    sent: pl.DataFrame
    """A row a customer and campaign: `customer_id`, `campaign`, `day`, the first it was valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """Who redeems, as it was learned."""

    model: Logistic

    def chances(self, cases: pl.DataFrame) -> Chances:
        """Return the chance that each is redeemed; ``cases`` as ``known`` returns them."""
        return self.model.probability(_columns(cases))


def fit(cases: pl.DataFrame, redeemed: NDArray[np.bool_]) -> Redemption:
    """Learn from cases of offers that have ended.

    Args:
        cases: As ``known`` returns them.
        redeemed: Shape ``(n_cases,)``; some were redeemed and some were not.
    """
    return Redemption(model=logistic.fit(_columns(cases), redeemed))


def known(past: Past, asked: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
    """Return the cases with what was known of each the day before, sorted by day.

    Args:
        past: May reach beyond the days; what is later is not looked at.
        asked: A row a case: `customer_id`, `offer`, `day`, and whatever else is to be kept.
        covers: `offer` and `item_id`, a row each item.
    """
    days = asked["day"].unique().sort()
    return pl.concat([_of_a_day(past, asked.filter(day == _DAY), covers) for day in days])


def _of_a_day(past: Past, asked: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
    (day,) = asked["day"].unique()
    offers = asked.select("offer").unique()
    covers = covers.join(offers, on="offer", how="semi")
    lines, redeemed, sent = (
        each.filter(day > _DAY).with_columns(ago=(pl.lit(day) - _DAY).dt.total_days())
        for each in (past.lines, past.redeemed, past.sent)
    )
    late = pl.col("ago") <= RECENT_DAYS
    record = redeemed.group_by("customer_id").agg(
        pl.len().alias("redeemed"),
        late.sum().alias("redeemed of late"),
        pl.col("campaign").n_unique().alias("offers redeemed"),
        pl.col("ago").min().alias("days since redeemed"),
    )
    counted = covers.group_by("offer").agg(pl.len().alias("items covered"))
    return (
        asked.join(_habits(lines), on="customer_id", how="left", maintain_order="left")
        .join(record, on="customer_id", how="left", maintain_order="left")
        .join(
            sent.group_by("customer_id").agg(pl.len().alias("sent")),
            on="customer_id",
            how="left",
            maintain_order="left",
        )
        .join(_match(lines, covers), on=["customer_id", "offer"], how="left", maintain_order="left")
        .join(
            _similar(lines, covers), on=["customer_id", "offer"], how="left", maintain_order="left"
        )
        .join(counted, on="offer", how="left", maintain_order="left")
        .with_columns(pl.lit(offers.height).alias("offers sent that day"))
        .with_columns(pl.col(SINCE).fill_null(NEVER_DAYS).cast(pl.Float64))
        .with_columns(pl.col(name for name in LOGGED if name not in SINCE).fill_null(0))
    )


def _habits(lines: pl.DataFrame) -> pl.DataFrame:
    late = pl.col("ago") <= RECENT_DAYS
    return lines.group_by("customer_id").agg(
        pl.col("order_id").n_unique().alias("orders"),
        pl.col("order_id").filter(late).n_unique().alias("orders of late"),
        pl.col("paid").sum().alias("spend"),
        pl.col("category").n_unique().alias("categories"),
        pl.col("by_coupon").sum().alias("lines by coupon"),
        (pl.col("by_coupon") & late).sum().alias("by coupon of late"),
        pl.col("ago").min().alias("days since order"),
    )


def _match(lines: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
    late = pl.col("ago") <= RECENT_DAYS
    return (
        lines.join(covers, on="item_id")
        .group_by("customer_id", "offer")
        .agg(
            pl.col("order_id").n_unique().alias("times"),
            pl.col("order_id").filter(late).n_unique().alias("times of late"),
            pl.col("item_id").n_unique().alias("items"),
            pl.col("paid").sum().alias("paid"),
            pl.col("by_coupon").sum().alias("by coupon before"),
            pl.col("ago").min().alias("days since covered"),
        )
    )


def _similar(lines: pl.DataFrame, covers: pl.DataFrame) -> pl.DataFrame:
    """Return what was bought of an offer's categories; an order counts in each of them."""
    category_of = lines.select("item_id", "category").unique("item_id").drop_nulls()
    categories = covers.join(category_of, on="item_id").select("offer", "category").unique()
    return (
        lines.group_by("customer_id", "category")
        .agg(pl.col("order_id").n_unique().alias("n"), pl.col("paid").sum())
        .join(categories, on="category")
        .group_by("customer_id", "offer")
        .agg(
            pl.col("n").sum().alias("times of category"),
            pl.col("paid").sum().alias("paid in category"),
        )
    )


def _columns(cases: pl.DataFrame) -> NDArray[np.float64]:
    logged = np.log1p(cases.select(LOGGED).cast(pl.Float64).to_numpy())
    rate = (cases["offers redeemed"] / (cases["sent"] + 2)).to_numpy()
    share = (cases["paid"] / (cases["spend"] + 1)).to_numpy()
    ever = (cases["redeemed"] > 0).cast(pl.Float64).to_numpy()
    return np.column_stack([logged, rate, share, ever])
