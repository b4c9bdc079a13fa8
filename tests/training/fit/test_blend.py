"""The shop's own windows choose what counts: habits where habits rule, tastes where they do."""

from dataclasses import replace

import numpy as np
import pytest

from models.ranking import best
from models.shaping import blend as mixing
from tests.training.fitted import of_discovery, of_habits, window
from tests.training.tiny import basket, lines
from training.fit import blend
from training.fit.blend import DEFAULT, GRIDS, START, Choice, Window, choose
from training.fit.shop import TASTES


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture(scope="module")
def habits() -> Window:
    return window(of_habits())


@pytest.fixture(scope="module")
def discovery() -> Window:
    return window(of_discovery())


def hits(of: Window, choice: Choice, k: int) -> float:
    """The share of the first ``k`` of everybody's blend that was bought in the window."""
    found = 0
    bought = dict(zip(of.held_out.customers.tolist(), of.held_out.bought, strict=True))
    for block in of.shop.blocks(slow_days=choice.slow_days):
        for place, customer in enumerate(block.customers.tolist()):
            rows, said = block.whole(place)
            scores = mixing.repeat(said, choice.weights) + mixing.taste(said, choice.weights)
            scores += mixing.popular(said, choice.weights)
            found += np.isin(rows[best(scores, k)], bought.get(customer, [])).sum()
    return found / (k * of.held_out.customers.size)


def test_where_everybody_buys_the_same_again_habits_lead_every_list(habits: Window) -> None:
    choice = choose([habits], rng=rng())

    assert choice.weights.slow + choice.weights.fast > choice.weights.ease
    assert hits(habits, choice, k=3) == 1


def test_where_nobody_buys_a_thing_twice_habits_count_nothing(discovery: Window) -> None:
    choice = choose([discovery], rng=rng())

    assert choice.weights.slow == choice.weights.fast == 0
    assert sum(getattr(choice.weights, name) for name in TASTES) > choice.weights.popularity
    assert hits(discovery, choice, k=5) > hits(discovery, DEFAULT, k=5)


def test_where_one_thing_leads_to_the_next_transitions_lead_every_list() -> None:
    # sixty customers on one long road of items, each at a place of their own
    told = [
        line
        for n in range(60)
        for step in range(21)
        for line in basket(f"c-{n:02d}", f"p-{(n * 7 + step) % 200:03d}", 5 * step)
    ]
    of = window(lines(*told))

    choice = choose([of], rng=rng())

    assert choice.weights.transitions > 0
    assert hits(of, choice, k=1) > 0.9


def test_where_nobody_buys_a_thing_twice_what_was_bought_stands_last(discovery: Window) -> None:
    choice = choose([discovery], rng=rng())

    assert choice.weights.again < 0


def test_a_shop_without_windows_heeds_no_transitions_and_no_neighbours() -> None:
    assert START.transitions == START.neighbours == START.again == 0


@pytest.mark.parametrize(("bought_again", "slow_days"), [("old", 1000.0), ("late", 120.0)])
def test_a_shop_chooses_how_slowly_habits_fade(bought_again: str, slow_days: float) -> None:
    # ten orders a year ago against four of the last months: what is bought after the cut decides
    told = [
        line
        for n in range(10)
        for item, days in {"old": range(0, 100, 10), "late": range(300, 400, 25)}.items()
        for on in days
        for line in basket(f"c-{n}", f"{item}-{n}", on)
    ]
    after = [line for n in range(10) for line in basket(f"c-{n}", f"{bought_again}-{n}", 410)]

    choice = choose([window(lines(*told, *after), cut=400)], rng=rng())

    assert choice.slow_days == slow_days


def test_the_same_windows_choose_the_same(discovery: Window) -> None:
    assert choose([discovery], rng=rng()) == choose([discovery], rng=rng())


def test_two_windows_are_weighed_together(habits: Window, discovery: Window) -> None:
    both = choose([habits, discovery], rng=rng())

    assert both == choose([discovery, habits], rng=rng())
    assert hits(discovery, both, k=5) > hits(discovery, choose([habits], rng=rng()), k=5)
    assert hits(habits, both, k=3) >= hits(habits, choose([discovery], rng=rng()), k=3)


def test_a_part_of_the_blend_is_made_anew_whenever_a_weight_it_looks_at_moves(
    habits: Window, discovery: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembering = choose([habits, discovery], rng=rng())
    everything = tuple(GRIDS)
    forgetful = {name: (make, everything) for name, (make, _needs) in blend.PARTS.items()}
    monkeypatch.setattr(blend, "PARTS", forgetful)

    assert choose([habits, discovery], rng=rng()) == remembering
    assert remembering != DEFAULT


def test_a_shop_without_windows_gets_the_default() -> None:
    assert choose([], rng=rng()) == DEFAULT


def test_a_window_of_strangers_chooses_nothing(habits: Window) -> None:
    strangers = replace(habits.held_out, customers=np.full_like(habits.held_out.customers, -1))

    assert choose([replace(habits, held_out=strangers)], rng=rng()) == DEFAULT


def test_strangers_are_left_out_of_a_window(habits: Window) -> None:
    customers = habits.held_out.customers.copy()
    customers[::2] = -1
    mixed = replace(habits, held_out=replace(habits.held_out, customers=customers))

    assert hits(habits, choose([mixed], rng=rng()), k=3) == 1


def test_a_large_shop_is_sampled(discovery: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blend, "MAX_CUSTOMERS", 20)

    choice = choose([discovery], rng=rng())

    assert choice.weights.slow == choice.weights.fast == 0
    assert choice == choose([discovery], rng=rng())


def test_a_shop_of_two_items_can_choose() -> None:
    told = [line for n in range(0, 128, 9) for who in ("ann", "bob")
            for line in basket(who, "milk jam" if n % 2 else "milk", n)]  # fmt: skip

    choice = choose([window(lines(*told))], rng=rng())

    assert set(choice.numbers()) == {*GRIDS, "slow_days"}


def test_the_default_is_within_the_grids() -> None:
    for name, grid in GRIDS.items():
        assert min(grid) <= getattr(START, name) <= max(grid)


def test_a_choice_is_told_by_its_numbers() -> None:
    assert DEFAULT.numbers()["slow"] == 1.0
    assert DEFAULT.numbers()["slow_days"] == 240.0
