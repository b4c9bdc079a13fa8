"""Promotions calendars, told as a person would tell them: item, first day, day after the last."""

from typing import NamedTuple

import polars as pl

from tests.training.tiny import day


class Promoted(NamedTuple):
    """An item promoted from one day to before another."""

    item: str
    starts: float
    ends: float
    kind: str = "mailer"
    reach: float = 1.0


def calendar_of(*promotions: Promoted) -> pl.DataFrame:
    """A calendar as ``training.data.promotions`` reads it."""
    return pl.DataFrame(
        {
            "item_id": [one.item for one in promotions],
            "starts": [day(one.starts) for one in promotions],
            "ends": [day(one.ends) for one in promotions],
            "kind": [one.kind for one in promotions],
            "reach": [one.reach for one in promotions],
        },
        schema={
            "item_id": pl.String(),
            "starts": pl.Datetime("us", "UTC"),
            "ends": pl.Datetime("us", "UTC"),
            "kind": pl.String(),
            "reach": pl.Float64(),
        },
    )
