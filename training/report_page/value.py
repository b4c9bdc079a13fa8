"""What the customers are worth: what they brought and will bring, and how unequally."""

from collections.abc import Sequence
from itertools import pairwise

from models.artifacts.manifest import Manifest
from models.customer.summary import Sum, Summary
from training.report_page import charts
from training.report_page.axes import Axis
from training.report_page.decisions import why_not
from training.report_page.evidence import numbers, part
from training.report_page.parts import Fact, Figure, Section, Table
from training.report_page.words import (
    count,
    large_money,
    money,
    number,
    percent,
    span,
    tick,
)

CHOICE = "customer value"


def total(summary: Summary) -> Sum | None:
    """Return what all customers are expected to bring; None where that is not known."""
    told = part(summary.evidence, "value", "predicted")
    if not isinstance(told, dict) or {"expected", "low", "high"} - set(told):
        return None
    return Sum(expected=told["expected"], low=told["low"], high=told["high"])


def value(manifest: Manifest, summary: Summary) -> Section:
    """Return the section on value."""
    why = why_not(manifest.choices, CHOICE)
    return Section(
        id="value",
        short="Value",
        title="What the customers are worth",
        sentences=(_basis(summary),),
        figures=(_histogram(summary, why), _lorenz(summary)),
    )


def _basis(summary: Summary) -> str:
    basis = (
        "Value is margin: what the shop earns on what they buy."
        if summary.basis == "margin"
        else "Value is revenue, the money they pay, for no margin is known."
    )
    unnamed = "" if summary.currency else " The purchases name no currency."
    if total(summary) is None:
        return basis + unnamed
    return (
        f"{basis} It is foretold {summary.horizon_weeks} weeks ahead, and money of a year later "
        f"counts {percent(summary.annual_rate)} less.{unnamed}"
    )


def facts(summary: Summary) -> list[Fact]:
    """Return the sums that stand at the head of the page."""
    say, expected = large_money(summary.currency), total(summary)
    brought = [one.historic_value for one in summary.groups if one.kind == "tier"]
    curve = numbers(summary.evidence, "value", "lorenz")
    facts = []
    if brought:
        historic = sum(number(one) or 0.0 for one in brought)
        facts.append(Fact(name=f"{summary.basis} so far", value=say(historic)))
    if expected is not None:
        more = f"80 % interval: {span(say, expected.low, expected.high)}"
        name = f"expected in {summary.horizon_weeks} weeks"
        facts.append(Fact(name=name, value=say(expected.expected), more=more))
    if any(curve):
        more = f"Gini coefficient {gini(curve):.2f}; 0 is all alike"
        top = percent(1 - _at(curve, 0.9))
        facts.append(Fact(name="brought by the best tenth", value=top, more=more))
    return facts


def gini(curve: Sequence[float]) -> float:
    """Return the Gini coefficient: the area between a Lorenz curve and the diagonal, doubled.

    Args:
        curve: The shares of the least valuable 0, … 1 of the customers, at equal steps.
    """
    under = sum(low + high for low, high in pairwise(curve)) / (len(curve) - 1)
    return 1 - under


def _at(curve: Sequence[float], share: float) -> float:
    return curve[round(share * (len(curve) - 1))]


def _histogram(summary: Summary, why: str) -> Figure:
    title = "Predicted value of a customer"
    edges = numbers(summary.evidence, "value", "clv", "edges")
    heights = numbers(summary.evidence, "value", "clv", "customers")
    if not heights or len(edges) != len(heights) + 1:
        return Figure(title=title, caption=f"Nothing could be foretold. {why}".strip())
    say, unit = money(summary.currency), f", {summary.currency}" if summary.currency else ""
    return Figure(
        title=title,
        caption=f"How many customers are expected to bring how much {summary.basis}; the last bar "
        f"holds all of {say(edges[-2])} and more.",
        drawing=charts.histogram(
            edges,
            heights,
            Axis.over(edges, f"{summary.basis} in {summary.horizon_weeks} weeks{unit}", tick),
            Axis.over(heights, "customers", tick),
            label=f"How many customers are expected to bring how much {summary.basis}",
        ),
        table=Table(
            columns=("Expected", "Customers", "Share"),
            rows=tuple(
                (span(say, low, high), count(n), percent(n / (sum(heights) or 1)))
                for (low, high), n in zip(pairwise(edges), heights, strict=True)
            ),
        ),
    )


def _lorenz(summary: Summary) -> Figure:
    title = "How unequal it is"
    curve = numbers(summary.evidence, "value", "lorenz")
    if not any(curve):
        return Figure(title=title, caption=f"No {summary.basis} is known that could be shared out.")
    people = [place / (len(curve) - 1) for place in range(len(curve))]
    tenths = [(place / 10, _at(curve, place / 10)) for place in range(11)]
    return Figure(
        title=title,
        caption="Customers from the least to the most valuable, and the share of all "
        f"{summary.basis} so far that they brought together. On the dashed line all would bring "
        "alike.",
        drawing=charts.curve(
            list(zip(people, curve, strict=True)),
            Axis.share("share of customers, least valuable first"),
            Axis.share(f"share of {summary.basis} so far"),
            label=f"Lorenz curve of {summary.basis} so far",
        ),
        table=Table(
            columns=("Least valuable customers", f"Their share of {summary.basis}"),
            rows=tuple((percent(among), percent(brought)) for among, brought in tenths),
        ),
    )
