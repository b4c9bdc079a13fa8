"""Purchases of many customers as columns, with orders and categories as a test draws them."""

import numpy as np
from numpy.typing import NDArray

from tests.training.tiny import day
from training.data.purchases import Purchases

Numbers = NDArray[np.integer]


def shopped(
    customer: Numbers,
    order: Numbers,
    item: Numbers,
    *,
    spend: NDArray[np.floating] | float = 1.0,
    saved: NDArray[np.floating] | float = 0.0,
    n_customers: int,
    n_items: int,
) -> Purchases:
    """Return lines by customer and order; ``order`` is numbered within the shop."""
    n = customer.size
    return Purchases(
        until=day(100),
        customer_ids=[f"c-{row}" for row in range(n_customers)],
        item_ids=[f"i-{row}" for row in range(n_items)],
        n_ranked=n_items,
        customer=customer.astype(np.int32),
        item=item.astype(np.int32),
        order=order.astype(np.int32),
        age_days=np.ones(n),
        quantity=np.ones(n, np.float32),
        spend=np.broadcast_to(np.float32(spend), n).copy(),
        saved=np.broadcast_to(np.float32(saved), n).copy(),
        store=np.full(n, -1, np.int32),
        n_stores=0,
    )


def drawn(
    chances: NDArray[np.floating],
    *,
    n_orders: int,
    n_lines: int,
    rng: np.random.Generator,
    saved: NDArray[np.floating] | float = 0.0,
) -> Purchases:
    """Return customers who each buy ``n_lines`` in each of ``n_orders`` orders.

    Args:
        chances: Shape ``(n_customers, n_items)``: what a line of a customer is, each row sums to 1.
        n_orders: Of each customer.
        n_lines: Of each order.
        rng: Draws.
        saved: On each line, customer by customer.
    """
    n_customers, n_items = chances.shape
    each = n_orders * n_lines
    upto = np.cumsum(chances, axis=1)
    dice = rng.uniform(size=(n_customers, each))
    item = (dice[:, :, None] > upto[:, None, :-1]).sum(axis=2)
    return shopped(
        np.repeat(np.arange(n_customers), each),
        np.repeat(np.arange(n_customers * n_orders), n_lines),
        item.ravel(),
        saved=saved,
        n_customers=n_customers,
        n_items=n_items,
    )
