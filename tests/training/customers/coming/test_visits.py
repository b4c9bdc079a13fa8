"""Looking back shows what was known then, and nothing of what came later but when it came."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.training.customers.visiting import visiting
from training.customers.coming import visits

AGES = st.lists(
    st.lists(st.integers(1, 30), min_size=1, max_size=5).map(lambda ages: sorted(ages)[::-1]),
    min_size=1,
    max_size=6,
)


@given(ages=AGES, ago=st.integers(0, 31))
def test_a_moment_holds_the_visits_before_it_and_the_days_to_the_next(
    ages: list[list[int]], ago: int
) -> None:
    then = visits.at(visiting(*ages), ago)

    before = {row: [age - ago for age in own if age > ago] for row, own in enumerate(ages)}
    known = [row for row, own in before.items() if own]
    nearest = [max((age for age in ages[row] if age <= ago), default=-np.inf) for row in known]
    assert then.rows.tolist() == known
    assert then.past.times.tolist() == [len(before[row]) for row in known]
    assert then.past.age_days.tolist() == [age for row in known for age in before[row]]
    assert then.next_days.tolist() == [ago - age for age in nearest]


@given(ages=AGES)
def test_gaps_are_those_between_visits_of_one_visitor(ages: list[list[int]]) -> None:
    expected = [older - newer for own in ages for older, newer in pairwise(own)]

    assert visiting(*ages).gaps.tolist() == expected


def test_some_visitors_keep_their_own_visits_in_the_order_asked_for() -> None:
    shop = visiting([9, 2], [7], [8, 5, 1], spend=[1, 2, 3, 4, 5, 6])

    some = shop.of(np.array([2, 0]))

    assert some.age_days.tolist() == [8, 5, 1, 9, 2]
    assert some.spend.tolist() == [4, 5, 6, 1, 2]
    assert some.first.tolist() == [8, 9]
    assert some.last.tolist() == [1, 2]
    assert some.total(some.spend).tolist() == [15, 3]


def test_nobody_has_no_visits_and_spends_nothing() -> None:
    nobody = visiting()

    assert nobody.total(nobody.spend).tolist() == []
    assert visits.at(nobody, 3.0).rows.size == 0


def test_everybody_is_drawn_where_they_are_few_and_so_many_where_they_are_more() -> None:
    rng = np.random.default_rng(7)

    assert visits.drawn(4, 5, rng).tolist() == [0, 1, 2, 3]
    assert len(set(visits.drawn(50, 5, rng).tolist())) == 5
