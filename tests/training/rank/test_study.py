"""A window judges what older windows taught, and then teaches; labels reach nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from models.artifacts.customer_record import CustomerRecord
from tests.training.fitted import window
from tests.training.rank.ranked import (
    SEED,
    auc,
    counted,
    features_at,
    planted_window,
    promoted_shop,
    shuffled,
    studied_at,
    taught_by,
    told,
)
from tests.training.tiny import basket, lines
from training.fit.blend import DEFAULT
from training.rank import study as studying
from training.rank.ranker import UNTAUGHT
from training.rank.study import BLEND, RANKER, Asked, study

pytestmark = pytest.mark.slow

OLD, NEW = 114.0, 142.0


def test_the_first_window_judges_the_blend_alone_and_the_next_both() -> None:
    later = study(
        planted_window(NEW),
        DEFAULT,
        features_at(NEW),
        taught_by(OLD),
        rng=np.random.default_rng(SEED),
    )

    assert list(studied_at(OLD).ways) == [BLEND]
    assert list(later.ways) == [BLEND, RANKER]
    assert later.ways[BLEND].packed.keys() == later.ways[RANKER].packed.keys()
    assert set(later.ways[RANKER].packed) == set(planted_window(NEW).held_out.customer_ids)


def test_records_carry_the_scores_that_will_be_calibrated() -> None:
    scored = studied_at(OLD).ways[BLEND]

    listed = [CustomerRecord.unpack(record).scores for record, _ in scored.packed.values()]
    every, _, _ = scored.all()
    best = sorted(float(scores.max()) for scores in listed)
    assert best[-1] == pytest.approx(every.max(), rel=1e-3)
    assert min(float(scores.min()) for scores in listed) >= every.min() - 1e-3
    assert best[-1] > 1  # so no probability


def test_where_every_item_is_a_candidate_all_that_was_bought_is_found_and_learned() -> None:
    window_, studied = planted_window(OLD), studied_at(OLD)

    n_bought = sum(items.size for items in window_.held_out.bought)
    assert sum(int(labels.sum()) for labels in studied.lesson.labels) == n_bought
    assert studied.ways[BLEND].all()[1].sum() == n_bought
    assert set(studied.ceiling.values()) == {1.0}


def test_the_ceiling_is_the_share_of_what_was_bought_that_is_among_the_candidates() -> None:
    """Bob's 900 items are new to ann; she then buys one that sells and one that never did."""
    rare = " ".join(f"p-{n:03d}" for n in range(900))
    old = [line for n in range(30) for line in basket(f"c-{n:02d}", "milk jam", n)]
    purchases = lines(
        *basket("bob", rare, 1), *old, *basket("ann", "milk", 90), *basket("ann", "jam p-899", 110)
    )
    of = window(purchases, cut=100)

    studied = study(of, DEFAULT, counted(of), UNTAUGHT, rng=np.random.default_rng(SEED))

    assert studied.ceiling == {"candidates' ceiling": 0.5, "candidates' ceiling, explore": 0.5}


def test_of_many_customers_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studying, "MAX_CUSTOMERS", 50)

    studied = study(
        planted_window(OLD), DEFAULT, features_at(OLD), UNTAUGHT, rng=np.random.default_rng(SEED)
    )

    drawn = set(studied.ways[BLEND].packed)
    assert len(drawn) == 50
    assert drawn < set(planted_window(OLD).held_out.customer_ids)


