"""Whether what was foretold came true: past moments played again, and what customers did next."""

from collections.abc import Sequence
from typing import Any

from models.artifacts.manifest import Manifest
from models.customer.summary import Summary
from training.report_page import charts
from training.report_page.axes import Axis
from training.report_page.charts import FIRST, SECOND, Bars
from training.report_page.decisions import tables, why_not
from training.report_page.evidence import part
from training.report_page.parts import Fact, Figure, Section, Table
from training.report_page.words import Say, count, money, number, percent, sentence, tick

Row = tuple[float, float, float | None]
"""Foretold, what came, and of how many customers."""
PLAYED = (
    "Past moments were played again as if they were today: what was foretold then stands beside "
    "what customers did. Customers are sorted by the prediction, into tenths."
)
UNHELD = "Whether the intervals hold could not be tried on weeks of which nothing was learned"
TOO_SHORT = "The history is too short to play a past moment again."


def trust(manifest: Manifest, summary: Summary) -> Section:
    """Return the section on P(alive), spend and intervals."""
    figures = (_alive(manifest, summary), _spend(manifest, summary), *_ways(summary))
    return Section(
        id="trust",
        short="Trust",
        title="How far the predictions of value can be trusted",
        sentences=tuple(_sentences(summary, figures)),
        facts=tuple(_inside(summary)),
        figures=figures,
    )


def _sentences(summary: Summary, figures: Sequence[Figure]) -> list[str]:
    played = [PLAYED] if any(figure.drawing for figure in figures) else []
    why = part(summary.evidence, "value", "coverage_why")
    return [*played, sentence(f"{UNHELD}: {why}")] if why else played


def _inside(summary: Summary) -> list[Fact]:
    told = part(summary.evidence, "value", "coverage") or {}
    return [
        Fact(
            name=f"inside the interval, {weeks} weeks",
            value=percent(inside),
            more=f"of customers, by their spend in {weeks} past weeks of which nothing had been "
            "learned; 80 % is meant, and weeks of another season may hold fewer",
        )
        for weeks in told
        for inside in [number(part(told, weeks, "spend"))]
        if inside is not None
    ]


def _alive(manifest: Manifest, summary: Summary) -> Figure:
    title = "Is a customer still a customer?"
    told = part(summary.evidence, "value", "alive")
    weeks = number(part(summary.evidence, "value", "window_weeks"))
    within = "" if weeks is None else f" within {round(weeks, 1):g} weeks"
    return probabilities(
        told,
        title=title,
        caption="Each point is a tenth of the customers: the probability that they are still "
        f"customers, and the share who bought{within}. A customer may be one and not have bought "
        "yet, so the points may lie below the dashed line, and should rise.",
        foretold="still a customer, foretold",
        came=f"bought{within}",
        why=why_not(manifest.choices, "customer value"),
    )


def _spend(manifest: Manifest, summary: Summary) -> Figure:
    title = "What will they spend?"
    rows = _rows(part(summary.evidence, "value", "spend"))
    if not rows:
        return _untold(title, why_not(manifest.choices, "customer value"))
    unit = f", {summary.currency}" if summary.currency else ""
    return Figure(
        title=title,
        caption="Mean spend of each tenth of the customers, foretold and as it came; the last "
        "tenth was expected to spend most.",
        drawing=charts.bars(
            [
                Bars(colour=FIRST, heights=[row[0] for row in rows]),
                Bars(colour=SECOND, heights=[row[1] for row in rows]),
            ],
            [str(place + 1) for place in range(len(rows))],
            Axis.over([sum_ for row in rows for sum_ in row[:2]], f"mean spend{unit}", tick),
            x_title="tenth of customers, by what was foretold",
            label="Spend foretold and as it came, by tenths of customers",
        ),
        legend=((FIRST, "Foretold"), (SECOND, "Came")),
        table=_table(rows, money(summary.currency)),
    )


def _ways(summary: Summary) -> list[Figure]:
    """Return how far off every way to foretell spend was, as a table."""
    told = part(summary.evidence, "value", "back_test")
    if not told:
        return []
    return [
        Figure(
            title="Every way to foretell spend, in the same back-test",
            caption="Mean error (mae) in money a customer; bias is what was foretold in all by "
            "what came, 1 is right; spearman, gini and the top tenth say how well customers were "
            "put in order, more is better; the spread is that of the mean error over the cuts.",
            table=tables({"Way": told})[0],
            opened=True,
            wide=True,
        )
    ]


def probabilities(
    told: Any,  # noqa: ANN401  # JSON has no type
    *,
    title: str,
    caption: str,
    foretold: str,
    came: str,
    why: str,
) -> Figure:
    """Draw what was foretold beside the share that came, or say ``why`` it is not known."""
    rows = _rows(told)
    if not rows:
        return _untold(title, why)
    room = [probability for row in rows for probability in row[:2]]
    return Figure(
        title=title,
        caption=caption,
        drawing=charts.points(
            [row[:2] for row in rows],
            Axis.over(room, foretold, _share),
            Axis.over(room, came, _share),
            label=f"{title} {sentence(foretold)} Beside: {came}, by tenths of customers.",
        ),
        table=_table(rows, percent),
    )


def _share(value: float) -> str:
    return f"{100 * value:g}%"


def _untold(title: str, why: str) -> Figure:
    return Figure(title=title, caption=f"Not known. {why or TOO_SHORT}")


def _table(rows: Sequence[Row], say: Say) -> Table:
    return Table(
        columns=("Tenth", "Foretold", "Came", "Customers"),
        rows=tuple(
            (str(place), say(foretold), say(came), count(n))
            for place, (foretold, came, n) in enumerate(rows, start=1)
        ),
    )


def _rows(told: Any) -> list[Row]:  # noqa: ANN401  # JSON has no type
    """Return the rows that say what was foretold and what came; none where there are none."""
    rows: list[Row] = []
    for row in told or ():
        foretold, came = number(row.get("foretold")), number(row.get("came"))
        if foretold is not None and came is not None:
            rows.append((foretold, came, number(row.get("customers", row.get("cases")))))
    return rows
