"""When somebody came: customers to the shop, or customers to one of its categories.

Both are told alike, so that one way to look back on habits serves both. An order is one visit, and
one visit to each category of which it has an item. What was given back is missing from the past
already, also where a moment is looked back on at which it had not been given back yet.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.orders import Orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits by visitor, oldest first; a visitor is a customer, or a customer and a category."""

    starts: NDArray[np.int64]
    """Shape ``(n_visitors + 1,)``: where each visitor's visits begin and end."""
    age_days: NDArray[np.float64]
    """Shape ``(n_visits,)``: days before the moment from which ages are counted, above 0."""
    spend: NDArray[np.float64]
    """Shape ``(n_visits,)``: money paid."""

    @property
    def times(self) -> NDArray[np.int64]:
        """Shape ``(n_visitors,)``: how many visits each paid."""
        return np.diff(self.starts)

    @property
    def first(self) -> NDArray[np.float64]:
        """Shape ``(n_visitors,)``: the age of the oldest visit of each, who must have one."""
        return self.age_days[self.starts[:-1]]

    @property
    def last(self) -> NDArray[np.float64]:
        """Shape ``(n_visitors,)``: the age of the latest visit of each, who must have one."""
        return self.age_days[self.starts[1:] - 1]

    @property
    def gaps(self) -> NDArray[np.float64]:
        """Shape ``(n_visits - n_visitors,)``: days from each visit to the visitor's next."""
        to_next = self.age_days[:-1] - self.age_days[1:]
        return np.delete(to_next, self.starts[1:-1] - 1)

    def total(self, values: NDArray[np.floating] | NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the sum of ``values``, one a visit, over the visits of each, who must have one."""
        if not self.age_days.size:
            return np.zeros(0)
        return np.add.reduceat(values, self.starts[:-1], dtype=np.float64)

    def of(self, rows: NDArray[np.intp]) -> "Visits":
        """Return the visits of some visitors, in the order of ``rows``."""
        times = self.times[rows]
        starts = np.append(0, np.cumsum(times))
        places = np.arange(starts[-1]) + np.repeat(self.starts[:-1][rows] - starts[:-1], times)
        return Visits(starts=starts, age_days=self.age_days[places], spend=self.spend[places])


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What was known some days ago, and when everybody came next."""

    rows: NDArray[np.intp]
    """Shape ``(n_known,)``: places of the visitors that had come by then, ascending."""
    past: Visits
    """Theirs, with ages counted from that moment."""
    next_days: NDArray[np.float64]
    """Shape ``(n_known,)``: days from that moment to the next visit; inf where none is known."""


def at(visits: Visits, days_ago: float) -> Moment:
    """Look back to the moment ``days_ago``; 0 is now, of which nothing is known to come."""
    was = visits.age_days > days_ago
    n_before = np.append(0, np.cumsum(was))[visits.starts]
    times = np.diff(n_before)
    rows = np.flatnonzero(times > 0)
    following = visits.starts[:-1][rows] + times[rows]
    comes = following < visits.starts[1:][rows]
    next_days = np.full(rows.size, np.inf)
    next_days[comes] = days_ago - visits.age_days[following[comes]]
    past = Visits(
        starts=np.append(0, np.cumsum(times[rows])),
        age_days=visits.age_days[was] - days_ago,
        spend=visits.spend[was],
    )
    return Moment(rows=rows, past=past, next_days=next_days)


def drawn(n: int, most: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of at most ``most`` of ``n`` visitors, ascending, drawn by chance."""
    if n <= most:
        return np.arange(n)
    return np.sort(rng.choice(n, most, replace=False))


def to_shop(orders: Orders) -> Visits:
    """Return the visits of every customer: their orders."""
    return Visits(starts=orders.starts, age_days=orders.age_days, spend=orders.spend)
