"""What the models say of the customers, put together: one row of ``PROFILE`` a customer."""

import numpy as np
from numpy.typing import NDArray

from models.artifacts.customer_profile import PROFILE
from models.artifacts.customer_record import DAY_ZERO
from models.customer.segments import Stage
from training.customers.before import Before
from training.customers.parts import Parts
from training.data.orders import Orders
from training.data.purchases import DAY_US


def filled(parts: Parts, *, n_prospects: int, before: Before | None) -> NDArray[np.void]:
    """Return the profiles of who bought, and behind them those of prospects.

    Args:
        parts: Of ``n_customers`` who bought.
        n_prospects: How many are known and never bought.
        before: The groups of all of them in the release before.

    Returns:
        Shape ``(n_customers + n_prospects,)`` of ``PROFILE``.
    """
    n = parts.orders.n_customers
    profiles = np.zeros(n + n_prospects, dtype=PROFILE)
    for name in PROFILE.names or ():
        if PROFILE[name].base.kind == "f":
            profiles[name] = np.nan
    profiles["category"] = -1
    profiles["stage"] = Stage.PROSPECT
    for name, values in _columns(parts).items():
        profiles[name][:n] = values
    for name, felt in _feelings(parts).items():
        profiles[name] = felt
    if before is not None:
        known = before.there["tier"] >= 0
        profiles["previous_known"] = known
        profiles["previous_tier"] = np.where(known, before.there["tier"], 0)
        profiles["previous_stage"] = np.where(known, before.there["stage"], 0)
    return profiles


def _columns(parts: Parts) -> dict[str, NDArray[np.generic]]:
    """Return what is known of who bought."""
    orders, worth, soon = parts.orders, parts.worth, parts.soon
    first, last = orders.starts[:-1], orders.starts[1:] - 1
    n_orders = parts.rhythm.order_days  # what is expected counts orders of one day once, too
    return {
        "tier": parts.tiers.codes,
        "stage": parts.stage,
        "segment": parts.segment,
        "portfolio": parts.needs.codes,
        "orders": n_orders,
        "first_day": _days(orders, first),
        "last_day": _days(orders, last),
        "due_day": soon.due_day,
        "historic_clv": worth.historic,
        "average_order_value": np.add.reduceat(orders.spend, first) / n_orders,
        "predicted_clv": worth.clv,
        "alive": worth.alive,
        "purchases": worth.purchases,
        "spend": worth.spend,
        "buys": soon.buys,
        "discount_sensitivity": parts.offers.sensitivity,
        "discount_reliability": parts.offers.reliability,
        "share_of_customer": parts.wallet.share,
        "category": soon.category,
        "category_share": soon.category_share,
        "category_buys": soon.category_buys,
    }


def _feelings(parts: Parts) -> dict[str, NDArray[np.generic]]:
    """Return what is known of everybody: prospects have said something, too."""
    return {
        "satisfaction": parts.feels.level,
        "ratings": parts.feels.ratings,
        "complaints": parts.feels.complaints,
        "returned_orders": parts.feels.returned_orders,
        "silence": parts.feels.silence,
    }


def _days(orders: Orders, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the days of some orders, counted from ``DAY_ZERO``."""
    until_us = round(orders.until.timestamp() * 1e6)
    moment_us = until_us - np.rint(orders.age_days[places] * DAY_US).astype(np.int64)
    return np.asarray(moment_us // DAY_US - DAY_ZERO.astype(int), dtype=np.int64)
