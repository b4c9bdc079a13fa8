"""How much margins may count: asked of windows whose answer is known by thought."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from models.artifacts.customer_record import CustomerRecord, History
from models.shaping.profit import WEIGHT
from tests import shop
from tests.models.asking import rows
from training.data.split import HeldOut
from training.fit.calibration import Calibration
from training.fit.profit import NO_GAIN, UNASKED, WEIGHTS, choose, tried, weighing
from training.judge.earned import EARNED, PROMISED, Earned

SHOP = shop.tiny(margins=True)
AS_TOLD = Calibration(slope=1.0, offset=0.0)
"""Scores are log odds already."""


def packed(
    customers: Mapping[str, tuple[CustomerRecord, History]],
) -> dict[str, tuple[bytes, bytes]]:
    """Records as a window has them: with log odds for scores."""
    found = {}
    for id_, (record, history) in customers.items():
        odds = logit(np.clip(record.scores, 0.01, 0.99)).astype(np.float32)
        found[id_] = replace(record, scores=odds).pack(), history.pack()
    return found


def window(**bought: tuple[str, ...]) -> HeldOut:
    """Somebody bought one each of some items."""
    each = [rows(*sorted(items, key=shop.ITEMS.index)) for items in bought.values()]
    return HeldOut(
        customer_ids=list(bought),
        customers=np.arange(len(each), dtype=np.int32),
        bought=each,
        bought_before=[rows() for _ in each],
        spend=[np.ones(one.size) for one in each],
        quantity=[np.ones(one.size) for one in each],
        next_basket=each,
    )


def of(ndcg: float, *margins: float) -> Earned:
    """Customers for whom all is alike but the margin; one margin is that of three."""
    earned = np.array(margins if len(margins) > 1 else margins * 3, np.float64)
    return Earned(
        customer_ids=[f"c-{place}" for place in range(earned.size)],
        ndcg=np.full(earned.size, ndcg),
        promised=np.ones(earned.size),
        earned=earned,
    )


def told(
    by_weight: Mapping[float, tuple[float, float]], rest: tuple[float, float]
) -> dict[float, Earned]:
    """What a window says of some weights, and of all others."""
    return {weight: of(*by_weight.get(weight, rest)) for weight in WEIGHTS}


def test_each_weight_is_asked_of_the_served_function_and_at_0_it_is_relevance() -> None:
    found = tried(SHOP.loaded, packed(SHOP.customers), window(ana=("milk",)), AS_TOLD)

    assert tuple(found) == WEIGHTS
    # by relevance milk stands second; where margins count fully, fifth
    assert found[0.0].ndcg.tolist() == pytest.approx([1 / np.log2(3)])
    assert found[1.0].ndcg.tolist() == pytest.approx([1 / np.log2(6)])
    assert found[0.0].earned.tolist() == found[1.0].earned.tolist() == [0.5]


def test_scores_become_probabilities_before_margins_are_weighed() -> None:
    """Flattened to a half each, only margins tell items apart: jam's is second to wine's."""
    flat = Calibration(slope=1e-9, offset=0.0)

    found = tried(SHOP.loaded, packed(SHOP.customers), window(ana=("jam",)), flat)

    assert found[0.1].ndcg.tolist() == pytest.approx([1 / np.log2(3)])
    # butter 1.5, milk .5, bread 1, jam 2; wine is not of her record, cream out of stock
    assert found[0.1].promised.tolist() == pytest.approx([0.5 * (1.5 + 0.5 + 1 + 2)], rel=1e-3)


def test_who_has_no_record_is_not_asked_about() -> None:
    found = tried(SHOP.loaded, packed(SHOP.customers), window(ana=("jam",), eve=("jam",)), AS_TOLD)

    assert found[0.0].ndcg.size == 1


def test_without_margins_or_customers_nothing_is_asked() -> None:
    unpriced = shop.tiny()

    assert tried(unpriced.loaded, packed(unpriced.customers), window(ana=("jam",)), AS_TOLD) == {}
    assert tried(SHOP.loaded, packed(SHOP.customers), window(eve=("jam",)), AS_TOLD) == {}
    assert choose([]) == choose([{}, {}]) == UNASKED
    assert UNASKED.numbers() == {}


def test_the_weight_that_earned_most_among_those_that_cost_little_is_chosen() -> None:
    found = choose([told({0.0: (0.5, 10), 0.2: (0.495, 11), 0.3: (0.49, 12)}, rest=(0.485, 99))])

    assert found.weight == 0.3
    assert found.numbers() == {WEIGHT: 0.3}
    assert found.choice["chosen"] == "margins count 0.3"
    assert found.choice["why"] == (
        "the ten shown held 20.0% more margin than by relevance, for 2.0% of NDCG@10"
    )
    assert found.choice["figures"]["0.2"] == {
        "ndcg@10": pytest.approx(0.495), PROMISED: 1, EARNED: 11,
    }  # fmt: skip


def test_windows_are_asked_together() -> None:
    """Alone the first would choose .2, the second .1."""
    first = told({0.0: (0.5, 10), 0.1: (0.5, 10), 0.2: (0.5, 12)}, rest=(0, 0))
    second = told({0.0: (0.5, 10), 0.1: (0.5, 15), 0.2: (0.5, 10)}, rest=(0, 0))

    assert choose([first]).weight == 0.2
    assert choose([second]).weight == 0.1
    assert choose([first, {}, second]).weight == 0.1


def test_margins_count_for_nothing_where_they_earned_nothing_more() -> None:
    found = choose([told({0.0: (0.5, 10)}, rest=(0.5, 10))])

    assert found.weight == 0
    assert found.choice["chosen"] == "relevance"
    assert found.choice["why"] == NO_GAIN


def test_a_gain_that_chance_explains_is_none() -> None:
    """The mean gain is 1 both times; once it is one customer's alone."""
    plain, chance, sure = of(0.5, 1, 1, 1, 1, 1), of(0.5, 6, 1, 1, 1, 1), of(0.5, 2, 2, 2, 2, 2)

    assert choose([{weight: chance if weight else plain for weight in WEIGHTS}]).weight == 0
    assert choose([{weight: sure if weight == 0.2 else plain for weight in WEIGHTS}]).weight == 0.2


def test_margins_that_tell_nothing_of_what_is_bought_seldom_count() -> None:
    """Gains are noise; there are eight weights to be wrong by, and one test each in twenty."""
    rng = np.random.default_rng(7)
    counted = 0
    for _ in range(50):
        plain, noise = rng.gamma(1, 5, 300), rng.normal(0, 3, 300)
        # the lists of like weights are nearly alike, and so are their gains
        own = {weight: noise * weight + rng.normal(0, weight, 300) for weight in WEIGHTS}
        found = choose([{weight: of(0.5, *(plain + own[weight])) for weight in WEIGHTS}])
        counted += found.weight != 0

    assert counted <= 10


def test_where_relevance_earned_nothing_the_reason_names_no_ratio() -> None:
    found = choose([told({0.0: (0.5, 0)}, rest=(0.6, 3))])

    assert found.weight == 0.1
    assert found.choice["why"].startswith("the ten shown held more margin than by relevance, for 0")


def test_a_release_is_weighed_without_changing_it() -> None:
    changed = weighing(SHOP.loaded, 0.7)

    assert changed.earning is not None
    assert SHOP.loaded.earning is not None
    assert changed.earning.weight == 0.7
    assert SHOP.loaded.earning.weight != 0.7
    assert changed.earning.usual == SHOP.loaded.earning.usual
