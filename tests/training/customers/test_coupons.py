"""A customer's coupons are their names, each once, and of very many those redeemed last."""

from datetime import UTC, datetime, timedelta

import polars as pl

from training.customers.coupons import N_COUPONS, names
from training.data.coupons import REDEEMED

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def redeemed(*lines: tuple[str, str, int]) -> pl.DataFrame:
    """Lines of a customer, a coupon and a day."""
    rows = [(customer, coupon, FIRST + timedelta(days=day)) for customer, coupon, day in lines]
    return pl.DataFrame(rows, schema=REDEEMED, orient="row")


def test_names_stand_once_in_the_order_of_their_letters() -> None:
    lines = redeemed(("ben", "MAY", 1), ("ana", "wine", 1), ("ana", "MAY", 2), ("ana", "wine", 3))

    assert names(lines, customer_ids=["ana", "ben", "cleo"]) == {
        "ana": ["MAY", "wine"],
        "ben": ["MAY"],
    }


def test_whom_the_release_does_not_know_is_left_out() -> None:
    assert names(redeemed(("zoe", "MAY", 1)), customer_ids=["ana"]) == {}


def test_nobody_has_any_where_nothing_was_redeemed() -> None:
    assert names(redeemed(), customer_ids=["ana"]) == {}


def test_of_more_than_fifty_those_redeemed_last_are_kept() -> None:
    lines = redeemed(
        ("ana", "early", 0),
        ("ana", "again", 0),
        ("ana", "z-tied", 1),
        ("ana", "a-tied", 1),
        *(("ana", f"late-{n:02d}", 2) for n in range(N_COUPONS - 2)),
        ("ana", "again", 3),
    )

    kept = names(lines, customer_ids=["ana"])["ana"]

    assert kept == ["a-tied", "again", *(f"late-{n:02d}" for n in range(N_COUPONS - 2))]
