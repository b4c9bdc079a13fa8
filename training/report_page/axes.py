"""Where a number lies in a drawing: scales with round marks.

A drawing is ``WIDTH`` by ``HEIGHT`` units, so that its letters are as large as the page's where it
is shown at that many pixels, which is what a telephone has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Self

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 58, 342, 12, 206
"""The edges of the field that is drawn in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale that holds 0, with marks and what they are called."""

    low: float
    """At most 0."""
    top: float
    """Above 0."""
    marks: tuple[tuple[float, str], ...]
    title: str

    @classmethod
    def over(cls, values: Sequence[float], title: str, told: Callable[[float], str]) -> Self:
        """Return the scale that holds ``values``, with some five round marks.

        Args:
            values: What must have room; none at all, or nothing but 0, has room up to 1.
            title: With the unit.
            told: Writes a mark.
        """
        least, largest = min(values, default=0.0), max(values, default=0.0)
        least, largest = min(least, 0.0), max(largest, 0.0)
        if least == largest:
            largest = 1.0
        step = _round_step((largest - least) / 5)
        first, last = floor(least / step + 1e-9), ceil(largest / step - 1e-9)
        marks = tuple((place * step, told(place * step)) for place in range(first, last + 1))
        return cls(low=first * step, top=last * step, marks=marks, title=title)

    @classmethod
    def share(cls, title: str) -> Self:
        """Return the scale from nothing to all."""
        marks = tuple((place / 4, f"{place / 4:.0%}") for place in range(5))
        return cls(low=0.0, top=1.0, marks=marks, title=title)

    def across(self, value: float) -> float:
        """Return where ``value`` lies from left to right."""
        return LEFT + (RIGHT - LEFT) * (value - self.low) / (self.top - self.low)

    def up(self, value: float) -> float:
        """Return where ``value`` lies from the bottom to the top."""
        return BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.top - self.low)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that is no less than ``least``."""
    power = 10.0 ** floor(log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-9))
