"""What customers gave back: a line of a negative quantity, of an item that they had bought before.

A return takes from the newest purchase before it, whatever its own price. What a customer gives
back beyond all they are known to have bought by then was bought before the history, and takes
nothing away; so does what nobody known gives back.
"""

import numpy as np
import polars as pl

_ROUNDING = 1e-9
"""A smaller share of a purchase is what sums of weights leave in binary, and nothing was kept."""
_PAIR = ["customer_id", "item_id"]


def taken_away(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the purchases among ``lines`` less those of which a customer gave back everything.

    A customer's purchases of an item are left out if their returns, since the first of them, reach
    as many units.

    Args:
        lines: As ``training.data.read`` promises them.

    Returns:
        The same columns, and ``kept``: the units of each line that were not given back. Where
        nothing was given back by anybody known, there is no such column.
    """
    bought = lines.filter(pl.col("quantity") > 0)
    back = lines.filter((pl.col("quantity") < 0) & pl.col("customer_id").is_not_null())
    if back.is_empty():
        return bought
    touched = _units_kept(bought, back)
    line = touched["line"].to_numpy()
    kept, is_gone = bought["quantity"].to_numpy().copy(), np.zeros(bought.height, np.bool_)
    kept[line], is_gone[line] = touched["kept"].to_numpy(), touched["is_gone"].to_numpy()
    return bought.with_columns(kept=kept.astype(np.float32)).filter(~is_gone)


def _units_kept(bought: pl.DataFrame, back: pl.DataFrame) -> pl.DataFrame:
    """Return what was kept of each purchase of a customer and item that has returns.

    What is held goes up by a purchase, and down by a return, to 0 at most. Of a purchase that took
    it from ``before`` to ``held``, what the least held from then on is above ``before`` was kept.

    Returns:
        ``line`` of ``bought``, the units ``kept``, and whether of that customer and item all
        ``is_gone``.
    """
    units = pl.col("quantity")
    held = units.cum_sum() - units.cum_sum().cum_min().clip(upper_bound=0)
    left = pl.min_horizontal(pl.col("least") - pl.col("before"), units)
    return (
        _moves(bought, back)
        .with_columns(held.over("pair").alias("held"))
        .with_columns(
            pl.col("held").shift(1, fill_value=0).over("pair").alias("before"),
            pl.col("held").cum_min(reverse=True).over("pair").alias("least"),
        )
        .with_columns(pl.when(left > _ROUNDING * units).then(left).otherwise(0.0).alias("kept"))
        .with_columns(
            ((units.sum() <= 0) | (pl.col("kept").sum() <= 0)).over("pair").alias("is_gone")
        )
        .filter(pl.col("line").is_not_null())
        .select("line", "kept", "is_gone")
    )


def _moves(bought: pl.DataFrame, back: pl.DataFrame) -> pl.DataFrame:
    """Return purchases and returns of each customer and item, from the first purchase on.

    Of one moment, returns are last. ``line`` is the place of a purchase, and null of a return.
    """
    columns = [*_PAIR, "timestamp", "quantity"]
    own = (
        bought.select(columns)
        .with_row_index("line")
        .join(back.select(_PAIR).unique(), on=_PAIR, how="semi")
        .select(*columns, "line")
    )
    returned = back.select(*columns, pl.lit(None, own["line"].dtype).alias("line"))
    return (
        pl.concat([own, returned])
        .sort(*_PAIR, "timestamp", "line", nulls_last=True)
        .with_columns(pl.struct(_PAIR).rle_id().alias("pair"))
        .filter((pl.col("quantity") > 0).cum_max().over("pair"))
    )
