"""Which customer bought of which category, and when."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes
from training.customers.coming import visits
from training.customers.coming.visits import Visits
from training.data.orders import Orders
from training.data.purchases import Purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What known customers bought of any category, and kept; columns of shape ``(n_lines,)``.

    They stand by customer.
    """

    customer: NDArray[np.int64]
    category: NDArray[np.int64]
    order: NDArray[np.int32]
    age_days: NDArray[np.float64]
    """Of the order, as old as its oldest line."""
    spend: NDArray[np.float64]
    n_categories: int

    @classmethod
    def of(cls, purchases: Purchases, category: Codes) -> Self:
        """Leave out what nobody known bought, what was given back, and what is of no category."""
        codes = category[purchases.item]
        lasting = purchases.lasting
        kept = lasting[codes[lasting] >= 0]
        kept = kept[np.argsort(purchases.customer[kept], kind="stable")]
        oldest = np.zeros(int(purchases.order.max(initial=-1)) + 1)
        np.maximum.at(oldest, purchases.order[lasting], purchases.age_days[lasting])
        return cls(
            customer=purchases.customer[kept].astype(np.int64),
            category=codes[kept].astype(np.int64),
            order=purchases.order[kept],
            age_days=oldest[purchases.order[kept]],
            spend=purchases.net(purchases.spend, kept).astype(np.float64),
            n_categories=int(category.max(initial=-1)) + 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryVisits:
    """Visits of some customers to categories, and to the shop."""

    customer: NDArray[np.int64]
    """Shape ``(n_visitors,)``, ascending: the customer's place among those looked at."""
    category: NDArray[np.int64]
    """Shape ``(n_visitors,)``."""
    visits: Visits
    """Of each customer and category."""
    shop: Visits
    """Of each customer."""

    @classmethod
    def of(cls, orders: Orders, lines: Lines, rows: NDArray[np.intp]) -> Self:
        """Return the visits of the customers in ``rows``, which ascend."""
        begin, end = (
            np.searchsorted(lines.customer, rows, side=side) for side in ("left", "right")
        )
        n_lines = end - begin
        which = np.repeat(np.arange(rows.size), n_lines)
        places = np.arange(which.size) + np.repeat(begin - np.cumsum(n_lines) + n_lines, n_lines)
        pair = which * lines.n_categories + lines.category[places]
        order, age = lines.order[places], lines.age_days[places]
        by_time = np.lexsort((order, -age, pair))
        pair, order, places = pair[by_time], order[by_time], places[by_time]
        is_first = (np.diff(pair, prepend=-1) != 0) | (np.diff(order, prepend=-1) != 0)
        first = np.flatnonzero(is_first)
        whose, starts = np.unique(pair[first], return_index=True)
        return cls(
            customer=whose // max(lines.n_categories, 1),
            category=whose % max(lines.n_categories, 1),
            visits=Visits(
                starts=np.append(starts, first.size),
                age_days=lines.age_days[places][first],
                spend=np.add.reduceat(lines.spend[places], first) if first.size else np.zeros(0),
            ),
            shop=visits.to_shop(orders).of(rows),
        )
