"""Customers whose truth is known, and shows in what is seen of them."""

import numpy as np
import pytest

from training.data.synthetic_trial import CHANCES, KINDS, MARGIN, trial_customers
from training.judge.chances import auc


def test_each_kind_does_what_its_name_says() -> None:
    made = trial_customers(40_000, np.random.default_rng(1))

    sure, persuadable, sleeping, lost = (
        made.chances[made.kinds == kind].mean(axis=0) for kind in range(len(KINDS))
    )
    assert sure[0] > 0.4
    assert sure[2] == pytest.approx(sure[0], rel=0.1)
    assert persuadable[2] > 4 * persuadable[0]
    assert sleeping[2] < 0.7 * sleeping[0]
    assert lost.max() < 0.05
    assert np.bincount(made.kinds).min() > 4000


def test_columns_tell_the_kind_and_never_for_certain() -> None:
    made = trial_customers(20_000, np.random.default_rng(1))

    told = auc(made.columns[:, 1], made.kinds == KINDS.index("persuadable"))

    assert 0.75 < told < 0.97


def test_what_is_kept_is_the_margin_less_the_discount() -> None:
    made = trial_customers(100, np.random.default_rng(1))

    basket = np.exp(made.columns[:, 3])
    assert made.keeps[:, 0] == pytest.approx(MARGIN * basket)
    assert made.keeps[:, 2] == pytest.approx((MARGIN - 0.15) * basket)
    assert (made.costs[:, 0] == 0).all()


def test_as_many_buy_as_their_chances_say_and_the_draw_is_the_same_twice() -> None:
    made, again = (trial_customers(40_000, np.random.default_rng(1)) for _ in range(2))
    given = np.full(40_000, 2)

    bought = made.outcome(given, np.random.default_rng(2))

    assert bought.mean() == pytest.approx(CHANCES[made.kinds, 2].mean(), abs=0.01)
    assert (made.columns == again.columns).all()
