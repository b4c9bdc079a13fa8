"""What a request says counts wherever it says it, and the strictest wins."""

from dataclasses import replace
from functools import partial

import pytest

from models.consent import signals as consent
from tests.models.consent.writing import NOW_MS, gpp_string, tc_string

Signals = partial(consent.Signals, now_ms=NOW_MS)
AGREED, REFUSED = tc_string({1, 3, 4}), tc_string({1})
WILLING, OBJECTS = "BVQqAAAAAgA.QA", "BVVVVVVVVWA"
EUROPE, NATION = gpp_string({2: AGREED}), gpp_string({7: WILLING})
BOTH = gpp_string({2: AGREED, 7: OBJECTS})


def sections(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


@pytest.mark.parametrize(
    "signals",
    [
        Signals(),
        Signals(tcf=(AGREED,)),
        Signals(tcf=(AGREED,), is_under_gdpr=True),
        Signals(gpp=(EUROPE,), is_under_gdpr=True),
        Signals(gpp=(EUROPE,), is_under_gdpr=True, sections=sections(2)),
        Signals(gpp=(NATION,), us_privacy=("1YNN",), sections=sections(7)),
        Signals(gpp=(BOTH,), sections=sections(2)),
        Signals(gpp=(BOTH,), sections=sections(-1)),
        Signals(gpp=("DBAA",)),
        Signals(gpp=("DBAA",), sections=sections(0)),
        Signals(sections=sections(-1)),
        Signals(sections=sections(0)),
    ],
)
def test_what_speaks_against_nothing_is_permitted(signals: consent.Signals) -> None:
    assert signals.permit


@pytest.mark.parametrize(
    "signals",
    [
        Signals(is_under_gdpr=True),
        Signals(is_under_gdpr=True, us_privacy=("1YNN",)),
        Signals(is_under_gdpr=True, gpp=(NATION,)),
        Signals(
            is_under_gdpr=True, gpp=(gpp_string({2: AGREED, 7: WILLING}),), sections=sections(7)
        ),
        Signals(is_under_gdpr=True, gpp=("nonsense",)),
        Signals(tcf=("",)),
        Signals(tcf=(REFUSED,)),
        Signals(tcf=(AGREED, REFUSED)),
        Signals(us_privacy=("1YNN", "1YYN")),
        Signals(gpp=(BOTH,)),
        Signals(gpp=(BOTH,), sections=sections(0)),
        Signals(gpp=(BOTH,), sections=sections(2, 7)),
        Signals(gpp=(EUROPE, NATION), sections=sections(2)),
        Signals(sections=sections(2)),
        Signals(sections=sections(-1, 7)),
    ],
)
def test_what_speaks_against_it_anywhere_is_not(signals: consent.Signals) -> None:
    assert not signals.permit


def test_no_string_speaks_for_a_child_or_against_the_browser() -> None:
    agreed = Signals(tcf=(AGREED,), us_privacy=("1YNN",), gpp=(EUROPE,))

    assert agreed.permit
    assert not replace(agreed, is_for_child=True).permit
    assert not replace(agreed, objects_by_browser=True).permit
