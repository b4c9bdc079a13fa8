"""Scales with round marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.report_page.axes import BOTTOM, LEFT, RIGHT, TOP, Axis


def over(*values: float) -> Axis:
    return Axis.over(values, "money", lambda value: f"{value:g}")


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ((0.0, 97.0), ["0", "20", "40", "60", "80", "100"]),
        ((1900.0,), ["0", "500", "1000", "1500", "2000"]),
        ((0.43,), ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]),
        ((-30.0, 60.0), ["-40", "-20", "0", "20", "40", "60"]),
        ((0.0,), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ((), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ],
)
def test_marks_are_round_and_hold_every_value(values: tuple[float, ...], marks: list[str]) -> None:
    assert [name for _, name in over(*values).marks] == marks


@given(
    st.lists(st.just(0.0) | st.floats(1e-6, 1e9) | st.floats(-1e9, -1e-6), min_size=1, max_size=9)
)
def test_every_value_is_inside_and_marks_are_few(values: list[float]) -> None:
    axis = over(*values)

    slack = 1e-6 * (axis.top - axis.low)
    assert axis.low - slack <= min(values)
    assert max(values) <= axis.top + slack
    assert axis.low <= 0 <= axis.top
    assert axis.low < axis.top
    assert 2 <= len(axis.marks) <= 8
    assert [place for place, _ in axis.marks] == sorted({place for place, _ in axis.marks})


def test_the_ends_of_a_scale_are_the_edges_of_the_field() -> None:
    axis = over(-40.0, 60.0)

    assert (axis.across(-40), axis.across(60)) == (LEFT, RIGHT)
    assert (axis.up(-40), axis.up(60)) == (BOTTOM, TOP)
    assert axis.across(10) == (LEFT + RIGHT) / 2
    assert axis.up(10) == (TOP + BOTTOM) / 2


def test_shares_are_marked_in_quarters() -> None:
    axis = Axis.share("share of customers")

    assert [name for _, name in axis.marks] == ["0%", "25%", "50%", "75%", "100%"]
    assert (axis.across(0), axis.across(1)) == (LEFT, RIGHT)
