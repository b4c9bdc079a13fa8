"""What each customer is worth: what they brought, and what they are likely to bring.

    history ──► back-test ──► a mix of forecasts of spend, a purchase model, and how far they err
    all customers ──► P(alive), purchases and spend over each horizon, lifetime value, intervals

Lifetime value is the margin that a customer is expected to earn the shop within the horizon, what
comes later counting less; where no margin is known it is the money they pay, and says so.

What is foretold is a mean: right in sum, and too high for most wherever most buy nothing; the
interval says so. All is learned on a sample where there are many customers, and told for each of
them, a block at a time.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.customer.summary import Sum, Within
from models.customer.value import HORIZONS_WEEKS
from training.customers.worth import evidence as value_evidence
from training.customers.worth.brought import Worth
from training.customers.worth.held_out import held_out
from training.customers.worth.intervals import Spread
from training.customers.worth.learned import Learned, learn
from training.customers.worth.outlook import Outlook
from training.customers.worth.past import of_customers
from training.customers.worth.seen import Seen
from training.customers.worth.together import Floats, Members, Together
from training.data.orders import Orders
from training.errors import NothingToLearn
from training.fit.repeat_buying import Numbers

BLOCK = 250_000
"""Customers that are foretold at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What is known of n customers, in the order of their rows; nan where nothing can be told."""

    alive: Floats
    """Shape ``(n,)``: probability that each is still a customer."""
    purchases: Floats
    """Shape ``(n, horizons, 3)``: days with an order within ``HORIZONS_WEEKS``; expected, low and
    high of an interval that holds what comes four times in five."""
    spend: Floats
    """Likewise, money paid."""
    clv: Floats
    """Shape ``(n, 3)``: lifetime value, likewise; in the money of ``basis``."""
    historic: Floats
    """Shape ``(n,)``: brought so far, in the money of ``basis``."""
    basis: Literal["margin", "revenue"]
    choice: Mapping[str, Any]
    """What was chosen, why, and the figures behind it."""
    evidence: Mapping[str, Any]
    """What the report draws: see ``training.customers.worth.evidence`` and ``held_out``."""
    clv_variance: Floats
    """Shape ``(n,)``: of that part of the error of lifetime value that is each customer's own."""
    purchases_variance: Floats
    """Shape ``(n, horizons)``: likewise, of purchases."""
    spend_variance: Floats
    """Likewise, of spend."""
    together: Together
    """The errors that customers share."""
    horizon_weeks: int

    def summed(self, members: Members) -> Sum | None:
        """Return the lifetime value of a group; None where nothing can be told."""
        return self.together.total(
            members, self.clv[:, 0], variance=self.clv_variance, weeks=self.horizon_weeks
        )

    def purchases_of(self, members: Members) -> tuple[Within, ...] | None:
        """Return on how many days a group will order, by horizon; None as in ``summed``.

        The level of purchases is taken to wander as that of spend does, and forecasts of them to
        fit customers as ill.
        """
        return self.together.within(members, self.purchases, variance=self.purchases_variance)

    def spend_of(self, members: Members) -> tuple[Within, ...] | None:
        """Return what a group will pay, by horizon; None as in ``summed``."""
        return self.together.within(members, self.spend, variance=self.spend_variance)

    def alive_of(self, members: Members) -> float | None:
        """Return how many of a group are still customers; None where nothing can be told."""
        if np.isnan(self.alive).any():
            return None
        return float(self.alive[members].sum(dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What lifetime value means here."""

    horizon_weeks: int
    annual_rate: float


def fit(
    orders: Orders,
    *,
    horizon_weeks: int,
    annual_rate: float,
    seed: int,
    step: Callable[[str], None],
) -> Value:
    """Learn what customers are worth.

    Where history is too short, or nobody ever came back, only what they brought is told, and
    ``choice`` says why.

    Args:
        orders: Of at least one customer.
        horizon_weeks: How far lifetime value looks.
        annual_rate: By what share money of a year later counts less, at least 0.
        seed: Where chance begins; equal seeds and orders give equal values.
        step: Told what is being done.
    """
    worth = Worth.of(orders)
    terms = Terms(horizon_weeks=horizon_weeks, annual_rate=annual_rate)
    horizons = [float(weeks) for weeks in (*HORIZONS_WEEKS, horizon_weeks)]
    try:
        learned = learn(orders, horizons=horizons, seed=seed, step=step)
    except NothingToLearn as problem:
        return _unknown(worth, why=str(problem), horizon_weeks=horizon_weeks)
    step(f"value of {orders.n_customers:,} customers")
    begins = range(0, orders.n_customers, BLOCK)
    blocks = [
        _foretold(
            learned,
            of_customers(orders, np.arange(begin, min(begin + BLOCK, orders.n_customers))),
            terms,
            share=worth.share[begin : begin + BLOCK],
        )
        for begin in begins
    ]
    told = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    misfit = told.pop("misfit")
    return Value(
        **told,
        historic=worth.historic.astype(np.float32),
        basis=worth.basis,
        choice=learned.in_words() | {"basis": worth.basis},
        evidence=value_evidence.of_learned(learned)
        | held_out(orders, weeks=learned.models.weeks, seed=seed, step=step)
        | value_evidence.of_customers(worth.historic, told["clv"][:, 0].astype(np.float64)),
        together=Together(misfit=misfit, wander=learned.wander),
        horizon_weeks=horizon_weeks,
    )


def _foretold(
    learned: Learned, orders: Orders, terms: Terms, *, share: Numbers
) -> dict[str, Floats]:
    """Return the columns of ``Value`` that look ahead, for a block of customers.

    Args:
        learned: What was learned.
        orders: Of these customers.
        terms: What lifetime value is.
        share: What of each one's money counts as value.
    """
    seen = Seen.of(orders, weeks=learned.models.weeks, history=learned.history)
    outlook = Outlook.of(seen, learned.models, learned.choice)
    told: dict[str, list[Floats]] = defaultdict(list)
    for weeks in HORIZONS_WEEKS:
        often, much = outlook.purchases(weeks), outlook.spend(weeks)
        for name, expected, spread in (
            ("purchases", often, learned.purchases_spread(weeks)),
            ("spend", much, learned.spread(weeks)),
        ):
            told[name].append(_around(spread, expected, purchases=often))
            told[f"{name}_variance"].append(_variance(spread, expected, purchases=often))
    horizon = terms.horizon_weeks
    spread = learned.spread(horizon)
    expected = outlook.purchases(horizon)
    clv = share * outlook.lifetime(horizon, annual_rate=terms.annual_rate)
    interval = _around(spread, clv, purchases=expected)
    interval[:, 1:] = np.sort(interval[:, 1:], axis=1)  # who costs money has a low below the high
    return {name: np.stack(columns, axis=1) for name, columns in told.items()} | {
        "alive": outlook.alive.astype(np.float32),
        "clv": interval,
        "clv_variance": _variance(spread, clv, purchases=expected),
        "misfit": learned.misfit.of(outlook.level).astype(np.float32),
    }


def _around(spread: Spread | None, expected: Numbers, *, purchases: Numbers) -> Floats:
    """Return expected, low and high; these two nan where no interval could be learned."""
    if spread is None:
        unknown = np.full(expected.size, np.nan)
        return np.stack([expected, unknown, unknown], axis=1).astype(np.float32)
    return spread.around(expected, purchases=purchases).astype(np.float32)


def _variance(spread: Spread | None, expected: Numbers, *, purchases: Numbers) -> Floats:
    if spread is None:
        return np.full(expected.size, np.nan, dtype=np.float32)
    return spread.variances(expected, purchases=purchases).astype(np.float32)


def _unknown(worth: Worth, *, why: str, horizon_weeks: int) -> Value:
    """Return what is known of customers of whom nothing can be foretold."""
    n, horizons = worth.historic.size, len(HORIZONS_WEEKS)
    unknown = np.full((n, horizons, 3), np.nan, dtype=np.float32)
    clv = unknown[:, 0]
    return Value(
        alive=unknown[:, 0, 0],
        purchases=unknown,
        spend=unknown,
        clv=clv,
        historic=worth.historic.astype(np.float32),
        basis=worth.basis,
        choice={"chosen": "nothing", "why": why, "basis": worth.basis},
        evidence=value_evidence.of_customers(worth.historic, np.full(n, np.nan)),
        clv_variance=unknown[:, 0, 0],
        purchases_variance=unknown[:, :, 0],
        spend_variance=unknown[:, :, 0],
        together=Together(misfit=unknown[:, 0, 0], wander=None),
        horizon_weeks=horizon_weeks,
    )
