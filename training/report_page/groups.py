"""Who the customers are: the groups of each kind, how many customers they have, and their value."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from models.artifacts.manifest import Manifest
from models.customer.summary import Group, Kind, Sum, Summary
from training.report_page.charts import FIRST, SECOND
from training.report_page.decisions import why_not
from training.report_page.moves import moves
from training.report_page.parts import Figure, Section, Table
from training.report_page.templates import template
from training.report_page.words import DASH, Say, count, listed, money, number, percent, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of one kind of groups."""

    kind: Kind
    id: str
    title: str
    sentence: str
    choice: str
    """What the manifest calls the choice that says why there may be none."""


KINDS = (
    Told(
        kind="stage",
        id="stages",
        title="The ladder of loyalty",
        sentence="Where customers stand on the way from the first order to telling others, and "
        "who is on the way out or back.",
        choice="stages",
    ),
    Told(
        kind="segment",
        id="segments",
        title="Segments",
        sentence="How lately, how often and for how much customers buy, by the names the trade "
        "knows.",
        choice="segments",
    ),
    Told(
        kind="portfolio",
        id="portfolios",
        title="Portfolios",
        sentence="Customers of one need, found in what they spend on; the names say what sets a "
        "group apart. They are found anew in each release, so nobody is said to have moved.",
        choice="portfolios",
    ),
    Told(
        kind="satisfaction",
        id="satisfaction",
        title="Satisfaction",
        sentence="What ratings, complaints and returns say. Who has said nothing is unknown, "
        "which is neither good nor bad.",
        choice="satisfaction",
    ),
)


NOBODY_SAYS = "The release does not say why."


def groups(told: Told, summary: Summary, manifest: Manifest) -> Section:
    """Return the section on one kind of groups."""
    ours = [group for group in summary.groups if group.kind == told.kind]
    there = [group for group in ours if group.customers]
    why, short = why_not(manifest.choices, told.choice), told.id.capitalize()
    if not any(group.code for group in there):
        words = (f"Nothing is known yet. {why or NOBODY_SAYS}",)
        return Section(id=told.id, short=short, title=told.title, sentences=(told.sentence, *words))
    empty = [group.title for group in ours if group.code and not group.customers]
    nobody = (f"Nobody is in: {listed(empty)}.",) if empty else ()
    return Section(
        id=told.id,
        short=short,
        title=told.title,
        sentences=(told.sentence, *filter(None, [why]), *nobody),
        figures=(_shares(there, summary), *moves(ours)),
    )


def _shares(ours: Sequence[Group], summary: Summary) -> Figure:
    say = money(summary.currency)
    people = [number(group.share_of_customers) or 0.0 for group in ours]
    brought = [number(group.share_of_value) or 0.0 for group in ours]
    widest = max(*people, *brought) or 1.0
    rows = [
        {
            "title": group.title,
            "description": group.description,
            "bars": (
                (FIRST, of_all / widest, f"{count(group.customers)} customers", percent(of_all)),
                (
                    SECOND,
                    of_value / widest,
                    say(group.historic_value),
                    percent(group.share_of_value),
                ),
            ),
        }
        for group, of_all, of_value in zip(ours, people, brought, strict=True)
    ]
    return Figure(
        title="Customers and value",
        caption=f"How many customers a group has, and how much of the {summary.basis} so far they "
        "brought.",
        drawing=Markup(template("groups.html").render(rows=rows)),
        legend=((FIRST, "Share of customers"), (SECOND, f"Share of {summary.basis}")),
        table=_table(ours, summary),
        wide=True,
    )


def _table(ours: Sequence[Group], summary: Summary) -> Table:
    say = money(summary.currency)
    return Table(
        columns=(
            "Group",
            "Customers",
            "Share",
            f"{summary.basis.capitalize()} so far",
            "Share",
            f"Expected in {summary.horizon_weeks} weeks",
            "80 % interval",
        ),
        rows=tuple(
            (
                group.title,
                count(group.customers),
                percent(group.share_of_customers),
                say(group.historic_value),
                percent(group.share_of_value),
                *_expected(group.predicted_value, say),
            )
            for group in ours
        ),
    )


def _expected(told: Sum | None, say: Say) -> tuple[str, str]:
    if told is None:
        return DASH, DASH
    return say(told.expected), span(say, told.low, told.high)
