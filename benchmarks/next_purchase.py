"""Who buys again, how soon and of what: ``make bench-next_purchase``.

The Complete Journey's last twelve weeks are held out. Everything is learned and chosen on what was
bought before them; then we ask of every customer known by then whether they bought within 1, 4 and
12 weeks, when they came, and whether they bought within 4 weeks of each of the five categories on
which they had spent most.

    everybody alike   the share that really came, which nobody knew then
    own rate          orders a day so far, at random (Poisson)
    MBG/NBD           P(alive), and a rate of one's own drawn to the shop's: Batislam et al. 2007

A due date is held against the shop's median gap from the last order, and against the median of all
who were given a date, as it came to be; who did not come in twelve weeks counts as having come at
their end.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.journey import SEED, Journey
from benchmarks.results import Goal, Run
from models.artifacts.customer_record import DAY_ZERO
from models.customer.value import SOON_WEEKS
from training.customers.coming import next_purchase, soon, visits
from training.customers.coming.next_purchase import NextPurchase
from training.customers.coming.soon import EVERYBODY, OWN_RATE, Case
from training.customers.coming.visits import Visits
from training.data import purchases
from training.data.orders import Orders, orders
from training.data.purchases import Purchases
from training.fit import calibration
from training.fit.loaded import coded
from training.fit.mbg_nbd import MBGNBD
from training.fit.repeat_buying import counts
from training.judge import chances

HOLD_OUT = timedelta(weeks=12)
GOALS = dict(zip(SOON_WEEKS, (0.824, 0.865, 0.899), strict=True))
OURS, MBG = "Cartera", "MBG/NBD"

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The shop when the hold-out began, and what came."""

    bought: Purchases
    orders: Orders
    category: NDArray[np.int32]
    later: pl.DataFrame
    """Lines of the hold-out: customer and category by their places, and days from its begin."""

    @classmethod
    def of(cls, journey: Journey) -> "Before":
        """Cut the last twelve weeks off."""
        last = journey.lines.select(pl.col("timestamp").max()).item()
        cut = last + timedelta(seconds=1) - HOLD_OUT
        bought = purchases.number(journey.lines, journey.items["item_id"], until=cut)
        order = pl.DataFrame({"item_id": bought.item_ids})
        labels = order.join(journey.items, on="item_id", how="left", maintain_order="left")
        category, _ = coded(labels["category"])
        customers = pl.DataFrame({"customer_id": bought.customer_ids}).with_row_index("customer")
        later = (
            journey.lines.filter((pl.col("timestamp") >= cut) & (pl.col("quantity") > 0))
            .join(customers, on="customer_id")
            .join(order.with_columns(category=pl.Series(category)), on="item_id")
            .select(
                "customer",
                "category",
                days=(pl.col("timestamp") - cut).dt.total_seconds()
                / timedelta(days=1).total_seconds(),
            )
        )
        return cls(bought=bought, orders=orders(bought), category=category, later=later)

    def next_days(self) -> Numbers:
        """Return in how many days each customer came next; inf where they did not."""
        days = np.full(self.bought.n_customers, np.inf)
        first = self.later.group_by("customer").agg(pl.col("days").min())
        days[first["customer"].to_numpy()] = first["days"].to_numpy()
        return days


