"""Drawings as SVG: bars, a curve, points beside the line on which they should lie.

Every drawing is inside one ``<svg>`` with a sentence for who cannot see it, takes its colours from
the page's classes, and escapes what it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from training.report_page.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis

Point = tuple[float, float]
FIRST, SECOND = "first", "second"
"""The two colours that a drawing has."""
_GAP = 0.22
"""Of the room that a group of bars has, what stays empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars of one colour, side by side with others of their place."""

    colour: str
    heights: Sequence[float | None]
    """None where there is nothing to draw."""
    spans: Sequence[tuple[float, float] | None] = ()
    """How far chance reaches about each height, where that is known."""


def bars(
    series: Sequence[Bars], names: Sequence[str], y: Axis, *, x_title: str, label: str
) -> Markup:
    """Draw upright bars; ``names`` stand below them, as many as there is room for.

    Args:
        series: One or two, each as long as ``names``.
        names: Of the places.
        y: The scale.
        x_title: What the places are.
        label: The drawing in a sentence.
    """
    room = (RIGHT - LEFT) / len(names)
    wide = room * (1 - _GAP) / len(series)
    drawn = [_grid(y)]
    for number, one in enumerate(series):
        lefts = [LEFT + room * (place + _GAP / 2) + wide * number for place in range(len(names))]
        drawn += [
            _bar(one.colour, left, wide, y.up(height))
            for left, height in zip(lefts, one.heights, strict=True)
            if height is not None
        ]
        drawn += [
            _whisker(left + wide / 2, y.up(span[0]), y.up(span[1]))
            for left, span in zip(lefts, one.spans, strict=False)
            if span is not None
        ]
    drawn += _names(names, room)
    return _framed(drawn, x_title=x_title, y_title=y.title, label=label)


def histogram(
    edges: Sequence[float], counts: Sequence[float], x: Axis, y: Axis, *, label: str
) -> Markup:
    """Draw how many lie between each edge and the next.

    Args:
        edges: Ascending, one more than ``counts``.
        counts: At least one.
        x: The scale of the edges.
        y: The scale of the counts.
        label: The drawing in a sentence.
    """
    drawn = [_grid(y), *_marks_below(x)]
    for (low, high), n in zip(pairwise(edges), counts, strict=True):
        left, wide = x.across(low), x.across(high) - x.across(low)
        gap = min(1.0, wide / 5)
        drawn.append(_bar(FIRST, left + gap / 2, wide - gap, y.up(n)))
    return _framed(drawn, x_title=x.title, y_title=y.title, label=label)


def _bar(colour: str, left: float, wide: float, top: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        colour, _at(left), _at(top), _at(wide), _at(BOTTOM - top)
    )


def _whisker(x: float, low: float, high: float) -> Markup:
    return Markup('<path class="whisker" d="M{0} {1}V{2}M{3} {1}H{4}M{3} {2}H{4}"/>').format(
        _at(x), _at(low), _at(high), _at(x - 4), _at(x + 4)
    )


def _names(names: Sequence[str], room: float) -> list[Markup]:
    """Write every name, every second, … as many as do not touch."""
    longest = max(len(name) for name in names) * 6 + 4
    every = max(1, -int(-longest // room))
    return [
        _text("mark", LEFT + room * (place + 0.5), BOTTOM + 16, name, anchor="middle")
        for place, name in enumerate(names)
        if place % every == 0
    ]


def curve(points: Sequence[Point], x: Axis, y: Axis, *, label: str) -> Markup:
    """Draw a curve below the diagonal, and what lies between the two.

    Args:
        points: From left to right.
        x: The scale across.
        y: The scale upwards.
        label: The drawing in a sentence.
    """
    line = " ".join(f"{_at(x.across(a))},{_at(y.up(b))}" for a, b in points)
    drawn = [
        _grid(y),
        *_marks_below(x),
        Markup('<polygon class="between" points="{}"/>').format(line),
        _diagonal(x, y),
        Markup('<polyline class="curve" points="{}"/>').format(line),
    ]
    return _framed(drawn, x_title=x.title, y_title=y.title, label=label)


def points(told: Sequence[Point], x: Axis, y: Axis, *, label: str) -> Markup:
    """Draw points, and the diagonal on which what came true is what was foretold.

    Args:
        told: Foretold and observed.
        x: The scale across.
        y: The scale upwards.
        label: The drawing in a sentence.
    """
    drawn = [_grid(y), *_marks_below(x), _diagonal(x, y)]
    drawn += [
        Markup('<circle class="{}" cx="{}" cy="{}" r="5"/>').format(
            FIRST, _at(x.across(a)), _at(y.up(b))
        )
        for a, b in told
    ]
    return _framed(drawn, x_title=x.title, y_title=y.title, label=label)


def _diagonal(x: Axis, y: Axis) -> Markup:
    end = min(x.top, y.top)
    return Markup('<line class="diagonal" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        LEFT, BOTTOM, _at(x.across(end)), _at(y.up(end))
    )


def _grid(y: Axis) -> Markup:
    return Markup("").join(
        Markup('<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
            LEFT, _at(y.up(value)), RIGHT, _at(y.up(value))
        )
        + _text("mark", LEFT - 6, y.up(value) + 4, name, anchor="end")
        for value, name in y.marks
    )


def _marks_below(x: Axis) -> list[Markup]:
    return [
        _text("mark", x.across(value), BOTTOM + 16, name, anchor="middle")
        for value, name in x.marks
    ]


def _framed(drawn: Sequence[Markup], *, x_title: str, y_title: str, label: str) -> Markup:
    middle = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    return Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line class="base" x1="{}" y1="{}" x2="{}" y2="{}"/>{}'
        '<text class="axis" text-anchor="middle" transform="translate(11 {}) rotate(-90)">{}</text>'
        "</svg>"
    ).format(
        WIDTH,
        HEIGHT,
        label,
        Markup("").join(drawn),
        LEFT,
        BOTTOM,
        RIGHT,
        BOTTOM,
        _text("axis", middle[0], HEIGHT - 8, x_title, anchor="middle"),
        _at(middle[1]),
        y_title,
    )


def _text(kind: str, x: float, y: float, words: str, *, anchor: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, _at(x), _at(y), anchor, words
    )


def _at(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
