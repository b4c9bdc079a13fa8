"""What a customer buys again: faded counts, and the facts that explanations tell."""

from collections import defaultdict
from datetime import date, timedelta
from math import exp
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifacts.customer_record import DAY_ZERO
from tests.training.tiny import ZERO, bought, day, numbered
from training.fit import repurchase
from training.fit.repurchase import UINT16_MAX, Facts

SECOND = 1 / 86_400


def one(*days: float, until: float) -> tuple[int, int, int]:
    """Times, days since day 0 of the last, and days between, of milk bought on ``days``."""
    purchases = numbered(*(bought("ann", "milk", on, order=str(on)) for on in days), until=until)
    facts = repurchase.facts(purchases)
    return int(facts.times[0]), last_days(facts)[0], int(facts.every_days[0])


def last_days(facts: Facts) -> list[int]:
    zero = np.datetime64(ZERO.date()) - DAY_ZERO
    return [int(last) - int(zero.astype(int)) for last in facts.last_day]


def test_every_order_counts_by_its_age() -> None:
    purchases = numbered(
        bought("ann", "milk", 70), bought("ann", "milk", 100), bought("bob", "jam", 40), until=100.5
    )

    habit = repurchase.habit(purchases, days=30).toarray()

    assert purchases.item_ids == ["jam", "milk"]
    assert habit[0].tolist() == pytest.approx([0, exp(-30.5 / 30) + exp(-0.5 / 30)])
    assert habit[1].tolist() == pytest.approx([exp(-60.5 / 30), 0])


@pytest.mark.parametrize(
    ("days", "every"),
    [
        ((10,), 0),
        ((10, 24), 14),
        ((10, 24, 30), 10),
        ((10, 20, 24, 50), 10),
        ((10, 12, 22, 26, 56), 7),
        ((10.2, 10.6), 1),
        ((10, 20.6), 11),
    ],
)
def test_the_usual_interval_is_the_median_of_the_days_between(
    days: tuple[float, ...], every: int
) -> None:
    assert one(*days, until=100) == (len(days), int(days[-1]), every)


def test_a_purchase_at_midnight_is_of_the_day_that_begins() -> None:
    days = list(range(0, 3000, 7))
    purchases = numbered(*(bought(f"c-{on:04d}", "milk", on) for on in days), until=2999 + SECOND)

    assert last_days(repurchase.facts(purchases)) == days


@pytest.mark.parametrize("age", [1, 100, 1000, 3000])
def test_a_purchase_in_the_last_second_of_a_day_is_of_the_day_that_ends(age: int) -> None:
    assert one(1 - SECOND, until=age + 0.25)[1] == 0


def test_a_purchase_of_the_last_century_has_its_day() -> None:
    on = (date(1997, 3, 9) - ZERO.date()).days

    facts = repurchase.facts(numbered(bought("ann", "milk", on), until=0))

    assert DAY_ZERO + np.timedelta64(int(facts.last_day[0]), "D") == np.datetime64("1997-03-09")


def test_who_bought_nothing_has_no_facts() -> None:
    purchases = numbered(
        bought("ann", "milk", 1), bought("bob", "rare", 1), bought("cid", "milk", 2), min_buyers=2
    )

    facts = repurchase.facts(purchases)

    assert facts.starts.tolist() == [0, 1, 1, 2]
    assert repurchase.facts(numbered(catalogue=("milk",))).starts.tolist() == [0]


def test_more_orders_than_two_bytes_count_are_stored_as_the_most_they_do() -> None:
    purchases = numbered(bought("ann", "milk", 0), until=1)
    n = UINT16_MAX + 10
    many = type(purchases)(
        until=purchases.until,
        customer_ids=purchases.customer_ids,
        item_ids=purchases.item_ids,
        n_ranked=1,
        customer=np.zeros(n, np.int32),
        item=np.zeros(n, np.int32),
        order=np.arange(n, dtype=np.int32),
        age_days=np.linspace(0.1, 0.9, n),
        quantity=np.ones(n, np.float32),
        spend=np.ones(n, np.float32),
        saved=np.zeros(n, np.float32),
        store=np.full(n, -1, np.int32),
        n_stores=0,
    )

    assert repurchase.facts(many).times.tolist() == [UINT16_MAX]


LINE = st.builds(
    bought,
    st.sampled_from(["ann", "bob", None]),
    st.sampled_from(["milk", "jam", "rare"]),
    st.integers(0, 2 * 365 * 1440).map(lambda minute: minute / 1440),
)


@settings(deadline=None, max_examples=60)
@given(told=st.lists(LINE, max_size=40))
def test_facts_are_their_plain_definition(told: list[dict[str, Any]]) -> None:
    orders = defaultdict(set)
    for line in told:
        if line["customer_id"]:
            orders[line["customer_id"], line["item_id"], line["timestamp"].date()].add(
                line["timestamp"]
            )
    moments = defaultdict(list)
    for (who, what, _), times in sorted(orders.items()):
        moments[who, what].append(min(times))
    purchases = numbered(*told, until=800)

    facts = repurchase.facts(purchases)

    found = {
        (purchases.customer_ids[customer], purchases.item_ids[int(facts.item[place])]): (
            int(facts.times[place]),
            last_days(facts)[place],
            int(facts.every_days[place]),
        )
        for customer in range(purchases.n_customers)
        for place in range(facts.starts[customer], facts.starts[customer + 1])
    }
    assert found == {
        pair: (len(times), (times[-1] - ZERO).days, interval(times))
        for pair, times in moments.items()
    }


def interval(times: list[Any]) -> int:
    gaps = [(later - earlier) / timedelta(days=1) for earlier, later in zip(times, times[1:])]  # noqa: B905, RUF007  # shorter by one
    return max(1, round(median(gaps))) if gaps else 0


def test_pairs_of_a_customer_stand_in_row_order() -> None:
    purchases = numbered(
        *(bought("ann", item, n) for n, item in enumerate("zyxwv")), until=day(9).day
    )

    assert repurchase.facts(purchases).item.tolist() == [0, 1, 2, 3, 4]