def main() -> None:
    """Run the benchmark, print its tables and write its figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run, out = Run.begin("next_purchase", "make bench-next_purchase"), Console(width=100)
    before = Before.of(Journey.read())
    found = next_purchase.fit(
        before.orders,
        before.bought,
        category=before.category,
        seed=SEED,
        step=lambda words: out.print(f"[dim]{words}[/dim]"),
    )
    figures = _soon(before, found) | _categories(before, found)
    dates = _dates(before, found)
    out.print(_table(figures))
    for name, error in dates.items():
        out.print(f"{name}: {error:.2f}")
    run.end(
        {
            f"{what}, {way}: {metric}": value
            for what, ways in figures.items()
            for way, metrics in ways.items()
            for metric, value in metrics.items()
        }
        | dates,
        _goals(figures, dates),
        raw={"choice": found.choice, "evidence": found.evidence},
    )


def _soon(before: Before, found: NextPurchase) -> dict[str, dict[str, dict[str, float]]]:
    """Judge the chances of buying within each horizon, beside the baselines."""
    shop, next_days = visits.to_shop(before.orders), before.next_days()
    now = Case(
        columns=np.empty((shop.times.size, 0)),
        past=shop,
        next_days=next_days,
        customer=np.arange(shop.times.size),
    )
    figures = {}
    for place, weeks in enumerate(SOON_WEEKS):
        came = next_days < 7 * weeks
        told = {
            OURS: found.buys[:, place].astype(np.float64),
            EVERYBODY: np.full(came.size, came.mean()),
            OWN_RATE: soon.own_rate(now, 7.0 * weeks),
            MBG: _mbg(before.orders, weeks),
        }
        figures[_within(weeks)] = _judged(told, came)
    return figures


def _mbg(shop: Orders, weeks: float) -> Numbers:
    """Return the chances by MBG/NBD: who is alive cannot leave before buying once more."""
    customers = counts(shop)
    x, t_x, age = customers.frequency, customers.recency, customers.age
    fitted = MBGNBD.fit(customers)
    waits = (fitted.r + x) * np.log1p(weeks / (fitted.alpha + age))
    return np.asarray(fitted.alive(x, t_x, age) * -np.expm1(-waits), dtype=np.float64)


def _categories(before: Before, found: NextPurchase) -> dict[str, dict[str, dict[str, float]]]:
    """Judge the chances of buying of a category within 4 weeks."""
    n_categories = int(before.category.max()) + 1
    soon_bought = before.later.filter((pl.col("days") < 28) & (pl.col("category") >= 0))
    keys = soon_bought["customer"].to_numpy().astype(np.int64) * n_categories
    keys += soon_bought["category"].to_numpy()
    customer, place = np.nonzero(found.category >= 0)
    own = customer * n_categories + found.category[customer, place]
    came = np.isin(own, keys)
    told = {
        OURS: found.category_buys[customer, place].astype(np.float64),
        EVERYBODY: np.full(came.size, came.mean()),
        OWN_RATE: _category_rate(before, own, n_categories),
    }
    return {"buys of a category within 4 weeks": _judged(told, came)}


def _category_rate(before: Before, own: NDArray[np.int64], n_categories: int) -> Numbers:
    """Return the chances of who buys of a category as often as so far."""
    bought, codes = before.bought, before.category[before.bought.item]
    there = (codes >= 0) & (bought.customer >= 0)
    pair = bought.customer[there].astype(np.int64) * n_categories + codes[there]
    order, age = bought.order[there], bought.age_days[there]
    _, once = np.unique(np.column_stack([pair, order]), axis=0, return_index=True)
    pair, age = pair[once], age[once]
    names, times = np.unique(pair, return_counts=True)
    first = np.zeros(names.size)
    np.maximum.at(first, np.searchsorted(names, pair), age)
    place = np.searchsorted(names, own)
    return np.asarray(-np.expm1(-28 * times[place] / np.maximum(first[place], 28)))


def _judged(told: Mapping[str, Numbers], came: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "AUC": chances.auc(each, came),
            "log loss": float(chances.log_losses(each, came).mean()),
            "calibration error": calibration.error(each.astype(np.float32), came),
        }
        for name, each in told.items()
    }


def _dates(before: Before, found: NextPurchase) -> dict[str, float]:
    """Return mean errors of the due dates and of the guesses beside them, in days."""
    shop: Visits = visits.to_shop(before.orders)
    reach = HOLD_OUT / timedelta(days=1)
    dated = found.due_day > 0
    today = (np.datetime64(before.orders.until.replace(tzinfo=None)) - DAY_ZERO) / np.timedelta64(
        1, "D"
    )
    came = np.minimum(before.next_days(), reach)[dated]
    due = found.due_day[dated] + 0.5 - today  # a day of the calendar, by its noon
    shop_gap = np.maximum(np.median(shop.gaps) - shop.last[dated], 0)
    guesses = {
        "Cartera": np.clip(due, 0, reach),
        "last order + the shop's median gap": np.minimum(shop_gap, reach),
        "the median of those dated": np.full(came.size, np.median(came)),
    }
    errors = {
        f"due date, {name}: mean error, days": float(np.abs(guess - came).mean())
        for name, guess in guesses.items()
    }
    return errors | {"due date: share of customers": float(dated.mean())}


def _goals(
    figures: Mapping[str, Mapping[str, Mapping[str, float]]], dates: Mapping[str, float]
) -> dict[str, Goal]:
    ahead = {
        f"{what}: log loss over the best baseline": Goal.at_most(
            ways[OURS]["log loss"],
            min(one["log loss"] for way, one in ways.items() if way != OURS),
        )
        for what, ways in figures.items()
    }
    reached = {
        f"{_within(weeks)}: AUC": Goal.at_least(figures[_within(weeks)][OURS]["AUC"], goal)
        for weeks, goal in GOALS.items()
    }
    ours, *guesses = (error for name, error in dates.items() if name.endswith("days"))
    return reached | ahead | {"due date: mean error, days": Goal.at_most(ours, min(guesses))}


def _within(weeks: int) -> str:
    return f"buys within {weeks} week{'s' * (weeks > 1)}"


def _table(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    table = Table("", "", "AUC", "log loss", "calibration error")
    for what, ways in figures.items():
        for way, metrics in ways.items():
            table.add_row(what, way, *(f"{value:.4f}" for value in metrics.values()))
    return table


if __name__ == "__main__":
    main()
