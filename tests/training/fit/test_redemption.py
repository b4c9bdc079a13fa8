"""Who redeems an offer is told from what was known the day before it was sent."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from training.fit import redemption
from training.fit.redemption import NEVER_DAYS, Past, known
from training.judge.chances import auc

DAY = date(2026, 5, 1)


def past(*later: tuple[str, str, str, date]) -> Past:
    """Ann bought milk twice, once by coupon, and redeemed; ben bought tea; purchases to come."""
    lines = [
        ("ann", "1", "milk", date(2026, 1, 1)),
        ("ann", "2", "milk", date(2026, 4, 21)),
        ("ann", "2", "cream", date(2026, 4, 21)),
        ("ben", "3", "tea", date(2026, 4, 1)),
        *later,
    ]
    return Past(
        lines=pl.DataFrame(
            [(*line[:3], line[2] if line[2] == "tea" else "dairy", 2.0) for line in lines],
            schema=["customer_id", "order_id", "item_id", "category", "paid"],
            orient="row",
        ).with_columns(
            by_coupon=pl.col("order_id") == "2", day=pl.Series([line[3] for line in lines])
        ),
        redeemed=pl.DataFrame(
            {"customer_id": ["ann"], "campaign": [1], "day": [DAY - timedelta(9)]}
        ),
        sent=pl.DataFrame(
            {
                "customer_id": ["ann", "ben", "ben"],
                "campaign": [1, 1, 2],
                "day": [DAY - timedelta(20), DAY - timedelta(20), DAY],
            }
        ),
    )


ASKED = pl.DataFrame(
    {"customer_id": ["ben", "ann", "cas"], "offer": ["m", "m", "m"], "day": [DAY] * 3}
)
COVERS = pl.DataFrame({"offer": ["m", "m", "t"], "item_id": ["milk", "oat", "tea"]})


def test_what_is_known_of_a_customer_and_an_offer_by_hand() -> None:
    ben, ann, cas = known(past(), ASKED, COVERS).iter_rows(named=True)

    assert (ann["orders"], ann["orders of late"], ann["spend"]) == (2, 1, 6.0)
    assert (ann["times"], ann["times of late"], ann["items"], ann["paid"]) == (2, 1, 1, 4.0)
    assert (ann["by coupon before"], ann["lines by coupon"]) == (1, 2)
    assert (ann["redeemed"], ann["offers redeemed"], ann["sent"]) == (1, 1, 1)
    assert (ann["days since covered"], ann["days since redeemed"]) == (10, 9)
    assert (ann["times of category"], ann["paid in category"]) == (2, 6.0)
    assert (ben["orders"], ben["times"], ben["sent"], ben["times of category"]) == (1, 0, 1, 0)
    assert ben["days since covered"] == NEVER_DAYS
    assert (cas["orders"], cas["sent"], cas["days since order"]) == (0, 0, NEVER_DAYS)
    assert (ann["items covered"], ann["offers sent that day"]) == (2, 1)


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(1)])
def test_nothing_of_the_day_itself_or_later_is_known(day: date) -> None:
    before = known(past(), ASKED, COVERS)

    after = known(past(("ann", "9", "milk", day), ("cas", "8", "milk", day)), ASKED, COVERS)

    assert after.equals(before)


def test_cases_keep_their_order_within_a_day_and_what_else_stands_on_them() -> None:
    asked = pl.concat([ASKED, ASKED.with_columns(day=pl.lit(DAY - timedelta(1)))])

    found = known(past(), asked.with_columns(came=pl.Series([True] * 3 + [False] * 3)), COVERS)

    assert found["customer_id"].to_list() == ["ben", "ann", "cas"] * 2
    assert found["came"].to_list() == [False] * 3 + [True] * 3


def test_who_bought_what_is_covered_is_found_to_redeem() -> None:
    rng = np.random.default_rng(1)
    n = 400
    customers = [f"c-{place}" for place in range(n)]
    buys = rng.random(n) < 0.5
    lines = pl.DataFrame(
        {
            "customer_id": customers,
            "order_id": customers,
            "item_id": ["milk" if each else "tea" for each in buys],
            "category": ["dairy" if each else "tea" for each in buys],
            "paid": [1.0] * n,
            "by_coupon": [False] * n,
            "day": [DAY - timedelta(5)] * n,
        }
    )
    asked = pl.DataFrame({"customer_id": customers, "offer": ["m"] * n, "day": [DAY] * n})
    nobody = past()
    made = Past(lines=lines, redeemed=nobody.redeemed, sent=nobody.sent)
    cases = known(made, asked, COVERS)
    came = rng.random(n) < np.where(buys, 0.5, 0.02)

    model = redemption.fit(cases[: n // 2], came[: n // 2])

    assert auc(model.chances(cases[n // 2 :]), came[n // 2 :]) > 0.75
