"""The way that the shop's past trusts tells who comes soon."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.customers.visiting import at_their_own_pace, visiting
from training.customers.coming import habits, soon, visits
from training.customers.coming.soon import EVERYBODY, LEARNED, OWN_RATE, Case, Past
from training.customers.coming.visits import Visits


def case(shop: Visits, days_ago: float = 0.0) -> Case:
    then = visits.at(shop, days_ago)
    return Case(
        columns=habits.columns(then.past),
        past=then.past,
        next_days=then.next_days,
        customer=then.rows,
    )


def past_of(shop: Visits) -> Past:
    return Past(at=lambda days_ago: case(shop, days_ago), days=float(shop.age_days.max(initial=0)))


def clocks(n: int) -> Visits:
    """Everybody comes every 20 days to the day, but not on the same days."""
    return visiting(*([*range(20 * 15 - 3 - place % 20, 0, -20)] for place in range(n)))


def test_who_comes_like_a_clock_is_told_by_when_they_are_due() -> None:
    shop = clocks(200)

    found = soon.contest(past_of(shop), 7.0)

    chances = found.way(case(shop))
    due_in = 20 - shop.last
    assert found.name == LEARNED
    assert chances[due_in < 4].min() > chances[due_in > 12].max()
    assert found.choice["AUC"][LEARNED] > 0.9
    assert found.choice["AUC"][OWN_RATE] < 0.6


def test_of_random_visitors_the_chances_are_those_that_made_them() -> None:
    shop = at_their_own_pace(n=3000, days=400, seed=7)

    found = soon.contest(past_of(shop), 28.0)

    errors = [abs(part["foretold"] - part["came"]) for part in found.deciles]
    assert found.name in {OWN_RATE, LEARNED}
    assert np.mean(errors) < 0.03
    assert found.choice["calibration error"][found.name] < 0.03


def test_where_nobody_differs_everybody_is_told_alike() -> None:
    rng = np.random.default_rng(7)
    shop = visiting(*([200.0, float(rng.uniform(0, 28))] for _ in range(100)))

    found = soon.contest(past_of(shop), 28.0)

    assert found.name == EVERYBODY
    assert "not ahead" in found.choice["why"]
    assert found.way(case(shop)) == pytest.approx(np.full(100, 101 / 102))


def test_a_history_too_short_for_a_lesson_is_judged_without_one() -> None:
    shop = at_their_own_pace(n=2000, days=40, seed=7)

    found = soon.contest(past_of(shop), 7.0)

    assert found.name == OWN_RATE
    assert "no earlier window" in found.choice["why"]
    assert LEARNED not in found.choice["AUC"]


def test_own_rates_are_those_of_poisson() -> None:
    found = soon.own_rate(case(visiting([20, 10], [3])), 7.0)

    assert found == pytest.approx([1 - np.exp(-0.7), 1 - np.exp(-1)])


@pytest.mark.parametrize(
    ("shop", "why"),
    [
        (visiting([3.0], [1.0]), "reaches back 3 days; looking back on a window of 28"),
        (visiting(*[[90.0, 5.0]] * 19), "19 were known when the last 28 days began"),
        (visiting(), "reaches back 0 days"),
    ],
)
def test_what_cannot_be_judged_is_not_known_and_says_why(shop: Visits, why: str) -> None:
    found = soon.contest(past_of(shop), 28.0)

    assert found.name is None
    assert why in found.choice["why"]
    assert np.isnan(found.way(case(shop))).all()


def test_nothing_learned_at_a_moment_has_seen_what_came_after_it() -> None:
    shop = clocks(60)
    changed = visits.at(shop, 28.0).past
    changed = Visits(starts=changed.starts, age_days=changed.age_days + 28.0, spend=changed.spend)

    ways = [soon.teach(LEARNED, past_of(one), 7.0, days_ago=28.0) for one in (shop, changed)]

    whole, cut = (way(case(shop, 28.0)) if way is not None else None for way in ways)
    assert whole is not None
    assert whole.tolist() == cut.tolist()  # type: ignore[union-attr]  # both were taught


def test_what_is_asked_of_a_few_customers_many_times_is_the_evidence_of_few() -> None:
    """All the clocks are those of one customer: she alone proves nothing."""
    shop = clocks(200)
    everybody = past_of(shop)

    def of_one(days_ago: float) -> Case:
        found = case(shop, days_ago)
        return replace(found, customer=np.zeros_like(found.customer))

    found = soon.contest(replace(everybody, at=of_one), 7.0)

    assert soon.contest(everybody, 7.0).name == LEARNED
    assert found.name == EVERYBODY


def test_where_all_came_no_auc_is_told() -> None:
    """nan is no JSON: a manifest holds nothing instead."""
    shop = visiting(*([200.0, float(days)] for days in np.linspace(1, 27, 40)))

    found = soon.contest(past_of(shop), 28.0)

    assert found.choice["came"] == 1
    assert set(found.choice["AUC"].values()) == {None}
