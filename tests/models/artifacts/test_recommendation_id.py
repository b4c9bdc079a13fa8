"""The name of an answer says what it was given to say, and nothing where it was given nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artifacts.recommendation_id import N_CODES, code, codes, ending

NAME = st.text(min_size=1, max_size=64)


@given(release=NAME, placement=NAME)
def test_a_name_says_its_release_and_its_placement(release: str, placement: str) -> None:
    name = "01935f6e-5a9c-7c3e-9f1b-2d6c" + ending(release, placement).decode()

    assert codes(name) == (code(release), code(placement))


@given(name=NAME)
def test_a_code_is_never_that_of_nothing(name: str) -> None:
    assert 0 < code(name) < N_CODES


def test_nothing_has_the_code_zero() -> None:
    assert ending(None, None) == b"00000000"
    assert codes("01935f6e-5a9c-7c3e-9f1b-2d6c00000000") == (0, 0)


def test_names_in_capital_letters_say_the_same() -> None:
    name = "01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d"

    assert codes(name.upper()) == codes(name) == (0x1F0A, 0x4B7D)


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "r-17",
        "6a1b2f0e-6d0f-4c43-9a55-0f5f2f6f8f5e",
        "01935f6e-5a9c-7c3e-1f1b-2d6c1f0a4b7d",
        "01935f6e5a9c7c3e9f1b2d6c1f0a4b7d",
        "01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d\n",
        "01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d0",
    ],
)
def test_what_is_no_name_of_ours_says_nothing(foreign: str) -> None:
    assert codes(foreign) is None
