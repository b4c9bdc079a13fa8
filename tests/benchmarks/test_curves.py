"""A picture of curves is SVG that any reader of XML takes, with everything inside its frame."""

from xml.etree import ElementTree as ET

import pytest

from benchmarks.curves import HEIGHT, WIDTH, drawn

SVG = "{http://www.w3.org/2000/svg}"
CURVES = {"a < b": [(0.1, 0.4), (0.05, 0.39)], "level": [(0.1, 0.4), (0.0, 0.4), (0.02, 0.4)]}


def picture(curves: dict[str, list[tuple[float, float]]]) -> ET.Element:
    return ET.fromstring(drawn(curves, title="T & t", across="x", up="y"))


def test_every_point_is_a_dot_within_the_frame() -> None:
    dots = [
        (float(dot.attrib["cx"]), float(dot.attrib["cy"]))
        for dot in picture(CURVES).iter(f"{SVG}circle")
    ]

    n_in_legend = 2 * len(CURVES)
    assert len(dots) == 5 + n_in_legend
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in dots)


def test_names_and_titles_are_told_as_they_are() -> None:
    told = {text.text for text in picture(CURVES).iter(f"{SVG}text")}

    assert {"a < b", "level", "T & t", "x", "y"} <= told


@pytest.mark.parametrize("points", [[(0.0, 0.0)], [(1.0, 5.0), (1.0, 5.0)]])
def test_a_curve_without_extent_is_drawn_too(points: list[tuple[float, float]]) -> None:
    assert list(picture({"one": points}).iter(f"{SVG}circle"))
