"""Drawings, against a geometry that can be worked out by hand."""

from xml.etree import ElementTree

import pytest

from training.report_page import charts
from training.report_page.axes import BOTTOM, LEFT, RIGHT, TOP, Axis
from training.report_page.charts import FIRST, SECOND, Bars

MIDDLE = (LEFT + RIGHT) / 2
HALF_UP = (TOP + BOTTOM) / 2
HUNDRED = Axis.over([100.0], "money", lambda value: f"{value:g}")


def parts(drawing: str, tag: str, kind: str) -> list[dict[str, str]]:
    """Return the attributes of the elements of a class."""
    root = ElementTree.fromstring(drawing)
    return [one.attrib for one in root.iter(tag) if one.attrib.get("class") == kind]


def words(drawing: str, kind: str) -> list[str]:
    root = ElementTree.fromstring(drawing)
    return [one.text or "" for one in root.iter("text") if one.attrib.get("class") == kind]


def drawn_bars(*series: Bars, names: tuple[str, ...] = ("a", "b")) -> str:
    return charts.bars(series, names, HUNDRED, x_title="tenths", label="Bars")


def test_a_bar_is_as_high_as_its_share_of_the_scale() -> None:
    drawing = drawn_bars(Bars(colour=FIRST, heights=[50.0, 100.0]))

    half, whole = parts(drawing, "rect", FIRST)
    assert float(half["y"]) == pytest.approx(HALF_UP, abs=0.1)
    assert float(half["height"]) == pytest.approx((BOTTOM - TOP) / 2, abs=0.1)
    assert float(whole["height"]) == pytest.approx(BOTTOM - TOP, abs=0.1)
    assert float(half["x"]) < float(half["x"]) + float(half["width"]) < MIDDLE < float(whole["x"])


def test_bars_of_two_series_stand_side_by_side_and_do_not_overlap() -> None:
    drawing = drawn_bars(
        Bars(colour=FIRST, heights=[50.0, 100.0]), Bars(colour=SECOND, heights=[20.0, 40.0])
    )

    ours, theirs = parts(drawing, "rect", FIRST)[0], parts(drawing, "rect", SECOND)[0]
    end = float(ours["x"]) + float(ours["width"])
    assert end == pytest.approx(float(theirs["x"]), abs=0.2)
    assert float(theirs["x"]) + float(theirs["width"]) < MIDDLE


def test_nothing_is_drawn_where_a_height_is_not_known() -> None:
    drawing = drawn_bars(Bars(colour=FIRST, heights=[None, 100.0]))

    (only,) = parts(drawing, "rect", FIRST)
    assert float(only["x"]) > MIDDLE


def test_a_whisker_reaches_from_the_low_to_the_high_end_of_its_span() -> None:
    drawing = drawn_bars(Bars(colour=FIRST, heights=[50.0, 60.0], spans=[(0.0, 100.0), None]))

    (whisker,) = parts(drawing, "path", "whisker")
    assert f" {BOTTOM}V{TOP}M" in whisker["d"]


def test_names_that_would_touch_are_left_out_in_turn() -> None:
    names = tuple(f"group number {n}" for n in range(10))

    drawing = drawn_bars(Bars(colour=FIRST, heights=[1.0] * 10), names=names)

    shown = [word for word in words(drawing, "mark") if word.startswith("group")]
    assert shown == ["group number 0", "group number 4", "group number 8"]


def test_a_histogram_has_a_bar_from_each_edge_to_the_next() -> None:
    drawing = charts.histogram(
        [0.0, 50.0, 100.0], [100.0, 20.0], HUNDRED, HUNDRED, label="How many"
    )

    low, high = parts(drawing, "rect", FIRST)
    assert float(low["x"]) == pytest.approx(LEFT, abs=1)
    assert float(low["x"]) + float(low["width"]) == pytest.approx(MIDDLE, abs=1)
    assert float(high["x"]) + float(high["width"]) == pytest.approx(RIGHT, abs=1)
    assert float(high["height"]) == pytest.approx((BOTTOM - TOP) / 5, abs=0.1)


def test_a_curve_goes_through_its_points() -> None:
    share = Axis.share("share")

    drawing = charts.curve([(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)], share, share, label="Lorenz")

    (curve,) = parts(drawing, "polyline", "curve")
    quarter_up = BOTTOM - (BOTTOM - TOP) / 4
    assert curve["points"] == f"{LEFT},{BOTTOM} {MIDDLE:g},{quarter_up:g} {RIGHT},{TOP}"
    (diagonal,) = parts(drawing, "line", "diagonal")
    assert (diagonal["x2"], diagonal["y2"]) == (str(RIGHT), str(TOP))


def test_a_point_that_came_true_lies_on_the_diagonal() -> None:
    share = Axis.share("share")

    drawing = charts.points([(0.5, 0.5)], share, share, label="Calibration")

    (point,) = parts(drawing, "circle", FIRST)
    assert float(point["cx"]) == MIDDLE
    assert float(point["cy"]) == HALF_UP


def test_whatever_is_written_into_a_drawing_is_escaped() -> None:
    drawing = charts.bars(
        [Bars(colour=FIRST, heights=[1.0])],
        ["<script>"],
        Axis.over([1.0], "a & b", lambda _: '"'),
        x_title="</svg>",
        label='" onload="alert(1)',
    )

    assert "<script>" not in drawing
    assert words(drawing, "axis") == ["</svg>", "a & b"]
    assert ElementTree.fromstring(drawing).attrib["aria-label"] == '" onload="alert(1)'
