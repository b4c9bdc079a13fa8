"""Which coupons each customer has redeemed: what an audience may be asked for by name."""

from collections.abc import Collection

import polars as pl

N_COUPONS = 50
"""Names of a customer: those that they redeemed last are kept."""


def names(redeemed: pl.DataFrame, *, customer_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the names of the coupons of each customer who has redeemed any.

    Args:
        redeemed: As ``training.data.coupons`` has it.
        customer_ids: Whom the release knows; others are left out.

    Returns:
        Customer -> distinct names in the order of their letters. Of more than ``N_COUPONS``, those
        that were redeemed last; of two at the same time, the one whose name comes first.
    """
    latest = (
        redeemed.filter(pl.col("customer_id").is_in(pl.Series(customer_ids).implode()))
        .group_by("customer_id", "coupon")
        .agg(pl.col("timestamp").max())
        .sort("timestamp", "coupon", descending=[True, False])
        .group_by("customer_id", maintain_order=True)
        .head(N_COUPONS)
    )
    each = latest.sort("customer_id", "coupon").group_by("customer_id", maintain_order=True)
    return dict(each.agg("coupon").iter_rows())
