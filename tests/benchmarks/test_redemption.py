"""What the benchmark of redemption asks, and what it makes of the answers."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from benchmarks.redemption import MEAN, OURS, PAIRS, RULES, asked, figures, within


def tables() -> dict[str, pl.DataFrame]:
    """Two campaigns, one that ended and one to come; the second has two coupons."""
    return {
        "transactions": pl.DataFrame(
            {
                "household_id": [1, 1, 2],
                "basket_id": [1, 2, 3],
                "product_id": [10, 10, 11],
                "quantity": [1, 0, 1],
                "sales_value": [2.0, 2.0, 3.0],
                "coupon_disc": [0.5, 0.0, 0.0],
                "transaction_timestamp": [datetime(2017, 2, 1)] * 3,  # noqa: DTZ001
            }
        ),
        "products": pl.DataFrame({"product_id": [10, 11], "product_category": ["MILK", None]}),
        "campaigns": pl.DataFrame({"campaign_id": [1, 2, 2], "household_id": [1, 1, 2]}),
        "coupons": pl.DataFrame(
            {"coupon_upc": [7, 8, 9], "product_id": [10, 10, 11], "campaign_id": [1, 2, 2]}
        ),
        "coupon_redemptions": pl.DataFrame(
            {
                "household_id": [1, 2],
                "coupon_upc": [7, 9],
                "campaign_id": [1, 2],
                "redemption_date": [date(2017, 3, 2), date(2017, 10, 2)],
            }
        ),
    }


DAYS = pl.DataFrame(
    {
        "campaign": [1, 2],
        "day": [date(2017, 3, 1), date(2017, 10, 1)],
        "end": [date(2017, 4, 1), date(2017, 11, 1)],
    }
)


def test_ended_campaigns_teach_and_those_from_september_are_asked() -> None:
    ended, coming = asked(tables(), DAYS, "campaign")

    assert ended.select("customer_id", "came").rows() == [(1, True)]
    assert coming.select("customer_id", "came").rows() == [(1, False), (2, True)]
    assert coming["redeemed"].to_list() == [1, 0]


def test_of_coupons_every_one_of_the_campaign_is_a_case() -> None:
    _, coming = asked(tables(), DAYS, "coupon")

    found = coming.select("customer_id", "offer", "came", "times").rows()
    assert found == [
        (1, "2 8", False, 1),
        (2, "2 8", False, 0),
        (1, "2 9", False, 0),
        (2, "2 9", True, 1),
    ]


def test_a_line_without_a_quantity_is_no_purchase() -> None:
    _, coming = asked(tables(), DAYS, "campaign")

    assert coming["orders"].to_list() == [1, 1]


def test_every_way_is_judged() -> None:
    _, coming = asked(tables(), DAYS, "coupon")
    many = pl.concat([coming.with_columns(pl.col("customer_id") + 10 * n) for n in range(20)])

    found = figures("coupon", many, many)

    assert found["coupon: redeemed"] == 20
    assert found[f"coupon, bought before: {PAIRS}"] == pytest.approx(5 / 6)
    assert found[f"coupon, {OURS}: AUC"] > 0.9
    assert found[f"coupon, {OURS}: {MEAN}, low"] <= found[f"coupon, {OURS}: {MEAN}"]
    assert all(np.isfinite(found[f"coupon, {name}: lift@5 %"]) for name in (OURS, *RULES))


def test_within_campaigns_a_small_one_counts_as_a_large_one_or_by_its_pairs() -> None:
    scores = np.array([0.9, 0.1, 0.2, 0.8, 0.7, 0.6, 0.5])
    came = np.array([True, False, True, False, False, True, True])
    campaign = np.array([1, 1, 2, 2, 2, 3, 3])

    found = within(scores, came, campaign)

    assert found == {MEAN: pytest.approx(1 / 2), PAIRS: pytest.approx(1 / 3)}
