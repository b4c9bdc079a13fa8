"""What is promoted in the coming window, and who and what answers to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.rank.calendars import Promoted, calendar_of
from tests.training.tiny import bought, day, numbered
from training.data.purchases import Purchases
from training.rank import calendar
from training.rank.calendar import Kind

UNTIL = 100.0


def shop() -> Purchases:
    """Ann and bob bought milk, ann on even tens of days; jam was bought once."""
    return numbered(
        *(bought("ann", "milk", on + 0.5) for on in (0, 20, 40, 60)),
        *(bought("bob", "milk", on + 0.5) for on in (10, 30)),
        bought("bob", "jam", 50.5),
        until=UNTIL,
    )


def of_milk(*promotions: Promoted) -> tuple[Kind, int]:
    purchases = shop()
    found = calendar.fit(calendar_of(*promotions), purchases)
    return found["mailer"], purchases.item_ids.index("milk")


@pytest.mark.parametrize(
    ("filled_till", "covered"), [(100, False), (113, False), (114, True), (128, True), (300, True)]
)
def test_a_calendar_covers_a_window_of_which_half_the_days_are_filled(
    filled_till: float, covered: bool
) -> None:
    promotions = calendar_of(Promoted("milk", 0, filled_till))

    assert bool(calendar.covering(promotions, day(UNTIL)).height) == covered


def test_a_calendar_that_begins_after_the_window_does_not_cover_it() -> None:
    later = calendar_of(Promoted("milk", 128, 200))

    assert not calendar.covering(later, day(UNTIL)).height


def test_a_kind_that_ends_with_the_past_is_left_out_beside_one_that_does_not() -> None:
    both = calendar_of(Promoted("milk", 0, 100), Promoted("jam", 0, 200, kind="coupon"))

    assert calendar.covering(both, day(UNTIL))["kind"].to_list() == ["coupon"]


def test_a_promotion_without_an_end_promotes_its_own_item_only() -> None:
    for_ever = calendar_of(Promoted("milk", 0, 365 * 7000))

    found = calendar.fit(for_ever, shop())["mailer"]

    bob = shop().customer_ids.index("bob")
    assert found.prone[bob] == pytest.approx(2 / 3)  # milk twice of three


def test_reach_is_the_share_of_days_times_the_share_of_the_shop() -> None:
    kind, milk = of_milk(Promoted("milk", 86, 107, reach=0.5), Promoted("jam", 0, 200))

    assert kind.window[milk] == pytest.approx(0.5 * 7 / 28)
    assert kind.week[milk] == pytest.approx(0.5)
    assert kind.before[milk] == pytest.approx(0.5 * 14 / 28)
    assert kind.usual[milk] == pytest.approx(0.5 * 14 / 99.5)  # the first purchase is so long ago


def test_of_a_calendar_that_ends_in_the_window_the_days_count_that_it_has() -> None:
    kind, milk = of_milk(Promoted("milk", 100, 107), Promoted("jam", 93, 114))

    assert kind.window[milk] == pytest.approx(7 / 14)
    assert kind.window[1 - milk] == 1
    assert (kind.before[milk], kind.before[1 - milk]) == (0, 1)


def test_promotions_on_top_of_one_another_reach_no_more_than_everybody() -> None:
    kind, milk = of_milk(Promoted("milk", 100, 128, reach=0.7), Promoted("milk", 100, 128))

    assert kind.window[milk] == 1


def test_what_sells_on_promoted_days_only_is_lifted() -> None:
    ten_days = [Promoted("milk", on, on + 1) for on in range(0, 100, 10)]

    kind, milk = of_milk(*ten_days)

    usual = 9.5 / 90.5  # from the first purchase to the calendar's end
    assert kind.lift[milk] == pytest.approx((6 + 2) / (6 * usual + 2), rel=1e-5)
    assert kind.lift[1 - milk] == 1  # jam was never promoted


def test_who_buys_on_promoted_days_only_is_prone() -> None:
    purchases = shop()

    found = calendar.fit(
        calendar_of(*(Promoted("milk", on, on + 1) for on in range(0, 100, 20))), purchases
    )

    ann, bob = (purchases.customer_ids.index(name) for name in ("ann", "bob"))
    assert found["mailer"].prone[ann] == 1
    assert found["mailer"].prone[bob] == 0


def test_a_kind_of_items_that_nobody_knows_yet_is_there_and_says_nothing() -> None:
    purchases = shop()
    promotions = calendar_of(Promoted("milk", 0, 200), Promoted("eggnog", 90, 200, kind="launch"))

    found = calendar.fit(promotions, purchases)

    assert list(found) == ["launch", "mailer"]
    assert not found["launch"].window.any()
    assert not found["launch"].prone.any()
    assert set(found["launch"].lift.tolist()) == {1.0}


SPANS = st.lists(
    st.tuples(
        st.sampled_from(["milk", "jam"]),
        st.integers(-5, 60),
        st.integers(1, 40),
        st.sampled_from([0.25, 0.5, 1.0]),
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, max_examples=60)
@given(spans=SPANS, on=st.integers(0, 59))
def test_a_purchase_on_a_promoted_day_is_its_plain_definition(
    spans: list[tuple[str, int, int, float]], on: int
) -> None:
    purchases = numbered(bought("ann", "milk", on + 0.7), bought("bob", "jam", 0), until=60)
    promotions = [Promoted(item, at, at + days, reach=reach) for item, at, days, reach in spans]

    found = calendar.fit(calendar_of(*promotions), purchases)

    expected = sum(
        one.reach for one in promotions if one.item == "milk" and one.starts <= on < one.ends
    )
    ann = purchases.customer_ids.index("ann")
    assert found["mailer"].prone[ann] == pytest.approx(min(expected, 1), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(spans=SPANS)
def test_what_is_promoted_ahead_is_its_plain_definition(
    spans: list[tuple[str, int, int, float]],
) -> None:
    purchases = numbered(bought("ann", "milk", 1), bought("bob", "jam", 0), until=30)
    promotions = [Promoted(item, at, at + days, reach=reach) for item, at, days, reach in spans]

    found = calendar.fit(calendar_of(*promotions), purchases)["mailer"]

    for item in ("milk", "jam"):
        row = purchases.item_ids.index(item)
        ahead = sum(
            one.reach
            for one in promotions
            for on in range(30, 58)
            if one.item == item and one.starts <= on < one.ends
        )
        begins = max(30, min(one.starts for one in promotions))
        ends = min(58, max(one.ends for one in promotions))
        assert found.window[row] == pytest.approx(min(ahead / max(ends - begins, 1), 1), abs=1e-6)
        assert np.isfinite(found.lift[row])
