"""Sections of the United States, published ones and written ones, say no where any field does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consent import us_sections
from models.consent.us_sections import NATION, SECTIONS
from tests.models.consent.writing import bits_of, letters, us_section

GROUPS = {
    7: (6, 3, 12, 2, 1), 8: (3, 2, 9, 2, 1), 9: (3, 2, 8, 1, 0), 10: (3, 2, 7, 1, 0),
    11: (4, 2, 8, 1, 0), 12: (3, 2, 8, 3, 0), 13: (3, 2, 8, 3, 1), 14: (3, 2, 8, 3, 1),
    15: (3, 2, 11, 3, 1), 16: (3, 2, 8, 1, 1), 17: (3, 2, 9, 5, 1), 18: (4, 2, 8, 1, 0),
    19: (3, 2, 8, 1, 1), 20: (3, 2, 8, 3, 1), 21: (3, 2, 10, 5, 1), 22: (3, 2, 8, 1, 1),
    23: (3, 2, 8, 1, 1),
}  # fmt: skip
"""How many notices, opt-outs, kinds of sensitive data, ages of children, other uses, by section."""
WITHOUT_GPC = {9, 11, 13}
NOTICE, OPT_OUT, SENSITIVE, CHILD, OTHER_USE, AGREEMENT = range(6)
GPC, NO_GPC = letters(bits_of((1, 2), (1, 1))), letters(bits_of((1, 2), (0, 1)))


def willing(section: int) -> list[list[int]]:
    """What somebody is told, and does not object to; no child is known."""
    notices, opt_outs, sensitive, children, other_use = GROUPS[section]
    told = [[1] * notices, [2] * opt_outs, [0] * sensitive, [0] * children, [0] * other_use]
    return [*told, [2, 0, 0]]


@pytest.mark.parametrize(
    "text",
    ["BAAAAAAAAQA", "BVQqAAAAAgA.QA", "BVVqAAAACqA.QA", "BVQqAAAAAAKA.QA", "BVQqAAAAAAJY.QA"],
)
def test_published_sections_of_who_did_not_object_permit(text: str) -> None:
    """The last two are of 2024's form, and call themselves version 1."""
    assert us_sections.permits(NATION, text)


@pytest.mark.parametrize(
    ("section", "text"),
    [
        (7, "BVVVVVVVVWA"),  # all refused
        (7, "BVVVVVVVVWA.YA"),
        (7, "CAAAAAAAAAWA.Q"),  # a child of 16 does not consent
        (8, "BVqqqqpY.YA"),  # the browser alone says no
        (12, "BVVVVVVg"),
        (8, "xlgWEYCZAA"),  # no version of ours
    ],
)
def test_published_sections_of_who_objected_do_not(section: int, text: str) -> None:
    assert not us_sections.permits(section, text)


def test_the_table_here_has_every_section() -> None:
    assert GROUPS.keys() == SECTIONS


@pytest.mark.parametrize("section", GROUPS)
def test_who_was_told_and_did_not_object_is_permitted(section: int) -> None:
    text = us_section(willing(section))

    assert us_sections.permits(section, text)
    assert us_sections.permits(section, f"{text}.{NO_GPC}") == (section not in WITHOUT_GPC)


@pytest.mark.parametrize("section", GROUPS)
def test_any_field_that_says_no_is_enough(section: int) -> None:
    for group, no in (
        (NOTICE, 2),
        (OPT_OUT, 1),
        (SENSITIVE, 1),
        (CHILD, 1),
        (CHILD, 2),
        (OTHER_USE, 1),
    ):
        for place in range(len(willing(section)[group])):
            said = willing(section)
            said[group][place] = no

            assert not us_sections.permits(section, us_section(said)), (group, place, no)


@pytest.mark.parametrize("section", sorted(GROUPS.keys() - WITHOUT_GPC))
def test_a_browser_that_says_do_not_sell_is_heeded(section: int) -> None:
    assert not us_sections.permits(section, f"{us_section(willing(section))}.{GPC}")


@pytest.mark.parametrize("agreement", [[0, 0, 0], [3, 0, 0], [1, 0, 1], [1, 3, 0], [1, 0, 3]])
def test_an_agreement_that_is_none_or_for_service_only_is_no(agreement: list[int]) -> None:
    said = [*willing(8)[:AGREEMENT], agreement]

    assert not us_sections.permits(8, us_section(said))


@pytest.mark.parametrize("version", [0, 2, 3])
def test_another_version_is_unreadable(version: int) -> None:
    assert not us_sections.permits(9, us_section(willing(9), version=version))


@pytest.mark.parametrize("behind", ["", ".", ".QA.QA", ".A", ".B", ".Q?", ".QB"])
def test_what_is_no_segment_makes_the_section_unreadable(behind: str) -> None:
    whole = us_section(willing(8))

    assert us_sections.permits(8, whole + behind) == (behind == "")


@given(section=st.sampled_from(sorted(SECTIONS)), text=st.one_of(st.text(), st.text("BCVqA_-.Q")))
def test_no_text_makes_it_fail(section: int, text: str) -> None:
    assert us_sections.permits(section, text) in (True, False)
