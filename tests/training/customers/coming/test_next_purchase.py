"""How soon each customer buys again, where the shop's past can tell."""

from datetime import timedelta

import numpy as np
import orjson
import pytest

from models.artifacts.customer_record import DAY_ZERO
from tests.training.tiny import ZERO, bought, day, numbered, planted
from training.customers.coming import next_purchase
from training.customers.coming.next_purchase import NextPurchase
from training.data.orders import orders
from training.data.purchases import Purchases, number


def foretold(purchases: Purchases, *, seed: int = 7) -> NextPurchase:
    codes = (np.arange(len(purchases.item_ids)) % 7).astype(np.int32)
    return next_purchase.fit(
        orders(purchases), purchases, category=codes, seed=seed, step=lambda words: None
    )


def rhythms() -> Purchases:
    """A hundred who buy every week, a hundred every four, a hundred every other week till May."""
    rng = np.random.default_rng(7)
    told = []
    for place in range(300):
        gap = (7, 28, 14)[place % 3]
        end = 150 if place % 3 == 2 else 365
        days = np.arange(rng.uniform(0, gap), end, gap)
        told += [bought(f"c-{place:03d}", f"p-{place % 5}", float(on)) for on in days]
    return numbered(*told, until=365)


@pytest.fixture(scope="module")
def found() -> NextPurchase:
    return foretold(rhythms())


def test_who_buys_weekly_comes_sooner_than_who_buys_monthly_or_has_gone(
    found: NextPurchase,
) -> None:
    weekly, monthly, gone = (found.buys[place::3] for place in range(3))

    assert weekly[:, 0].min() > 0.9
    assert monthly[:, 1].min() > 0.9
    assert monthly[:, 0].mean() == pytest.approx(0.25, abs=0.1)
    assert gone[:, 2].max() < 0.1


def test_a_longer_time_is_never_less_likely(found: NextPurchase) -> None:
    assert (np.diff(found.buys, axis=1) >= 0).all()
    assert ((found.buys >= 0) & (found.buys <= 1)).all()


def test_due_days_count_from_day_zero_and_lie_within_a_rhythm(found: NextPurchase) -> None:
    today = (np.datetime64(day(365).date()) - DAY_ZERO).astype(int)

    monthly = found.due_day[1::3].astype(int)

    assert monthly.min() >= today
    assert monthly.max() <= today + 28
    assert (found.due_day[2::3] == 0).all()


def test_two_fits_with_one_seed_are_equal_and_the_choice_is_json(found: NextPurchase) -> None:
    again = foretold(rhythms())

    assert again.buys.tobytes() == found.buys.tobytes()
    assert again.due_day.tobytes() == found.due_day.tobytes()
    assert again.category_buys.tobytes() == found.category_buys.tobytes()
    assert list(found.choice) == [
        "within 1 week",
        "within 4 weeks",
        "within 12 weeks",
        "due date",
        "categories",
    ]
    assert len(orjson.dumps(found.evidence)) < 5000
    assert orjson.loads(orjson.dumps(found.choice))["within 1 week"]["chosen"] == "learned"


@pytest.mark.slow
def test_customers_in_blocks_or_as_a_sample_are_told_much_as_all_together(
    found: NextPurchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_purchase, "BLOCK", 41)
    blocks = foretold(rhythms())
    monkeypatch.setattr(next_purchase, "MOST_TAUGHT", 150)
    sample = foretold(rhythms())

    assert blocks.buys == pytest.approx(found.buys)
    assert blocks.due_day.tolist() == found.due_day.tolist()
    assert sample.choice["within 1 week"]["cases"] == 150
    assert sample.buys[::3, 0].min() > 0.9


def test_half_a_year_of_forty_customers_is_judged_as_far_as_it_reaches() -> None:
    lines = planted(n_customers=40, n_days=182)
    shop = number(lines, lines["item_id"].unique(), until=day(182))

    found = foretold(shop)

    assert np.isfinite(found.buys).all()
    assert all(found.choice[f"within {weeks}"]["chosen"] for weeks in ("1 week", "4 weeks"))


def test_what_ten_weeks_cannot_judge_is_not_known() -> None:
    lines = planted(n_customers=40, n_days=70)
    shop = number(lines, lines["item_id"].unique(), until=day(70))

    found = foretold(shop)

    assert np.isfinite(found.buys[:, :2]).all()
    assert np.isnan(found.buys[:, 2]).all()
    assert found.choice["within 12 weeks"]["chosen"] is None
    assert "needs 112" in found.choice["within 12 weeks"]["why"]


@pytest.mark.parametrize("days", [3, 400])
def test_one_order_each_tells_of_nobody_when(days: int) -> None:
    rng = np.random.default_rng(7)
    shop = numbered(
        *(bought(f"c-{n:02d}", "milk", float(rng.uniform(0, days))) for n in range(50)), until=days
    )

    found = foretold(shop)

    assert (found.due_day == 0).all()
    assert np.isnan(found.buys).all() if days == 3 else (found.buys < 0.1).all()
    assert (found.category[:, 0] == 0).all()


def test_the_due_day_is_a_day_of_the_calendar_in_utc() -> None:
    until = ZERO + timedelta(hours=18)
    expected = (np.datetime64("2024-01-02") - DAY_ZERO).astype(int)

    found = next_purchase._day(until, np.array([0.2, 0.3, np.nan]))

    assert found.tolist() == [expected - 1, expected, 0]
