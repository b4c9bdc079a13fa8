"""Consent by TC strings: published ones, whose meaning their publishers tell, and written ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consent import tcf
from tests.models.consent.writing import NOW_MS, bits_of, letters, tc_string

CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
"""Of the framework's own document: consent to purposes 1, 2 and 3."""
NONE = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
"""Of the Global Privacy Platform's document: consent to nothing."""
TEN = "CO4VThZO4VTiuADABBENAzCgAP_AAEOAAAAAAwwAgAEABhAAgAgAAA.YAAAAAAAAAA"
"""Of a consent manager: consent to purposes 1 to 10, with vendors by ranges and the publisher's."""
TEN_MS = 1_597_838_000_000
"""A moment soon after that."""
VENDORS = (
    "IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAA"
    "AAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)
RESTRICTED = bits_of((1, 12), (2, 6), (1, 2), (1, 12), (1, 1), (5, 16), (9, 16))
RANGES = bits_of((9, 16), (1, 1), (2, 12), (0, 1), (3, 16), (1, 1), (5, 16), (8, 16))
PUBLISHER = bits_of((3, 3), (0, 24), (0, 24), (2, 6), (0, 2), (0, 2))


def permits(text: str, now_ms: int = NOW_MS) -> bool:
    return tcf.permits(text, now_ms=now_ms)


@pytest.mark.parametrize("text", [TEN, TEN.split(".", maxsplit=1)[0], f"{TEN}.{VENDORS}"])
def test_published_consent_to_all_purposes_permits(text: str) -> None:
    assert permits(text, TEN_MS)


@pytest.mark.parametrize("text", [CORE, NONE, f"{CORE}.{VENDORS}", f"{CORE}.ZAAgH9794ulA"])
def test_published_consent_to_less_does_not(text: str) -> None:
    assert not permits(text)


@given(agreed_to=st.sets(st.integers(1, 24)))
def test_it_takes_purposes_1_3_and_4(agreed_to: set[int]) -> None:
    assert permits(tc_string(agreed_to)) == ({1, 3, 4} <= agreed_to)


def test_a_legitimate_interest_will_not_do() -> None:
    assert not permits(tc_string({1}, interests={1, 3, 4}))


@pytest.mark.parametrize("vendors", [RANGES, bits_of((0, 17)), bits_of((4, 16), (0, 1), (5, 4))])
def test_vendors_may_be_listed_either_way(vendors: str) -> None:
    assert permits(tc_string({1, 3, 4}, vendors=vendors))


@pytest.mark.parametrize(
    "segments",
    [[bits_of((1, 3)) + RANGES], [bits_of((2, 3)) + RANGES], [PUBLISHER], [PUBLISHER, PUBLISHER]],
)
def test_what_stands_behind_the_core_changes_nothing(segments: list[str]) -> None:
    assert permits(tc_string({1, 3, 4}, restrictions=RESTRICTED, segments=segments))


@pytest.mark.parametrize("segment", [bits_of((0, 3)), bits_of((4, 3)), bits_of((1, 3), (9, 16))])
def test_a_segment_that_is_none_makes_the_whole_unreadable(segment: str) -> None:
    assert not permits(tc_string({1, 3, 4}, segments=[segment]))


@pytest.mark.parametrize("version", [0, 1, 3])
def test_another_version_is_unreadable(version: int) -> None:
    assert not permits(tc_string({1, 3, 4}, version=version))


@given(n=st.integers(0, 60))
def test_a_part_of_a_string_is_unreadable(n: int) -> None:
    whole = tc_string({1, 3, 4}, restrictions=RESTRICTED)

    assert permits(whole[:n]) == (n >= len(whole))


def test_what_is_left_over_makes_it_unreadable() -> None:
    whole = tc_string({1, 3, 4})

    assert permits(f"{whole}AAA")
    assert not permits(f"{whole}AAB")


@given(text=st.one_of(st.text(), st.text("CDAB_-.~19", max_size=80), st.from_regex(r"C[\w.-]*")))
def test_no_text_makes_it_fail(text: str) -> None:
    assert permits(text) in (True, False)


@given(at=st.integers(0, len(TEN) - 1), letter=st.characters())
def test_a_changed_letter_does_not_make_it_fail(at: int, letter: str) -> None:
    assert permits(TEN[:at] + letter + TEN[at + 1 :], TEN_MS) in (True, False)


def test_the_longest_string_that_says_only_ranges_is_read_soon() -> None:
    assert not permits(tc_string({1}, vendors=bits_of((9, 16), (1, 1), (4095, 12))))
    assert not permits(letters("000010" + "1" * 49_000))


@pytest.mark.parametrize(
    ("age_days", "is_good"), [(0, True), (396, True), (397, False), (-1, True), (-2, False)]
)
def test_a_string_is_good_for_13_months(age_days: int, is_good: bool) -> None:
    text = tc_string({1, 3, 4}, updated_ms=NOW_MS // 100 * 100)

    assert permits(text, NOW_MS // 100 * 100 + age_days * 86_400_000) is is_good
