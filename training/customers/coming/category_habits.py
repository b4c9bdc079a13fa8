"""Where each customer's money goes, and whether they soon buy of it again.

The five categories on which a customer has spent most are told with their share of all that the
customer spent, and with the chance that they buy of it within four weeks. To a category a customer
is a visitor as to the shop; how to tell who comes is chosen as there (``soon``),
the learned way from the habits of customer and category, of the customer in the shop, the share,
and how often the category brings its buyers back. Teaching and judging look at the five categories
as they were at the moment, for it is of these that the chance is told.

The idea, a hazard by recency and count, is that of ``training.rank.hazard``; a table of both, with
lifts of category and customer, told worse than the regression on the Complete Journey and on
Online Retail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes
from models.artifacts.customer_profile import N_CATEGORIES
from training.customers.coming import habits, soon, visits
from training.customers.coming.category_visits import CategoryVisits, Lines
from training.customers.coming.soon import Case, Past
from training.data.orders import Orders
from training.data.purchases import Purchases
from training.judge.chances import Part

HORIZON_DAYS = 28.0
MOST_TAUGHT = 20_000
"""Customers that teach and judge, with five categories each."""
BLOCK = 100_000
"""Customers whose categories are in memory at a time."""
PRIOR_DAYS = 28.0
"""Days at the rate of all categories that are added to what is known of one."""
LEAST_RATE = 1e-6
"""Returns a day that are added, so that none at all has a logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryHabits:
    """Of each customer five categories, the most spent on first; ``n`` is how many customers."""

    category: NDArray[np.int32]
    """Shape ``(n, 5)``; -1 for none."""
    share: NDArray[np.float32]
    """Shape ``(n, 5)``: of the customer's spend; nan for none, or where nothing was paid."""
    buys: NDArray[np.float32]
    """Shape ``(n, 5)``: P(buys of it within 4 weeks); nan for none, or where nothing judges."""
    choice: Mapping[str, Any]
    """For the manifest."""
    deciles: Sequence[Part]
    """How the chosen way foretold the window that judged, and what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The categories of customers at a moment, five a customer at most."""

    customer: NDArray[np.int64]
    place: NDArray[np.int64]
    """0 for the one most spent on."""
    category: NDArray[np.int64]
    share: NDArray[np.float64]
    case: Case


def fit(
    orders: Orders, purchases: Purchases, *, category: Codes, rng: np.random.Generator
) -> CategoryHabits:
    """Learn from the shop's own past, and tell of every customer.

    Args:
        orders: Of every customer of ``purchases``.
        purchases: What was bought.
        category: Shape ``(n_items,)``; -1 for none.
        rng: Draws the customers that teach, where there are more than enough.
    """
    n, lines = orders.n_customers, Lines.of(purchases, category)
    sample = CategoryVisits.of(orders, lines, visits.drawn(n, MOST_TAUGHT, rng))
    past = Past(
        at=lambda days_ago: _seen(sample, days_ago, returns=_returns(sample, days_ago, lines)).case,
        days=float(orders.age_days.max(initial=0)),
    )
    verdict = soon.contest(past, HORIZON_DAYS)
    returns = _returns(sample, 0.0, lines)
    told = np.full((n, N_CATEGORIES), -1, np.int32)
    share, buys = np.full((2, n, N_CATEGORIES), np.nan, np.float32)
    for begin in range(0, n, BLOCK):
        rows = np.arange(begin, min(begin + BLOCK, n))
        now = _seen(CategoryVisits.of(orders, lines, rows), 0.0, returns=returns)
        where = begin + now.customer, now.place
        told[where], share[where] = now.category, now.share
        buys[where] = verdict.way(now.case)
    return CategoryHabits(
        category=told, share=share, buys=buys, choice=verdict.choice, deciles=verdict.deciles
    )


def _seen(known: CategoryVisits, days_ago: float, *, returns: NDArray[np.float64]) -> _Seen:
    """Look back at the five categories of each customer; ``returns`` is a number a category."""
    then, shop = visits.at(known.visits, days_ago), visits.at(known.shop, days_ago)
    customer, category = known.customer[then.rows], known.category[then.rows]
    number = np.searchsorted(shop.rows, customer)
    money, spent = then.past.total(then.past.spend), shop.past.total(shop.past.spend)[number]
    most = np.lexsort((category, -then.past.times, -money, customer))
    place = np.arange(most.size) - np.searchsorted(customer[most], customer[most])
    top, place = most[place < N_CATEGORIES], place[place < N_CATEGORIES]
    share = np.divide(money, spent, out=np.full(money.size, np.nan), where=spent > 0)[top]
    past = then.past.of(top)
    of_shop = habits.columns(shop.past).T[:, number[top]]
    columns = np.vstack(
        [habits.columns(past).T, of_shop, np.nan_to_num(share), returns[category[top]]]
    ).T
    return _Seen(
        customer=customer[top],
        place=place,
        category=category[top],
        share=share,
        case=Case(
            columns=columns,
            past=past,
            next_days=then.next_days[top],
            customer=customer[top],
        ),
    )


def _returns(known: CategoryVisits, days_ago: float, lines: Lines) -> NDArray[np.float64]:
    """Return how often each category brought its buyers back by then: log of returns a day."""
    then = visits.at(known.visits, days_ago)
    category = known.category[then.rows]
    again = np.bincount(category, then.past.times - 1, lines.n_categories)
    days = np.bincount(category, then.past.first, lines.n_categories)
    shop = again.sum() / max(days.sum(), 1)
    rate = (again + PRIOR_DAYS * shop) / (days + PRIOR_DAYS)
    return np.asarray(np.log(rate + LEAST_RATE), dtype=np.float64)
