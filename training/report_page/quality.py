"""How good the lists were on purchases that they had not seen."""

from collections.abc import Mapping

from models.artifacts.manifest import Manifest
from training.judge.gate import POPULAR
from training.report_page import charts
from training.report_page.axes import Axis
from training.report_page.charts import FIRST, SECOND, Bars
from training.report_page.parts import Fact, Figure, Section, Table
from training.report_page.words import count, decimal, number, percent, sentence, span

MEASURES = {
    "ndcg@10": ("List of ten", "what was bought is on it, and near its top (NDCG@10)"),
    "recall@20": ("Found in 20", "share of what was bought that twenty items hold (Recall@20)"),
    "explore-only ndcg@10": ("New items", "the same of what a customer had never bought"),
    "next-basket ndcg@10": ("Next basket", "the same of the very next order"),
    "hit@10": ("Hits", "share of customers who bought one of their ten"),
    "revenue@10": ("Spend found", "share of their spend that went to their ten"),
    "coverage@10": ("Catalogue shown", "share of all items that are on somebody's ten"),
}
"""By the manifest's name: a short one, and what it says. All are from 0 to 1; higher is better."""
DRAWN = ("ndcg@10", "recall@20", "explore-only ndcg@10", "next-basket ndcg@10")
ID, SHORT, TITLE = "quality", "Recommendations", "How good the recommendations are"


def quality(manifest: Manifest) -> Section:
    """Return the section on the validation windows, or why nobody could look."""
    metrics = manifest.metrics
    if not any(name in metrics for name in MEASURES):
        choice = manifest.choices.get("base lists", {})
        why = sentence(choice.get("why", "nothing more is known"))
        words = (f"This release was not judged. {why}",)
        return Section(id=ID, short=SHORT, title=TITLE, sentences=words)
    n, windows = metrics.get("validation customers"), metrics.get("validation windows")
    return Section(
        id=ID,
        short=SHORT,
        title=TITLE,
        sentences=(
            "Every figure is of purchases that came after those that the lists were learned from, "
            "with all items competing. 1 would be a perfect list for everybody. An interval says "
            "where a figure lies, 95 times in 100, by the chance of which customers were asked.",
        ),
        facts=(
            Fact(name="customers asked", value=count(n), more=f"in {count(windows)} windows"),
            *_reliability(metrics),
        ),
        figures=(_compared(manifest), _all(manifest)),
    )


def _reliability(metrics: Mapping[str, float]) -> list[Fact]:
    error = number(metrics.get("calibration error"))
    if error is None:
        return []
    more = "how far a score is from how often it comes true, on average"
    return [Fact(name="calibration error", value=percent(error), more=more)]


def _all(manifest: Manifest) -> Figure:
    return Figure(
        title="Every measure",
        caption="From 0 to 1; higher is better.",
        table=Table(
            columns=("Measure", "This release", "95 % interval"),
            rows=tuple(
                (f"{name}: {says}", *_told(manifest, key))
                for key, (name, says) in MEASURES.items()
                if key in manifest.metrics
            ),
        ),
        opened=True,
    )


def _compared(manifest: Manifest) -> Figure:
    drawn = [key for key in DRAWN if key in manifest.metrics]
    ours = _bars(manifest, FIRST, drawn)
    popular = _bars(manifest, SECOND, [POPULAR + key for key in drawn])
    spans = [each for bars in (ours, popular) for each in bars.spans if each is not None]
    highest = [high for _, high in spans] + [
        one or 0.0 for one in (*ours.heights, *popular.heights)
    ]
    return Figure(
        title="Beside what simply sells best",
        caption="Higher is better; the thin lines are the 95 % intervals. Who cannot beat the best "
        "sellers of the last 28 days, shown to everybody, has learned nothing of anybody.",
        drawing=charts.bars(
            [ours, popular],
            [MEASURES[key][0] for key in drawn],
            Axis.over(highest, "0 to 1", lambda value: f"{value:g}"),
            x_title="what is measured",
            label="Quality of this release's lists beside lists of the best sellers",
        ),
        legend=((FIRST, "This release"), (SECOND, "Best sellers")),
        table=Table(
            columns=("Measure", "This release", "95 % interval", "Best sellers", "95 % interval"),
            rows=tuple(
                (MEASURES[key][0], *_told(manifest, key), *_told(manifest, POPULAR + key))
                for key in drawn
            ),
        ),
    )


def _bars(manifest: Manifest, colour: str, keys: list[str]) -> Bars:
    return Bars(
        colour=colour,
        heights=[number(manifest.metrics.get(key)) for key in keys],
        spans=[manifest.intervals.get(key) for key in keys],
    )


def _told(manifest: Manifest, key: str) -> tuple[str, str]:
    low, high = manifest.intervals.get(key, (None, None))
    return decimal(number(manifest.metrics.get(key))), span(decimal, low, high)
