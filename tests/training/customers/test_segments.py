"""Every customer has one name, and equal customers have the same."""

import re
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.customer.segments import Segment, slug
from tests.training.customers.ordering import ordered
from training.customers import segments
from training.customers.segments import RULES

SCORES = range(1, 6)


def name_of(r: int, f: int, m: int) -> Segment:
    return Segment(int(segments.named(*(np.array([score]) for score in (r, f, m)))[0]))


def test_every_cell_has_exactly_one_name() -> None:
    for r, f, m in product(SCORES, SCORES, SCORES):
        mean = (f + m) // 2

        names = [
            segment
            for segment, rule in RULES.items()
            if rule.recency[0] <= r <= rule.recency[1] and rule.value[0] <= mean <= rule.value[1]
        ]

        assert names == [name_of(r, f, m)]


def test_every_name_has_a_rule_a_title_and_a_sentence() -> None:
    assert set(RULES) == set(Segment) - {Segment.UNKNOWN}
    assert all(rule.title and rule.description.endswith(".") for rule in RULES.values())


def test_the_table_of_the_docstring_is_the_one_in_use() -> None:
    assert segments.__doc__ is not None
    rows = [re.split(r"\s{2,}", line.strip()) for line in segments.__doc__.splitlines()]
    drawn = {int(row[0]): row[1:] for row in rows if row[0].isdigit()}

    in_use = {r: [slug(name_of(r, fm, fm)).replace("-", " ") for fm in SCORES] for r in SCORES}

    assert drawn == in_use


@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_a_score_is_one_and_one_more_for_each_fifth_that_is_exceeded(values: list[int]) -> None:
    expected = [1 + 5 * sum(other < one for other in values) // len(values) for one in values]

    assert segments.scores(np.array(values)).tolist() == expected


def test_five_customers_have_five_scores() -> None:
    assert segments.scores(np.array([30.0, 10.0, 50.0, 20.0, 40.0])).tolist() == [3, 1, 5, 2, 4]


def test_a_shop_where_most_bought_once_does_not_tear_them_apart() -> None:
    once = [[20.0]] * 7
    often = [[40.0, 30.0, 20.0]] * 3

    found = segments.fit(ordered(*once, *often))

    assert len(set(found[:7].tolist())) == len(set(found[7:].tolist())) == 1
    assert found[0] == Segment.NEW
    assert found[7] == Segment.CHAMPIONS


def test_a_single_customer_of_a_first_day_is_new() -> None:
    assert segments.fit(ordered([0.2])).tolist() == [Segment.NEW]


def test_who_bought_often_and_much_is_named_by_how_long_ago_that_was() -> None:
    regular = [[days + 40.0, days + 20.0, float(days)] for days in (100, 80, 60, 40, 20)]
    small = [[float(days)] for days in (100, 80, 60, 40, 20)] * 4
    orders = ordered(*regular, *small, spend=[99.0] * 15 + [1.0] * 20)

    found = segments.fit(orders)

    assert found[:5].tolist() == [
        Segment.CANNOT_LOSE,
        Segment.CANNOT_LOSE,
        Segment.LOYAL,
        Segment.LOYAL,
        Segment.CHAMPIONS,
    ]
    assert found[5:10].tolist() == [
        Segment.LOST,
        Segment.HIBERNATING,
        Segment.ABOUT_TO_SLEEP,
        Segment.PROMISING,
        Segment.NEW,
    ]
