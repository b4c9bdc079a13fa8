"""Who redeemed which coupon, as the lines of the purchases say it.

They are kept beside the lines, for few lines have one and no model of purchases learns from them. A
name is a coupon's or its campaign's, as the shop calls it. What is no name costs no purchase: it is
counted, and counts as none. So does a column of nothing but 0 and 1, or of yes and no, which says
whether there was a coupon, and not which.
"""

import polars as pl

from training.data.checks import LONGEST_ID, Checked, is_writable, text, without_point_zero
from training.data.timestamps import TIME

REDEEMED = pl.Schema({"customer_id": pl.String(), "coupon": pl.String(), "timestamp": TIME})
_BETWEEN = "\n"
"""Two names on one line; no name holds it."""
_NO_TEXT = "\ufffd"
"""Stands for what cannot be written out."""
_FLAGS = ["0", "1", "0.0", "1.0", "false", "true", "no", "yes", "n", "y", "f", "t"]


def as_told(name: str, dtype: pl.DataType) -> Checked:
    """Whatever a line says, or nothing: which of it are names is told when all are read."""
    if is_writable(dtype):
        value = text(name, dtype).value
    else:
        value = pl.when(pl.col(name).is_not_null()).then(pl.lit(_NO_TEXT))
    return Checked(value=value, reason=pl.lit(None, dtype=pl.String))


def together(coupons: pl.Expr) -> pl.Expr:
    """Return the coupons of several lines as those of one; null where none has any."""
    names = coupons.drop_nulls().unique(maintain_order=True).str.join(_BETWEEN)
    return pl.when(names != "").then(names)


def redeemed(lines: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Return the columns of ``REDEEMED``, and how often what stands for a name is none.

    A row each that a known customer bought with a coupon. Who gave back what they bought has
    redeemed the coupon all the same; the return has not.

    Args:
        lines: With ``customer_id``, ``timestamp``, ``quantity`` and, where the shop says it,
            ``coupon``.
    """
    if "coupon" not in lines.columns:
        return REDEEMED.to_frame(), 0
    coupon = pl.col("coupon")
    told = lines.select("customer_id", "timestamp", "quantity", coupon.str.split(_BETWEEN))
    told = told.explode("coupon").filter(coupon != "")
    if told["coupon"].str.to_lowercase().is_in(_FLAGS).all():
        return REDEEMED.to_frame(), told.height
    is_none = coupon.str.contains(rf"\p{{Cc}}|{_NO_TEXT}") | (coupon.str.len_chars() > LONGEST_ID)
    named = told.filter(~is_none)
    named = named.with_columns(without_point_zero(named["coupon"]))
    bought = pl.col("customer_id").is_not_null() & (pl.col("quantity") > 0)
    return named.filter(bought).select(REDEEMED.names()), told.height - named.height
