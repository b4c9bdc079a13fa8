"""The evidence of satisfaction is counted by customer, and nothing is made of nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from models.customer.satisfaction import HALF_LIFE_DAYS, Satisfaction
from tests.training.customers.ordering import UNTIL, ordered
from tests.training.tiny import bought, day, lines
from training.customers import satisfaction
from training.customers.satisfaction import ReturnedOrders, Satisfactions, returned
from training.data.feedback import FEEDBACK
from training.data.orders import Orders

CUSTOMERS = ["ann", "bob", "eve"]
SHOP = ordered([30, 20, 10], [30, 20, 10], [160, 150, 140])
"""Ann and Bob are in time; Eve has been silent for fourteen times her usual ten days."""
NOTHING_BACK = ReturnedOrders(days=np.zeros(3, dtype=np.int64), weight=np.zeros(3))

Said = tuple[str, str, float | None, datetime]


def said(customer: str, kind: str, value: float | None, *, days_ago: float) -> Said:
    return customer, kind, value, UNTIL - timedelta(days=days_ago)


def felt(
    *told: Said,
    orders: Orders = SHOP,
    back: ReturnedOrders = NOTHING_BACK,
    prospects: Sequence[str] = (),
) -> Satisfactions:
    rows = [
        {"customer_id": customer, "kind": kind, "value": value, "timestamp": at, "item_id": None}
        for customer, kind, value, at in told
    ]
    feedback = pl.DataFrame(rows, schema=FEEDBACK) if rows else None
    return satisfaction.fit(
        orders, returned=back, feedback=feedback, customer_ids=[*CUSTOMERS, *prospects]
    )


def test_a_shop_that_nobody_has_told_anything_knows_nothing_and_says_so() -> None:
    found = felt()

    assert found.level.tolist() == [Satisfaction.UNKNOWN] * 3
    assert found.choice["chosen"] is False
    assert "a feedback file would tell" in found.choice["why"]


def test_each_customer_has_the_level_and_the_count_of_what_they_said() -> None:
    found = felt(
        said("ann", "satisfaction", 5.0, days_ago=3),
        said("ann", "rating", 4.0, days_ago=3),
        said("bob", "complaint", None, days_ago=3),
    )

    assert found.level.tolist() == [
        Satisfaction.COMPLETELY_SATISFIED,
        Satisfaction.COMPLETELY_DISSATISFIED,
        Satisfaction.UNKNOWN,
    ]
    assert found.ratings.tolist() == [2, 0, 0]
    assert found.complaints.tolist() == [0, 1, 0]
    assert found.choice["chosen"] is True
    assert found.choice["why"] == "the satisfaction of 2 of 3 customers is known"
    assert (found.choice["ratings"], found.choice["complaints"]) == (2, 1)


def test_what_others_said_and_what_was_said_later_is_counted_and_left_out() -> None:
    found = felt(
        said("nobody", "complaint", None, days_ago=3),
        said("ann", "complaint", None, days_ago=0),
        said("ann", "complaint", None, days_ago=-1),
    )

    assert found.complaints.tolist() == [0, 0, 0]
    assert found.choice["of_others_or_too_late"] == 3


def test_silence_lowers_what_was_told_before_it_and_makes_nothing_of_nothing() -> None:
    told = felt(said("eve", "satisfaction", 5.0, days_ago=150))

    assert told.level.tolist() == [0, 0, Satisfaction.SATISFIED]
    assert felt().level[2] == Satisfaction.UNKNOWN
    assert told.silence.tolist() == [1.0, 1.0, 14.0]


def test_a_word_of_late_breaks_the_silence() -> None:
    told = felt(said("eve", "satisfaction", 5.0, days_ago=2))

    assert told.level[2] == Satisfaction.COMPLETELY_SATISFIED
    assert told.silence[2] == 14.0


def test_where_nobody_ordered_twice_silence_is_not_known_and_tells_nothing() -> None:
    found = felt(
        said("ann", "satisfaction", 5.0, days_ago=150), orders=ordered([200], [200], [200])
    )

    assert np.isnan(found.silence).all()
    assert found.level[0] == Satisfaction.COMPLETELY_SATISFIED


def test_what_prospects_say_is_heard_and_nobody_waits_for_them() -> None:
    found = felt(
        said("pat", "complaint", None, days_ago=100),
        said("pat", "rating", 1.0, days_ago=100),
        said("ann", "satisfaction", 5.0, days_ago=100),
        prospects=["pat", "joe"],
    )

    assert found.level.tolist()[3:] == [Satisfaction.COMPLETELY_DISSATISFIED, Satisfaction.UNKNOWN]
    assert (found.ratings[3], found.complaints[3], found.returned_orders[3]) == (1, 1, 0)
    assert np.isnan(found.silence).tolist() == [False] * 3 + [True] * 2
    assert found.choice["why"] == "the satisfaction of 2 of 5 customers is known"
    assert found.choice["of_others_or_too_late"] == 0


def test_returns_count_and_tell() -> None:
    back = ReturnedOrders(days=np.array([3, 1, 0]), weight=np.array([3.0, 1.0, 0.0]))

    found = felt(back=back)

    assert found.level.tolist() == [Satisfaction.DISSATISFIED, 0, 0]
    assert found.returned_orders.tolist() == [3, 1, 0]
    assert found.choice["days_with_returns"] == 4


def test_evidence_too_weak_to_tell_is_named() -> None:
    found = felt(said("ann", "rating", 5.0, days_ago=900))

    assert found.level[0] == Satisfaction.UNKNOWN
    assert found.ratings[0] == 1
    assert found.choice["chosen"] is False
    assert "too long ago or too little" in found.choice["why"]


def test_a_profile_counts_no_further_than_it_can_hold() -> None:
    back = ReturnedOrders(days=np.array([70_000, 0, 0]), weight=np.array([9.0, 0.0, 0.0]))

    assert felt(back=back).returned_orders.tolist() == [65_535, 0, 0]


def test_days_with_returns_count_once_each_and_fade() -> None:
    told = lines(
        bought("ann", "shoe", 1, quantity=4),
        bought("ann", "hat", 1),
        bought("ann", "shoe", 10, quantity=-1),
        bought("ann", "hat", 10.2, quantity=-1),
        bought("ann", "shoe", 20, quantity=-1),
        bought("bob", "shoe", 1),
    )

    found = returned(told, CUSTOMERS, day(20 + HALF_LIFE_DAYS))

    assert found.days.tolist() == [2, 0, 0]
    # the later return of the two on day 10 is older than a half-life by 9.8 days
    older = 2 ** -(1 + 9.8 / HALF_LIFE_DAYS)
    assert found.weight.tolist() == pytest.approx([0.5 + older, 0.0, 0.0])


def test_a_return_is_of_something_that_its_customer_bought_before() -> None:
    told = lines(
        bought("ann", "shoe", 5),
        bought("ann", "shoe", 4, quantity=-1),  # before it was bought
        bought("ann", "voucher", 6, quantity=-1),  # never bought
        bought("bob", "shoe", 6, quantity=-1),  # bought by somebody else
        bought(None, "shoe", 5),
        bought(None, "shoe", 6, quantity=-1),  # nobody's
        bought("ann", "shoe", 30, quantity=-1),  # too late
        bought("ivy", "shoe", 5),
        bought("ivy", "shoe", 6, quantity=-1),  # no customer of ours
    )

    found = returned(told, CUSTOMERS, day(30))

    assert found.days.tolist() == [0, 0, 0]
    assert found.weight.tolist() == [0.0, 0.0, 0.0]
