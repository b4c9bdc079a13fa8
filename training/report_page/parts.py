"""What a section of the page is made of: sentences, numbers that stand out, drawings, decisions.

Behind every drawing stands a table of the same figures, for who cannot see it or wants to count.
"""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures in rows; the first column says what a row is."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing with its table; without a drawing, the words that say why there is none."""

    title: str
    caption: str
    """What it shows and how to read it; or why there is nothing to show."""
    drawing: Markup | None = None
    table: Table | None = None
    legend: tuple[tuple[str, str], ...] = ()
    """Colour and name of each series, where there are two."""
    opened: bool = False
    """The table is to be seen at once."""
    wide: bool = False
    """Takes the whole width of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number that stands out, and what it is."""

    name: str
    value: str
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the trainer chose, or refused, and why."""

    name: str
    chosen: str
    why: str
    refused: bool
    figures: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page with a heading of its own."""

    id: str
    short: str
    """Its name in the list of contents."""
    title: str
    sentences: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    decisions: tuple[Decision, ...] = ()
