"""What a run works with, and who is told how far it is."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import polars as pl

from training import budget
from training.budget import Budget
from training.data import purchases
from training.data.coupons import REDEEMED
from training.errors import NothingToLearn
from training.fit import shop
from training.fit.shop import Shop


class Progress(Protocol):
    """Whoever shows how far a run is."""

    def stop(self, name: str) -> AbstractContextManager["Step"]:
        """Begin a stop of the run; it ends with the block."""


class Step(Protocol):
    """One stop, while it lasts."""

    def say(self, words: str) -> None:
        """Tell what is being done within the stop."""

    def done(self, n: int, of: int) -> None:
        """Tell how many of how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The shop's tables, and how to learn from them."""

    lines: pl.DataFrame
    items: pl.DataFrame
    seed: int
    min_buyers: int | None
    promotions: pl.DataFrame | None = None
    """The calendar; None where the shop gives none."""
    feedback: pl.DataFrame | None = None
    """What customers said, as ``training.data.feedback`` reads it; None without a file."""
    redeemed: pl.DataFrame = field(default_factory=REDEEMED.to_frame)
    """Who bought with a coupon: ``training.data.coupons``."""
    listed: pl.Series | None = None
    """Ids of all customers whom the shop knows; None where it does not list them."""
    budget: Budget = field(default_factory=lambda: Budget.of(budget.DEFAULT))

    @property
    def first(self) -> datetime:
        """The time of the first purchase."""
        first = self.lines["timestamp"].min()
        assert isinstance(first, datetime)
        return first

    @property
    def end(self) -> datetime:
        """The second after the last purchase."""
        last = self.lines["timestamp"].max()
        assert isinstance(last, datetime)
        return last + timedelta(seconds=1)

    def fit(self, until: datetime, name: str, progress: Progress) -> Shop:
        """Fit every model of the first stage on what was bought before ``until``.

        Raises:
            NothingToLearn: Nobody bought anything often enough.
        """
        with progress.stop(name) as step:
            step.say("number customers and items")
            bought = purchases.number(
                self.lines, self.items["item_id"], until=until, min_buyers=self.min_buyers
            )
            if bought.known.size == 0:
                raise NothingToLearn(
                    f"before {until:%Y-%m-%d} no customer bought an item often enough to learn "
                    f"from: {bought.n_customers:,} customers, {len(bought.item_ids):,} items, none "
                    "of them with enough buyers that were not given back; expected at least one; "
                    "check --columns customer_id=…, --until and CARTERA_MIN_BUYERS"
                )
            return shop.fit(bought, seed=self.seed, step=step.say)
