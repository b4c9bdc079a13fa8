"""GPP strings: the specification's own, and what their sections come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consent import gpp
from models.consent.bits import Unreadable
from tests.models.consent.writing import NOW_MS, bits_of, gpp_string, letters, tc_string

NONE = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
AGREED = tc_string({1, 3, 4})
WILLING = "BVQqAAAAAgA.QA"
"""Of the United States as a whole, as pages send it."""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (f"DBABM~{NONE}", [2]),
        (f"DBACNY~{NONE}~1YNN", [2, 6]),
        (f"DBABjw~{NONE}~1YNN", [5, 6]),
        (f"DBACNYA~{NONE}~1YNN", [2, 6]),
        ("DBABLA~BVQqAAAAAgA.QA", [7]),
        ("DBABBg~BVqqqqpY.YA", [8]),
        ("DBAA", []),
    ],
)
def test_headers_are_read_as_the_specification_has_them(text: str, numbers: list[int]) -> None:
    assert gpp.sections(text) == dict(zip(numbers, text.split("~")[1:], strict=True))


@given(numbers=st.sets(st.integers(1, 4095), max_size=12).map(sorted))
def test_any_numbers_are_read_as_they_were_written(numbers: list[int]) -> None:
    sections = {number: f"x{number}" for number in numbers}

    assert gpp.sections(gpp_string(sections)) == sections


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "DBABM",
        f"DBABM~{NONE}~1YNN",
        f"DBACNY~{NONE}",
        f"CBABM~{NONE}",
        gpp_string({2: NONE}, kind=2),
        gpp_string({2: NONE}, version=2),
        f"DBABN~{NONE}",
        f"DBAB=~{NONE}",
        NONE,
        "DBA" + "_" * 4000 + "~x",
        letters(bits_of((3, 6), (1, 6), (1, 12), (1, 1)) + "11" + "0" * 20 + "11") + "~x",
    ],
)
def test_what_is_none_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        gpp.sections(text)
    assert not gpp.permits(text, (), now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("sections", "permitted"),
    [
        ({}, True),
        ({2: AGREED}, True),
        ({2: NONE}, False),
        ({6: "1YNN"}, True),
        ({6: "1YYN"}, False),
        ({7: WILLING}, True),
        ({7: "BVVVVVVVVWA"}, False),
        ({2: AGREED, 6: "1YNN", 7: WILLING}, True),
        ({2: AGREED, 6: "1YYN", 7: WILLING}, False),
        ({1: NONE}, False),  # the first framework of Europe, no longer valid
        ({5: AGREED}, False),  # Canada's is none that we read
        ({24: WILLING}, False),  # nor are states that joined later
        ({999: "x"}, False),
        ({7: ""}, False),
    ],
)
def test_every_section_must_permit(sections: dict[int, str], permitted: bool) -> None:
    assert gpp.permits(gpp_string(sections), (), now_ms=NOW_MS) is permitted


@pytest.mark.parametrize(
    ("applied", "permitted"),
    [({7}, True), ({2}, False), ({2, 7}, False), ({8}, False), ({7, 8}, False), ({-1}, True)],
)
def test_only_what_is_applied_counts_and_must_be_there(applied: set[int], permitted: bool) -> None:
    text = gpp_string({2: NONE, 7: WILLING})

    assert gpp.permits(text, applied, now_ms=NOW_MS) is permitted


@given(
    text=st.one_of(st.text(), st.text("DBACNYM~.1-_", max_size=60)), applied=st.sets(st.integers())
)
def test_no_text_makes_it_fail(text: str, applied: set[int]) -> None:
    assert gpp.permits(text, applied, now_ms=NOW_MS) in (True, False)


@given(at=st.integers(0, 60), letter=st.characters())
def test_a_changed_letter_does_not_make_it_fail(at: int, letter: str) -> None:
    text = f"DBACNY~{NONE}~1YNN"

    assert gpp.permits(text[:at] + letter + text[at + 1 :], (), now_ms=NOW_MS) in (True, False)
