"""What ratings, answers, complaints, returns and silence say of each customer's satisfaction.

Here the evidence is counted and weighed; what it means, ``models.customer.satisfaction`` decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.customer.satisfaction import (
    COMPLAINT_SAYS,
    WEIGHTS,
    Evidence,
    Satisfaction,
    decay,
    levels,
)
from training.customers import rhythm
from training.data.feedback import FEEDBACK
from training.data.orders import Orders
from training.data.purchases import DAY_US

MOST_COUNTED = (1 << 16) - 1
"""A profile counts no further: it stands for itself and for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedOrders:
    """What customers have given back; both of shape ``(n_customers,)``."""

    days: NDArray[np.int64]
    """Days (UTC) on which they gave something back."""
    weight: NDArray[np.float64]
    """What is left of these days by ``decay``, summed: 1 for each that is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfactions:
    """The satisfaction of each customer, and the evidence; arrays of shape ``(n,)``.

    First stand those who have bought, then prospects.
    """

    level: NDArray[np.uint8]
    """Of ``Satisfaction``."""
    ratings: NDArray[np.uint16]
    """How many ratings and answers they gave; as all counts here, at most ``MOST_COUNTED``."""
    complaints: NDArray[np.uint16]
    returned_orders: NDArray[np.uint16]
    """Days on which they gave something back."""
    silence: NDArray[np.float32]
    """Days since the last order / their usual days between orders; nan where none is usual, and of
    prospects."""
    choice: Mapping[str, Any]
    """For the manifest: whether anything is known, why, and how much evidence there is."""


def fit(
    orders: Orders,
    *,
    returned: ReturnedOrders,
    feedback: pl.DataFrame | None,
    customer_ids: Sequence[str],
) -> Satisfactions:
    """Weigh what every customer has said and shown.

    Args:
        orders: Of who has bought.
        returned: Of the same, in the same order.
        feedback: As ``training.data.feedback`` reads it; None where the shop gives none. What was
            said at or after ``orders.until`` is not looked at.
        customer_ids: Shape ``(n,)``: who has bought by row, then prospects, who have only words.
    """
    found = rhythm.fit(orders)
    told = _told(feedback, customer_ids, orders.until)
    n, row, age = len(customer_ids), told["row"].to_numpy(), told["age_days"].to_numpy()
    return_days = _padded(returned.days, n, 0)
    is_complaint = (told["kind"] == "complaint").to_numpy()
    weight = told["weight"].to_numpy() * decay(age)
    last_word = np.full(n, np.inf)
    np.minimum.at(last_word, row, age)
    level = levels(
        Evidence(
            weight=_summed(weight, row, n),
            said=_summed(weight * told["says"].to_numpy(), row, n),
            return_weight=WEIGHTS["return"] * _padded(returned.weight, n, 0),
            return_days=return_days,
            orders=_padded(found.order_days, n, 0),
            silence=np.minimum(_padded(found.silent_days, n, np.inf), last_word)
            / _padded(found.usual_days, n, np.nan),
        )
    )
    ratings = np.bincount(row[~is_complaint], minlength=n)
    complaints = np.bincount(row[is_complaint], minlength=n)
    return Satisfactions(
        level=level,
        ratings=_counted(ratings),
        complaints=_counted(complaints),
        returned_orders=_counted(return_days),
        silence=_padded(found.silence, n, np.nan).astype(np.float32),
        choice=_choice(
            level,
            ratings=int(ratings.sum()),
            complaints=int(complaints.sum()),
            days_with_returns=int(returned.days.sum()),
            of_others_or_too_late=0 if feedback is None else feedback.height - told.height,
        ),
    )


def returned(lines: pl.DataFrame, customer_ids: Sequence[str], until: datetime) -> ReturnedOrders:
    """Count the days on which each customer gave something back that they had bought before.

    A negative line of what its customer never bought is no return: it is a voucher, a correction,
    or goes back to before the history.

    Args:
        lines: As ``training.data.read`` promises them.
        customer_ids: The customers by row.
        until: Aware; later lines are not looked at.
    """
    pair = ["customer_id", "item_id"]
    past = lines.lazy().filter(pl.col("timestamp") < until)
    bought = past.filter(pl.col("quantity") > 0)
    back = past.filter(pl.col("quantity") < 0)
    first = (
        bought.join(back.select(pair).unique(), on=pair, how="semi")
        .group_by(pair)
        .agg(pl.col("timestamp").min().alias("first"))
    )
    days = (
        back.join(first, on=pair)
        .filter(pl.col("timestamp") >= pl.col("first"))
        .group_by("customer_id", pl.col("timestamp").dt.date().alias("day"))
        .agg(pl.col("timestamp").max())
        .join(_rows(customer_ids), on="customer_id")
        .select("row", _age_days(until))
        .collect()
    )
    row, n = days["row"].to_numpy(), len(customer_ids)
    return ReturnedOrders(
        days=np.bincount(row, minlength=n),
        weight=_summed(decay(days["age_days"].to_numpy()), row, n),
    )


def _told(
    feedback: pl.DataFrame | None, customer_ids: Sequence[str], until: datetime
) -> pl.DataFrame:
    """Return what customers of ours said before ``until``: row, kind, age, weight and meaning."""
    if feedback is None:
        feedback = FEEDBACK.to_frame()
    return (
        feedback.lazy()
        .filter(pl.col("timestamp") < until)
        .join(_rows(customer_ids), on="customer_id")
        .select(
            "row",
            "kind",
            _age_days(until),
            pl.col("kind").replace_strict(WEIGHTS, return_dtype=pl.Float64).alias("weight"),
            pl.col("value").fill_null(COMPLAINT_SAYS).alias("says"),
        )
        .collect()
    )


def _rows(customer_ids: Sequence[str]) -> pl.LazyFrame:
    ids = pl.Series("customer_id", customer_ids, dtype=pl.String)
    return pl.LazyFrame({"customer_id": ids, "row": np.arange(len(customer_ids))})


def _age_days(until: datetime) -> pl.Expr:
    age = (pl.lit(until) - pl.col("timestamp")).dt.total_microseconds()
    return (age / DAY_US).alias("age_days")


def _summed(
    values: NDArray[np.float64], row: NDArray[np.int64], n_customers: int
) -> NDArray[np.float64]:
    return np.bincount(row, weights=values, minlength=n_customers).astype(np.float64)


def _padded(values: NDArray[Any], n: int, filler: float) -> NDArray[Any]:
    """Return ``n`` values: those of who has bought, and ``filler`` for each prospect."""
    return np.pad(values, (0, n - values.size), constant_values=filler)


def _counted(counts: NDArray[np.int64]) -> NDArray[np.uint16]:
    return np.minimum(counts, MOST_COUNTED).astype(np.uint16)


def _choice(level: NDArray[np.uint8], **evidence: int) -> dict[str, Any]:
    n_known = int((level != Satisfaction.UNKNOWN).sum())
    said = evidence["ratings"] + evidence["complaints"]
    if n_known:
        why = f"the satisfaction of {n_known:,} of {level.size:,} customers is known"
    elif said:
        why = "what customers said is too long ago or too little to tell how they feel"
    elif evidence["days_with_returns"]:
        why = "nobody said anything, and what was given back is too little beside what was kept"
    else:
        why = (
            "no customer has rated, answered, complained or given anything back; a feedback file "
            "would tell"
        )
    return {"chosen": n_known > 0, "why": why, "known_customers": n_known, **evidence}
