"""A small picture of a few curves, as SVG: axes, lines, a dot a figure, names at the side."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

Curve = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 56
COLOURS = ("#c0392b", "#2c6fbb", "#3a8f4d", "#8e6bbf", "#b8860b")
_STEPS = 5


def drawn(curves: Mapping[str, Curve], *, title: str, across: str, up: str) -> str:
    """Return the picture.

    Args:
        curves: At most five, each of points in order, by name; the first is drawn on top.
        title: What is shown.
        across: What the horizontal axis counts.
        up: What the vertical axis counts.
    """
    xs, ys = (
        _axis([point[side] for curve in curves.values() for point in curve]) for side in (0, 1)
    )

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (x - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (y - ys[0]) / (ys[-1] - ys[0]) * (HEIGHT - TOP - BOTTOM),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#333">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    for x in xs:
        at, _ = place(x, ys[0])
        parts.append(_line((at, TOP), (at, HEIGHT - BOTTOM)))
        parts.append(_text(at, HEIGHT - BOTTOM + 18, f"{x:g}", anchor="middle"))
    for y in ys:
        _, at = place(xs[0], y)
        parts.append(_line((LEFT, at), (WIDTH - RIGHT, at)))
        parts.append(_text(LEFT - 8, at + 4, f"{y:g}", anchor="end"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 14, across, anchor="middle"))
    parts.append(
        f'<g transform="rotate(-90 18 {HEIGHT / 2})">{_text(18, HEIGHT / 2, up, anchor="middle")}'
        "</g>"
    )
    for n, (name, curve) in reversed(list(enumerate(curves.items()))):
        at_points = [place(*point) for point in curve]
        parts.append(_curve(at_points, COLOURS[n]))
        parts.append(_text(WIDTH - RIGHT + 34, TOP + 14 + 22 * n, name))
        parts.append(_curve([(WIDTH - RIGHT + 12 + dx, TOP + 10 + 22 * n) for dx in (0, 16)],
                            COLOURS[n]))  # fmt: skip
    return "\n".join([*parts, "</svg>\n"])


def _axis(values: Sequence[float]) -> list[float]:
    """Return round numbers from below the least to above the greatest."""
    low, high = min(values), max(values)
    rough = (high - low or 1.0) / _STEPS
    unit = 10 ** floor(log10(rough))
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= rough)
    first = floor(low / step)
    last = max(ceil(high / step), first + 1)
    return [round(step * n, 10) for n in range(first, last + 1)]


def _line(begin: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = begin, end
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _curve(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    return (
        f'<g fill="{colour}"><path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        f"{dots}</g>"
    )
