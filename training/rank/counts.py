"""How customers shop and how items sell: numbers a customer and numbers an item."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Scores
from training.data.purchases import Purchases
from training.rank.habits import NEVER, Habits, Orders

WINDOW_DAYS = 28
"""As long as the windows that teach."""


def of_customers(purchases: Purchases, own: Habits, orders: Orders) -> dict[str, Scores]:
    """Return how often, how much, how curiously and how cheaply each customer shops.

    Columns are of shape ``(n_customers,)``; money is what was paid, a window 28 days.
    """
    n = purchases.n_customers
    lines = purchases.known
    customer, age = purchases.customer[lines], purchases.age_days[lines]
    n_lines = np.bincount(customer, minlength=n)
    quantity = np.bincount(customer, purchases.quantity[lines], n)
    spend = np.bincount(customer, purchases.spend[lines], n)
    saved = np.bincount(customer, purchases.saved[lines], n)
    n_orders = np.diff(orders.starts)
    oldest, latest = np.zeros(n), np.full(n, NEVER)
    np.maximum.at(oldest, customer, age)
    np.minimum.at(latest, customer, age)
    whose = own.keys // own.n_groups
    n_items = np.bincount(whose, minlength=n)
    n_new = np.bincount(whose[own.columns["first"] <= WINDOW_DAYS], minlength=n)
    n_seen = np.bincount(whose[own.columns["last"] <= WINDOW_DAYS], minlength=n)
    recent = {
        f"orders {days}": np.bincount(orders.customer[orders.age <= days], minlength=n)
        for days in (7, 14, 28, 56)
    }
    columns = recent | {
        "orders": n_orders,
        "last": latest,
        "since first": oldest,
        "orders a window": n_orders / np.maximum(oldest, 7) * WINDOW_DAYS,
        "lines": n_lines,
        "basket": n_lines / np.maximum(n_orders, 1),
        "basket 28": np.bincount(customer[age <= WINDOW_DAYS], minlength=n)
        / np.maximum(recent["orders 28"], 1),
        "items": n_items,
        "curious": n_new / np.maximum(n_seen, 1),
        "repeating": 1 - n_items / np.maximum(n_lines, 1),
        "price": spend / np.maximum(quantity, 1e-6),
        "spend an order": spend / np.maximum(n_orders, 1),
        "saved": saved / np.maximum(spend + saved, 0.01),
        "on offer": np.bincount(customer, purchases.saved[lines] > 0, n) / np.maximum(n_lines, 1),
    }
    return {name: column.astype(np.float32) for name, column in columns.items()}


def of_items(purchases: Purchases, own: Habits, loyalty: Scores) -> dict[str, Scores]:
    """Return how much of each item is sold, when, to whom, at what price and how often on offer.

    Columns are of shape ``(n_ranked,)``; prices of late are relative to the item's own mean.
    """
    n = purchases.n_ranked
    lines = purchases.known
    item, age = purchases.item[lines], purchases.age_days[lines]
    on_offer = (purchases.saved[lines] > 0).astype(np.float32)
    bought = own.keys % own.n_groups
    spend, quantity = purchases.spend[lines], purchases.quantity[lines]

    def sold(days: float, weight: NDArray[np.float32] | None = None) -> NDArray[Any]:
        recent = age <= days
        return np.bincount(item[recent], weight[recent] if weight is not None else None, n)

    def new(days: float) -> NDArray[Any]:
        return np.bincount(bought[own.columns["first"] <= days], minlength=n)

    def buyers(days: float) -> NDArray[Any]:
        return np.bincount(bought[own.columns["last"] <= days], minlength=n)

    price = sold(np.inf, spend) / np.maximum(sold(np.inf, quantity), 1e-6)

    def paid(days: float) -> NDArray[Any]:
        units = sold(days, quantity)
        now = sold(days, spend) / np.maximum(units, 1e-6)
        return np.where(units > 0, now / np.maximum(price, 1e-6), 1)

    last, first = np.full(n, NEVER), np.zeros(n)
    np.minimum.at(last, item, age)
    np.maximum.at(first, item, age)
    again = own.columns["times"] > 1
    every = np.bincount(bought[again], own.columns["every"][again], n)
    total = sold(np.inf)
    columns = {f"sold {days}": sold(days) for days in (7, 14, 28, 56, 112)} | {
        "sold": total,
        "sold before": sold(56) - sold(28),
        "buyers": buyers(np.inf),
        "buyers 28": buyers(28),
        "new 7": new(7),
        "new 14": new(14),
        "new 28": new(28),
        "new 56": new(56),
        "week to month": (sold(7) * 4 + 1) / (sold(28) + 1),
        "month to month": (sold(28) + 2) / (sold(56) - sold(28) + 2),
        "months to four": (sold(56) * 2 + 2) / (sold(112) + 2),
        "share of new": new(28) / np.maximum(buyers(28), 1),
        "price": price,
        "price 7": paid(7),
        "price 28": paid(28),
        "on offer 7": (sold(7, on_offer) + 1e-3) / (sold(7) + 1e-2),
        "on offer 28": (sold(28, on_offer) + 1e-3) / (sold(28) + 1e-2),
        "on offer": (sold(np.inf, on_offer) + 1e-3) / (total + 1e-2),
        "last sold": last,
        "first sold": first,
        "quantity": sold(np.inf, quantity) / np.maximum(total, 1),
        "fortnight to month": (sold(14) * 2 + 1) / (sold(28) + 1),
        "every": every / np.maximum(np.bincount(bought[again], minlength=n), 1),
        "loyalty": loyalty,
    }
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}
