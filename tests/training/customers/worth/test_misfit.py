"""Two hundred customers of whom little is foretold, and as many of whom much is."""

import numpy as np
import pytest

from training.customers.worth.misfit import Misfit

FORETOLD = np.repeat([1.0, 50.0], 200)


def test_a_group_that_brings_twice_as_much_is_off_by_that() -> None:
    came = np.where(FORETOLD == 1, 2.0, 50.0)

    misfit = Misfit.fit([(FORETOLD, came)])

    assert misfit.of(np.array([0.5, 1.0, 50.0, 99.0])) == pytest.approx([np.log(2)] * 2 + [0] * 2)


def test_between_groups_the_error_changes_evenly() -> None:
    came = np.where(FORETOLD == 1, 2.0, 50.0)
    misfit = Misfit.fit([(FORETOLD, came)])

    between = misfit.of(np.array([1.0, 2.0, 8.0, 50.0]))

    assert (np.diff(between) < 0).all()


def test_errors_of_cuts_do_not_cancel() -> None:
    more, less = Misfit.fit([(FORETOLD, 2 * FORETOLD), (FORETOLD, FORETOLD / 2)]), np.log(2)

    assert more.of(FORETOLD[:1]) == pytest.approx([less])


def test_a_small_shop_is_one_group() -> None:
    told = np.arange(1.0, 31.0)

    misfit = Misfit.fit([(told, told[::-1])])

    assert misfit.of(told) == pytest.approx(np.zeros(30))


def test_a_group_of_which_nothing_came_says_nothing() -> None:
    misfit = Misfit.fit([(FORETOLD, np.where(FORETOLD == 1, 0.0, 50.0))])

    assert misfit.of(FORETOLD) == pytest.approx(np.zeros(400))
