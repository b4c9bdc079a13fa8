"""Who is in which arm of an experiment."""

import numpy as np
import pytest

from models.arms import N_NUMBERS, Arms, number

HALVES = Arms.of("spring", {"control": 1, "offers": 1})
IDS = [f"c-{row}" for row in range(20_000)]


def test_a_customer_stays_in_one_arm() -> None:
    again = Arms.of("spring", {"control": 50, "offers": 50})

    assert [HALVES.of_customer(id_) for id_ in IDS[:100]] == [
        again.of_customer(id_) for id_ in IDS[:100]
    ]


def test_the_same_customer_has_the_same_number_on_every_machine() -> None:
    # By coreutils: printf 'spring\nann' | b2sum -l 32
    assert number("spring", "ann") == 0x507905E1


def test_numbers_of_32_bits_are_spread_evenly_bit_by_bit_and_over_parts() -> None:
    numbers = np.array([number("spring", id_) for id_ in IDS], dtype=np.uint64)

    n, parts = numbers.size, np.bincount((numbers >> 26).astype(np.int64), minlength=64)
    chi_square = ((parts - n / 64) ** 2 / (n / 64)).sum()
    ones = np.array([((numbers >> bit) & 1).mean() for bit in range(32)])

    assert chi_square < 63 + 4 * np.sqrt(2 * 63)
    assert np.abs(ones - 0.5).max() < 4.5 * 0.5 / np.sqrt(n)
    assert np.unique(numbers).size > n - 5


def test_arms_hold_their_shares() -> None:
    arms = Arms.of("summer", {"control": 90, "a": 9, "b": 1})

    put = [arms.of_customer(id_) for id_ in IDS]

    assert put.count("control") / len(IDS) == pytest.approx(0.9, abs=0.01)
    assert put.count("a") / len(IDS) == pytest.approx(0.09, abs=0.01)
    assert put.count("b") / len(IDS) == pytest.approx(0.01, abs=0.004)
    assert sum(arms.shares().values()) == 1
    assert arms.ends[-1] == N_NUMBERS


def test_another_experiment_divides_customers_of_one_arm_evenly() -> None:
    other = Arms.of("autumn", {"control": 1, "offers": 1})
    mine = [id_ for id_ in IDS if HALVES.of_customer(id_) == "offers"]

    both = [id_ for id_ in mine if other.of_customer(id_) == "offers"]

    assert len(both) / len(mine) == pytest.approx(0.5, abs=0.02)


def test_growing_the_first_arm_moves_nobody_out_of_it() -> None:
    small = Arms.of("spring", {"offers": 10, "control": 90})
    large = Arms.of("spring", {"offers": 40, "control": 60})

    moved = [
        id_
        for id_ in IDS
        if small.of_customer(id_) == "offers" and large.of_customer(id_) != "offers"
    ]

    assert moved == []


@pytest.mark.parametrize(
    ("experiment", "shares", "words"),
    [
        ("", {"a": 1, "b": 1}, "1 to 64 printable characters"),
        ("x\ny", {"a": 1, "b": 1}, "1 to 64 printable characters"),
        ("x", {"a": 1, "b" * 65: 1}, "1 to 64 printable characters"),
        ("x", {"a": 1}, "at least two arms, got 1"),
        ("x", {"a": 1, "b": 0}, "a number above 0"),
        ("x", {"a": 1, "b": float("nan")}, "a number above 0"),
        ("x", {"a": 1, "b": 1e-12}, "too small to hold anybody"),
    ],
)
def test_what_is_no_experiment_is_refused(
    experiment: str, shares: dict[str, float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Arms.of(experiment, shares)
