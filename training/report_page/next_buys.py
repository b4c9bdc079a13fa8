"""When customers buy again: whether what was foretold came true, and who is given a date."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.artifacts.manifest import Manifest
from models.customer.summary import Summary
from models.customer.value import SOON_WEEKS
from training.report_page import charts
from training.report_page.axes import Axis
from training.report_page.charts import FIRST, SECOND, Bars
from training.report_page.decisions import why_not
from training.report_page.evidence import part
from training.report_page.parts import Figure, Section, Table
from training.report_page.trust import probabilities
from training.report_page.words import count, decimal, listed, number, sentence, tick

CHOICE = "next purchase"
_DATES = ("by chances", "by clock")
"""The ways to tell a date; whatever else has an error is a guess."""
_NOT_ERRORS = ("orders", "dated", "given")


def next_buys(manifest: Manifest, summary: Summary) -> Section:
    """Return the section on the next purchase."""
    choices = manifest.choices
    figures = []
    for weeks in SOON_WEEKS:
        name = f"within {weeks} week{'s' * (weeks > 1)}"
        figures.append(
            probabilities(
                part(summary.evidence, "next_purchase", "calibration", name),
                title=f"Buys {name}",
                caption="A point is a tenth of the customers. On the dashed line as many bought "
                "as was foretold.",
                foretold="foretold",
                came="bought",
                why=why_not(choices, f"{CHOICE}, {name}"),
            )
        )
    categories = probabilities(
        part(summary.evidence, "next_purchase", "categories"),
        title="Buys of a category within 4 weeks",
        caption="The same for each of a customer's categories.",
        foretold="foretold",
        came="bought of it",
        why=why_not(choices, f"{CHOICE}, categories"),
    )
    return Section(
        id="next-purchase",
        short="Next purchase",
        title="When they buy again",
        sentences=(_dates(choices),),
        figures=(*figures, categories, *_errors(summary)),
    )


def _dates(choices: Mapping[str, Any]) -> str:
    choice = choices.get(f"{CHOICE}, due date")
    if choice is None:
        return "This release gives no due dates."
    if why := why_not(choices, f"{CHOICE}, due date"):
        return f"No customer is given a due date. {why}"
    given = listed(list(choice["chosen"]))
    return f"A due date is given to customers with {given}. {sentence(choice['why'])}"


def _short(orders: str) -> str:
    return orders.replace(" to ", "–").replace(" or more", "+")


def _errors(summary: Summary) -> list[Figure]:
    """Draw how far off the better date would have been, beside the better guess."""
    told = part(summary.evidence, "next_purchase", "due dates")
    rows = [row for row in told or () if _told(row, dates=True) and _told(row, dates=False)]
    if not rows:
        return []
    dates = [min(_told(row, dates=True)) for row in rows]
    guesses = [min(_told(row, dates=False)) for row in rows]
    return [
        Figure(
            title="How far off a due date would have been",
            caption="By how many orders a customer has: a date is given where it beats every "
            "guess by more than a standard error.",
            drawing=charts.bars(
                [Bars(colour=FIRST, heights=dates), Bars(colour=SECOND, heights=guesses)],
                [_short(str(row["orders"])) for row in rows],
                Axis.over([*dates, *guesses], "mean error, days", tick),
                x_title="orders of a customer",
                label="Mean error in days of due dates and of the better guess",
            ),
            legend=((FIRST, "Due date"), (SECOND, "Better guess")),
            table=_table(rows),
        )
    ]


def _told(row: Mapping[str, Any], *, dates: bool) -> list[float]:
    """Return the errors that a row has, of dates or of guesses."""
    told = [number(row.get(name)) for name in _names(row) if (name in _DATES) == dates]
    return [error for error in told if error is not None]


def _names(row: Mapping[str, Any]) -> list[str]:
    return [name for name in row if name not in _NOT_ERRORS]


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in _names(row)))
    return Table(
        columns=("Orders", "Customers", *names, "Given"),
        rows=tuple(
            (
                str(row["orders"]),
                count(number(row["dated"])),
                *(decimal(number(row.get(name))) for name in names),
                row["given"] or "none",
            )
            for row in rows
        ),
    )
