"""What the customers of a made-up shop buy, and when: tastes, baskets and habits.

A customer has a style and, of what the style likes, three favourite categories. They **take up**
items, most of them from there and of the style's kind; what is taken up together is one basket.
An item that is used up is then bought again every so many days, until the customer has bought all
they will or the history ends.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Rows
from training.data.synthetic_items import N_KINDS, N_STYLES, OFF, OFFER_EVERY_WEEKS, Shelf, ids

FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
N_FAVOURITES = 3
SHARE_FAVOURITE = 0.7
"""How often an item is taken up from a favourite category; else from the whole shelf."""
SHARE_OF_KIND = 0.7
"""How often it is then of the style's kind."""

_SHARE_FOUNDERS = 0.6
"""Customers who are there on the first day; others join later."""
_SHARE_SAME_BASKET = 0.6
_SHARE_STOPS = 0.3
"""How often a habit ends with each time."""
_LATENESS = 0.1
"""Spread of a habit's days, as a share of the interval."""
_TRIES = 3
"""How often a customer looks for something else than what is out of season or not there yet."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """Items taken up, by customer; each of shape ``(n,)``."""

    customer: Rows
    item: Rows
    day: Rows
    n_times: Rows


def bought(
    shelf: Shelf, customers: range, *, n_lines: int, n_days: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return what some customers bought, by customer and time: the columns of a purchases file.

    Args:
        shelf: What there is.
        customers: Rows of the customers.
        n_lines: How many lines they have together, at least one each; exactly met.
        n_days: Length of the history.
        rng: Chance.
    """
    n_each = _n_each(len(customers), n_lines, rng)
    taken = _taken(shelf, n_each, n_days=n_days, rng=rng)
    line = np.repeat(np.arange(taken.item.size), taken.n_times)
    nth = np.arange(line.size) - np.repeat(np.cumsum(taken.n_times) - taken.n_times, taken.n_times)
    item, customer = taken.item[line], taken.customer[line]
    every = shelf.every_days[item]
    late = np.where(nth > 0, rng.normal(0, _LATENESS, line.size) * every, 0).round()
    day = np.minimum(taken.day[line] + nth * every + late, n_days - 1).astype(np.int32)
    by_time = np.lexsort((line, day, customer))
    return _table(
        shelf, customer[by_time], customers.start, item=item[by_time], day=day[by_time], rng=rng
    )


def _n_each(n_customers: int, n_lines: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Share lines among customers: each has one, a few have very many."""
    weight = rng.lognormal(0, 1, n_customers)
    more = rng.multinomial(n_lines - n_customers, weight / weight.sum())
    return np.asarray(1 + more, dtype=np.int64)


def _taken(
    shelf: Shelf, n_each: NDArray[np.int64], *, n_days: int, rng: np.random.Generator
) -> _Taken:
    """Let each customer take up items until the times they buy them add up to ``n_each``."""
    customer = np.repeat(np.arange(n_each.size, dtype=np.int32), n_each)
    is_founder = rng.random(n_each.size) < _SHARE_FOUNDERS
    joined = np.where(is_founder, 0, rng.random(n_each.size) * 0.95 * n_days).astype(np.int32)
    day = _basket_days(customer, joined, n_days=n_days, rng=rng)
    item = _picked(shelf, customer, day, n_each.size, rng)
    day = np.maximum(day, shelf.first_day[item])
    every = shelf.every_days[item]
    most = np.where(every > 0, (n_days - 1 - day) // np.maximum(every, 1), 0)
    n_times = 1 + np.minimum(rng.geometric(_SHARE_STOPS, item.size) - 1, most)
    before = np.cumsum(n_times) - n_times
    first = np.cumsum(n_each) - n_each
    before -= before[first[customer]]
    left = n_each[customer] - before
    kept = left > 0
    n_times = np.minimum(n_times, left)
    return _Taken(customer[kept], item[kept], day[kept], n_times[kept].astype(np.int32))


def _basket_days(
    customer: Rows, joined: Rows, *, n_days: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Return a day for each thing taken up; what is of one basket has one day."""
    begins = rng.random(customer.size) >= _SHARE_SAME_BASKET
    begins |= np.diff(customer, prepend=-1) > 0
    basket = np.cumsum(begins) - 1
    since = joined[customer[begins]]
    days = since + rng.random(since.size) * (n_days - since)
    return np.asarray(days[basket], dtype=np.int32)


def _picked(
    shelf: Shelf, customer: Rows, day: Rows, n_customers: int, rng: np.random.Generator
) -> Rows:
    """Pick an item for each customer and day, by taste, of what there is that day."""
    style, favourites = _tastes(shelf, n_customers, rng)
    item = np.empty(customer.size, dtype=np.int32)
    wanted = np.arange(customer.size)
    for _ in range(_TRIES):
        who = customer[wanted]
        place = favourites[who, rng.integers(0, N_FAVOURITES, who.size)] * N_KINDS
        is_of_kind = rng.random(who.size) < SHARE_OF_KIND
        place += np.where(is_of_kind, style[who] % N_KINDS, rng.integers(0, N_KINDS, who.size))
        place[rng.random(who.size) >= SHARE_FAVOURITE] = -1
        item[wanted] = shelf.pick(place.astype(np.int32), rng)
        is_taken = rng.random(who.size) < shelf.sells(item[wanted], day[wanted])
        wanted = wanted[~is_taken]
    return item


def _tastes(
    shelf: Shelf, n_customers: int, rng: np.random.Generator
) -> tuple[Rows, NDArray[np.int64]]:
    """Return each customer's style, and their favourites: shape ``(n_customers, 3)``."""
    style = rng.integers(0, N_STYLES, n_customers, dtype=np.int32)
    running = np.cumsum(shelf.liked, axis=1) + np.arange(N_STYLES)[:, None]
    aim = style[:, None] + rng.random((n_customers, N_FAVOURITES))
    found = np.searchsorted(running.ravel(), aim) - style[:, None] * shelf.n_categories
    return style, np.clip(found, 0, shelf.n_categories - 1)


def _table(
    shelf: Shelf, customer: Rows, first: int, *, item: Rows, day: Rows, rng: np.random.Generator
) -> pl.DataFrame:
    """Write lines, by customer and day, as the columns of a file.

    What a customer buys on one day is an order; its lines are a second apart, so that no two are
    equal.
    """
    starts = np.flatnonzero((np.diff(customer, prepend=-1) > 0) | (np.diff(day, prepend=-1) != 0))
    sizes = np.diff(starts, append=customer.size)
    second = np.repeat(rng.integers(8 * 3600, 20 * 3600, starts.size) - starts, sizes)
    second += np.arange(customer.size)
    is_offer = (day // 7) % OFFER_EVERY_WEEKS == shelf.offer_week[item]
    price, discount = shelf.price[item], np.where(is_offer, OFF * shelf.price[item], 0.0).round(2)
    who = ids("c", customer + first)
    return pl.DataFrame(
        {
            "customer_id": who,
            "item_id": ids("i", item),
            "timestamp": pl.Series((day * 86400 + second) * 1_000_000).cast(pl.Duration("us"))
            + FIRST_DAY,
            "quantity": rng.geometric(0.8, item.size).astype(np.float64),
            "price": (price - discount).round(2),
            "order_id": who + "-" + ids("", day),
            "discount": discount,
        }
    )
