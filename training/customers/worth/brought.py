"""What customers brought so far, and how much of what they pay is margin."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from training.data.orders import Orders
from training.fit.repeat_buying import Numbers

SHOP_ORDERS = 5
"""A customer's share of margin is drawn to the shop's, as if they had placed so many more orders
of the shop's mean that earn what is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Every column of shape ``(n_customers,)``."""

    basis: Literal["margin", "revenue"]
    historic: Numbers
    """Margin so far; money paid where no order's margin is known."""
    share: Numbers
    """What of a customer's money counts as value: 1 where it is revenue, below 0 where the shop
    pays for their orders."""

    @classmethod
    def of(cls, orders: Orders) -> Self:
        """Sum up each customer; an order of unknown margin earns the shop's share, if any is known.

        Args:
            orders: Of at least one customer.
        """
        begins = orders.starts[:-1]
        paid = np.add.reduceat(orders.spend, begins)
        known = np.isfinite(orders.margin)
        if not known.any():
            one = np.ones(paid.size)
            return cls(basis="revenue", historic=paid, share=one)
        of_known = float(orders.spend[known].sum())
        usual = float(orders.margin[known].sum()) / of_known if of_known else 0.0
        earned = np.where(known, orders.margin, usual * orders.spend)
        historic = np.add.reduceat(earned, begins)
        drawn = SHOP_ORDERS * float(orders.spend.mean())
        share = np.full(paid.size, usual)
        np.divide(historic + usual * drawn, paid + drawn, out=share, where=paid + drawn > 0)
        return cls(basis="margin", historic=historic, share=share)
