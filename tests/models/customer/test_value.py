"""The matrix of historical and potential value."""

import numpy as np

from models.customer.value import Thresholds, Tier

AT = Thresholds(historic=100.0, potential=50.0)


def _tier(historic: float, potential: float) -> int:
    return int(AT.tiers(np.array([historic]), np.array([potential]))[0])


def test_little_and_little_is_low() -> None:
    assert _tier(99.0, 49.0) == Tier.LOW


def test_much_and_much_is_high() -> None:
    assert _tier(100.0, 50.0) == Tier.HIGH


def test_who_was_good_and_fades_is_medium() -> None:
    assert _tier(500.0, 0.0) == Tier.MEDIUM


def test_who_is_new_and_promises_much_is_medium() -> None:
    assert _tier(0.0, 500.0) == Tier.MEDIUM


def test_who_nothing_is_known_of_has_no_tier() -> None:
    assert _tier(np.nan, 500.0) == Tier.UNKNOWN
    assert _tier(500.0, np.nan) == Tier.UNKNOWN
