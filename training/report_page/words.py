"""Numbers as people read them: 12,345 customers, €4.62 million, 31 %, 3 March 2026.

What is not known is a dash in a table, and the text says so in words.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import isfinite
from typing import Any

DASH = "–"
_SPACE = "\u00a0"
"""A space at which no line ends."""
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}

Say = Callable[[float | None], str]


def number(value: Any) -> float | None:  # noqa: ANN401  # JSON has no type
    """Return ``value`` where it is a number, and None for whatever else evidence may hold."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def count(value: float | None) -> str:
    """Return a whole number: ``12,345``."""
    return DASH if value is None else f"{value:,.0f}"


def percent(value: float | None) -> str:
    """Return a share: ``31 %``, with a decimal where it is below ten."""
    if value is None:
        return DASH
    if 0 < value < 0.0005:
        return f"<{_SPACE}0.1{_SPACE}%"
    digits = 0 if abs(value) >= 0.0995 or not value else 1
    return f"{100 * value:.{digits}f}{_SPACE}%"


def decimal(value: float | None) -> str:
    """Return a figure between 0 and 1, or a larger one with the digits that matter."""
    if value is None:
        return DASH
    return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"


def sentence(words: str) -> str:
    """Return words that stand alone: a capital first, a full stop last."""
    words = words.strip()
    return f"{words[:1].upper()}{words[1:]}" + ("" if words.endswith((".", "!", "?")) else ".")


def listed(parts: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def day(text: str) -> str:
    """Return the day of an RFC 3339 time: ``3 March 2026``."""
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {moment:%B %Y}"


def money(currency: str | None) -> Say:
    """Return what writes money in full: ``€12,345``, and cents below a hundred."""

    def say(value: float | None) -> str:
        if value is None:
            return DASH
        return _with_unit(f"{abs(value):,.{0 if abs(value) >= 100 else 2}f}", value, currency)

    return say


def large_money(currency: str | None) -> Say:
    """Return what writes money in short: ``€4.62 million``."""

    def say(value: float | None) -> str:
        if value is None or abs(value) < 1e6:
            return money(currency)(value)
        short, unit = (1e9, "billion") if abs(value) >= 1e9 else (1e6, "million")
        return f"{_with_unit(f'{abs(value) / short:,.2f}', value, currency)}{_SPACE}{unit}"

    return say


def _with_unit(digits: str, value: float, currency: str | None) -> str:
    sign = "−" if value < 0 else ""
    if currency is None or currency in _SIGNS:
        return f"{sign}{_SIGNS.get(currency or '', '')}{digits}"
    return f"{sign}{currency}{_SPACE}{digits}"


def span(say: Say, low: float | None, high: float | None) -> str:
    """Return an interval: ``0.412 to 0.431``."""
    return DASH if low is None or high is None else f"{say(low)} to {say(high)}"


def tick(value: float) -> str:
    """Return a number for an axis: ``500``, ``20k``, ``1.5M``."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit and (unit > 1e3 or abs(value) >= 1e4):
            return f"{value / unit:g}{letter}"
    return f"{value:,g}"
