import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consent.bits import Bits, Unreadable
from tests.models.consent.writing import bits_of, fibonacci, letters


@given(numbers=st.lists(st.tuples(st.integers(1, 24), st.integers(0)), min_size=1, max_size=30))
def test_numbers_are_read_as_they_were_written(numbers: list[tuple[int, int]]) -> None:
    fields = [(number % 2**width, width) for width, number in numbers]

    bits = Bits(letters(bits_of(*fields)))

    assert [bits.take(width) for _, width in fields] == [number for number, _ in fields]
    bits.close()


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "11"), (2, "011"), (3, "0011"), (4, "1011"), (5, "00011"), (6, "10011"), (7, "01011")],
)
def test_fibonacci_numbers_are_those_of_the_specification(number: int, written: str) -> None:
    assert fibonacci(number) == written
    assert Bits(letters(written)).take_fibonacci() == number


@given(numbers=st.lists(st.integers(1, 4095), min_size=1, max_size=20))
def test_fibonacci_numbers_need_no_length(numbers: list[int]) -> None:
    bits = Bits(letters("".join(map(fibonacci, numbers))))

    assert [bits.take_fibonacci() for _ in numbers] == numbers


@pytest.mark.parametrize("text", ["", "A=", "A+", "A/", "A B", "Ä", "A\n", "A~", "A."])
def test_a_text_of_other_characters_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        Bits(text)


@pytest.mark.parametrize(("text", "n"), [("A", 7), ("AB", 6), ("AAAAAB", 12), ("AAA", 19)])
def test_a_text_that_is_too_short_or_too_long_is_unreadable(text: str, n: int) -> None:
    bits = Bits(text)
    bits.take(n)

    with pytest.raises(Unreadable):
        bits.close()


@pytest.mark.parametrize("written", ["0101010", "1", "0" * 24 + "11"])
def test_a_fibonacci_number_that_does_not_end_is_unreadable(written: str) -> None:
    with pytest.raises(Unreadable):
        Bits(letters(written)).take_fibonacci()
