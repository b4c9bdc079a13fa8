"""What an item is worth: its purchase and its margin, the one against the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.errors import ArtifactCorrupt
from models.shaping.profit import DEFAULT, WEIGHT, Earning

N = 6
SCORES = arrays(np.float32, N, elements=st.floats(0, 1, width=32))
MARGINS = arrays(np.float64, N, elements=st.floats(-5, 50))


def floats(*numbers: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(numbers, dtype=np.float32)


def earning(margins: list[float], buyers: list[int], **weights: object) -> Earning | None:
    return Earning.of(weights, np.array(margins), np.array(buyers))


def test_the_usual_margin_is_that_of_what_is_bought() -> None:
    found = earning([1.0, 4.0, 100.0, np.nan], [30, 10, 0, 9])

    assert found == Earning(weight=DEFAULT, usual=(30 * 1 + 10 * 4) / 40)


def test_where_nothing_was_bought_of_late_every_item_counts_once() -> None:
    found = earning([1.0, 4.0], [0, 0], margin=0.3)

    assert found == Earning(weight=0.3, usual=2.5)


def test_a_shop_of_losses_or_of_no_margins_at_all_has_a_usual_margin_too() -> None:
    losing, giving_away = earning([-1.0, -3.0], [1, 1]), earning([0.0], [5])

    assert losing is not None
    assert giving_away is not None
    assert (losing.usual, giving_away.usual) == (2.0, 1.0)


def test_without_a_known_margin_there_is_nothing_to_count() -> None:
    assert earning([np.nan, np.nan], [1, 2], margin=0.3) is None


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan"), "much", None])
def test_a_weight_that_is_no_share_is_refused(weight: object) -> None:
    with pytest.raises(ArtifactCorrupt, match=r"margins count .*, expected a share.*train"):
        earning([1.0], [1], **{WEIGHT: weight})


def test_an_item_of_the_usual_margin_is_worth_its_purchase_at_every_weight() -> None:
    for weight in (0.0, 0.3, 1.0):
        worth = Earning(weight=weight, usual=2.0).worth(floats(0.25), np.array([2.0]))

        assert worth.tolist() == pytest.approx([0.25])


def test_an_unknown_margin_counts_the_purchase_alone_and_a_loss_counts_against_it() -> None:
    worth = Earning(weight=0.5, usual=2.0).worth(floats(0.4, 0.4), np.array([np.nan, -4.0]))

    assert worth.tolist() == pytest.approx([0.4 * 0.5, 0.4 * (0.5 - 1)])


def test_a_score_below_nothing_is_worth_nothing_whatever_the_margin() -> None:
    worth = Earning(weight=1.0, usual=2.0).worth(floats(-0.4, -0.4), np.array([-4.0, 4.0]))

    assert worth.tolist() == [0, 0]


@given(scores=SCORES, margin=MARGINS, weight=st.floats(0, 1))
def test_no_list_that_promises_as_many_purchases_promises_more_margin(
    scores: np.ndarray, margin: np.ndarray, weight: float
) -> None:
    """Whatever else is shown instead of an item earns less, or is bought less."""
    worth = Earning(weight=weight, usual=2.0).worth(scores, margin).astype(np.float64)
    order = np.argsort(-worth, kind="stable")
    promised = scores.astype(np.float64) * margin

    for shown in order[:3]:
        for left in order[3:]:
            more_margin = promised[left] > promised[shown] + 1e-3
            more_bought = scores[left] > scores[shown] + 1e-3
            assert not (more_margin and more_bought)
