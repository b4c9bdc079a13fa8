"""Horizons of one shop, which must agree with each other."""

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance
from training.customers.worth.back_test import mixed
from training.customers.worth.buying import PROCESSES
from training.customers.worth.outlook import Choice, Outlook
from training.customers.worth.seen import Seen
from training.customers.worth.spend_models import SpendModels

SHOP = by_chance(120, weeks=60)
WEEKS = 12.0
SEEN = Seen.of(SHOP, weeks=WEEKS)
MODELS = SpendModels.fit(SHOP, weeks=WEEKS, seed=7)
MIX = {"last period": 0.5, "MBG/NBD × Gamma-Gamma": 0.5}


def looking(process: str = "MBG/NBD") -> Outlook:
    return Outlook.of(SEEN, MODELS, Choice(mix=MIX, process=process))


def test_spend_within_the_window_is_what_the_mix_says() -> None:
    assert looking().spend(WEEKS) == pytest.approx(mixed(MODELS.spend(SEEN), MIX))


@pytest.mark.parametrize("process", PROCESSES)
def test_more_is_spent_in_longer_and_never_more_a_week(process: str) -> None:
    outlook = looking(process)

    within = np.stack([outlook.spend(weeks) for weeks in (4, 12, 26, 52)])
    a_week = within / np.array([[4], [12], [26], [52]])

    assert (np.diff(within, axis=0) >= 0).all()
    assert (np.diff(a_week, axis=0) <= 1e-9).all()


@pytest.mark.parametrize("process", PROCESSES)
def test_purchases_are_those_of_the_purchase_model(process: str) -> None:
    expected = MODELS.buying[process].purchases(SEEN.counts, weeks=26)

    assert looking(process).purchases(26) == pytest.approx(expected)


def test_without_a_rate_lifetime_is_spend() -> None:
    assert looking().lifetime(52, annual_rate=0.0) == pytest.approx(looking().spend(52))


def test_lifetime_counts_each_week_less_than_the_one_before() -> None:
    outlook = looking()
    ends = np.arange(53)
    running = np.stack(
        [np.zeros(SHOP.n_customers), *(outlook.spend(float(end)) for end in ends[1:])]
    )
    middle_of_week = (ends[1:] - 0.5) / 52
    by_week = np.diff(running, axis=0) * (1.15**-middle_of_week)[:, None]

    lifetime = outlook.lifetime(52, annual_rate=0.15)

    assert lifetime == pytest.approx(by_week.sum(axis=0), rel=1e-4)
