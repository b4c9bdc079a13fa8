"""Numbers as people read them."""

from typing import Any

import pytest

from training.report_page import words


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.3149, "31 %"),
        (0.0995, "10 %"),
        (0.0994, "9.9 %"),
        (0.0, "0 %"),
        (0.0004, "< 0.1 %"),
        (-0.2, "-20 %"),
        (1.0, "100 %"),
        (None, "–"),
    ],
)
def test_a_share_has_a_decimal_only_where_it_is_small(value: float | None, told: str) -> None:
    assert words.percent(value).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("value", "currency", "told"),
    [
        (1234567.4, "EUR", "€1,234,567"),
        (12.5, "USD", "$12.50"),
        (99.999, "GBP", "£100.00"),
        (-1500.0, "EUR", "−€1,500"),
        (1500.0, "CHF", "CHF 1,500"),
        (1500.0, None, "1,500"),
        (None, "EUR", "–"),
    ],
)
def test_money_has_its_sign_and_thousands(
    value: float | None, currency: str | None, told: str
) -> None:
    assert words.money(currency)(value).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (4_620_000.0, "€4.62 million"),
        (7_100_000_000.0, "€7.10 billion"),
        (-2_000_000.0, "−€2.00 million"),
        (999_999.0, "€999,999"),
        (None, "–"),
    ],
)
def test_large_money_is_told_in_short(value: float | None, told: str) -> None:
    assert words.large_money("EUR")(value).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (500.0, "500"),
        (5000.0, "5,000"),
        (20_000.0, "20k"),
        (1.5e6, "1.5M"),
        (2e9, "2B"),
        (0.2, "0.2"),
    ],
)
def test_a_mark_is_short(value: float, told: str) -> None:
    assert words.tick(value) == told


@pytest.mark.parametrize(("value", "told"), [(0.4312, "0.431"), (1234.56, "1,234.6"), (None, "–")])
def test_a_figure_has_the_digits_that_matter(value: float | None, told: str) -> None:
    assert words.decimal(value) == told


@pytest.mark.parametrize("value", [None, True, "7", float("nan"), float("inf"), [1]])
def test_what_is_no_number_is_not_known(value: Any) -> None:  # noqa: ANN401
    assert words.number(value) is None


def test_a_span_needs_both_ends() -> None:
    assert words.span(words.decimal, 0.1, 0.2) == "0.100 to 0.200"
    assert words.span(words.decimal, None, 0.2) == "–"


def test_days_sentences_and_lists_are_read_aloud_easily() -> None:
    assert words.day("2026-03-03T20:00:00+00:00") == "3 March 2026"
    assert words.sentence("it was too short") == "It was too short."
    assert words.sentence("Was it?") == "Was it?"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"
    assert words.listed([]) == ""
