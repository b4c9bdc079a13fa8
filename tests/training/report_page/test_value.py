"""What customers are worth, and how unequally."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.report_page import told
from training.report_page.value import gini, value


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=40).filter(lambda values: sum(values) > 1))
def test_gini_is_its_plain_definition(values: list[float]) -> None:
    ordered = np.sort(values)
    curve = np.concatenate(([0.0], np.cumsum(ordered))) / ordered.sum()
    apart = np.abs(ordered[:, None] - ordered[None, :]).mean()

    assert gini(curve.tolist()) == pytest.approx(apart / (2 * ordered.mean()))


def test_the_best_tenth_is_what_the_other_nine_did_not_bring() -> None:
    best = value(told.manifest(), told.summary())

    assert best.sentences[0].startswith("Value is margin")
    assert "money of a year later counts 15\u00a0% less" in best.sentences[0]
    lorenz = best.figures[1].table
    assert lorenz is not None
    assert lorenz.rows[9] == ("90\u00a0%", "73\u00a0%")


def test_value_without_margins_is_called_revenue() -> None:
    said = value(told.manifest(), replace(told.summary(), basis="revenue")).sentences[0]

    assert said.startswith("Value is revenue, the money they pay, for no margin is known.")