def test_of_many_who_came_and_many_who_did_not_the_shares_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of sixty a third came back; of those ten are drawn, and twenty others stand for them."""
    monkeypatch.setattr(studying, "MAX_CUSTOMERS", 10)
    told = [basket(f"c-{n:02d}", "milk", on) for n in range(60) for on in (1, 20, 40)]
    back = [basket(f"c-{n:02d}", "milk", 70) for n in range(20)]
    sold = window(lines(*(line for one in (*told, *back) for line in one)), cut=60)

    asked = Asked.of(sold, np.random.default_rng(1))

    assert (asked.came.sum(), asked.absent.sum(), asked.each_absent) == (10, 20, 1)


def test_a_study_is_the_same_twice() -> None:
    again = study(
        planted_window(OLD), DEFAULT, features_at(OLD), UNTAUGHT, rng=np.random.default_rng(SEED)
    )

    first = studied_at(OLD)
    assert again.ways[BLEND].packed == first.ways[BLEND].packed
    assert [one.tobytes() for one in again.lesson.matrices] == [
        one.tobytes() for one in first.lesson.matrices
    ]


def test_true_labels_tell_the_next_window_and_shuffled_ones_tell_chance() -> None:
    """The leak test: with nothing in the labels, nothing may come out of the features."""
    of, known = planted_window(NEW), features_at(NEW)
    misled = UNTAUGHT.taught(shuffled(studied_at(OLD).lesson), seed=SEED)

    truly = auc(*told(of, known, taught_by(OLD)))
    by_chance = auc(*told(of, known, misled))

    assert truly > 0.85
    assert by_chance == pytest.approx(0.5, abs=0.1)


def test_what_the_window_bought_does_not_reach_its_own_scores() -> None:
    """The ranker that judges a window was taught without it: other labels, the same lists."""
    of = planted_window(NEW)
    turned = [*of.held_out.bought[1:], of.held_out.bought[0]]
    held_out = replace(of.held_out, bought=turned)
    other = type(of)(shop=of.shop, held_out=held_out)

    lists, others = (
        study(each, DEFAULT, features_at(NEW), taught_by(OLD), rng=np.random.default_rng(SEED))
        .ways[RANKER]
        .packed
        for each in (of, other)
    )

    assert lists == others


def test_a_calendar_that_holds_the_labels_shows() -> None:
    """What is bought because it is promoted cannot be told from the past, and can from a calendar.

    So a feature that holds what is to come is used, and would be seen in the figures.
    """
    purchases, promotions = promoted_shop()
    old, new = window(purchases, cut=OLD), window(purchases, cut=NEW)

    reached = {}
    for name, known in {"with": promotions, "without": None}.items():
        taught = study(
            old, DEFAULT, counted(old, known), UNTAUGHT, rng=np.random.default_rng(SEED)
        ).lesson
        ranker = UNTAUGHT.taught(taught, seed=SEED)
        reached[name] = auc(*told(new, counted(new, known), ranker))

    assert reached["with"] > 0.9
    assert reached["with"] > reached["without"] + 0.05


def test_who_bought_nothing_belongs_to_the_probabilities_and_teaches_nothing() -> None:
    """Sixty customers bought milk before the cut; twenty of them come back for it."""
    told = [basket(f"c-{n:02d}", "milk jam", on) for n in range(60) for on in (1, 20, 40)]
    back = [basket(f"c-{n:02d}", "milk", 70) for n in range(20)]
    sold = window(lines(*(line for one in (*told, *back) for line in one)), cut=60)

    asked = Asked.of(sold, np.random.default_rng(1))
    studied = study(sold, DEFAULT, counted(sold), UNTAUGHT, rng=np.random.default_rng(1))
    scores, bought, counts = studied.ways[BLEND].all()

    assert (asked.came.sum(), asked.absent.sum(), asked.each_absent) == (20, 40, 1)
    assert sum(labels.size for labels in studied.lesson.labels) <= 2 * 20
    probabilities = studied.ways[BLEND].calibration().probability(scores)
    assert counts.sum() == 2 * 60
    assert float(probabilities.mean()) == pytest.approx(20 / (2 * 60), abs=0.02)
    assert bought.sum() == 20


def test_of_many_who_bought_nothing_each_stands_for_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studying, "MAX_ABSENT", 10)
    told = [basket(f"c-{n:02d}", "milk", on) for n in range(60) for on in (1, 20, 40)]
    back = [basket(f"c-{n:02d}", "milk", 70) for n in range(20)]
    sold = window(lines(*(line for one in (*told, *back) for line in one)), cut=60)

    asked = Asked.of(sold, np.random.default_rng(1))

    assert (asked.absent.sum(), asked.each_absent) == (10, 4)
    assert not (asked.absent & asked.came).any()
