"""The matrix of what customers brought and what they will bring, and who moved in it."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from models.customer.segments import slug
from models.customer.summary import Summary
from models.customer.value import Tier
from training.report_page.evidence import part
from training.report_page.moves import moves
from training.report_page.parts import Figure, Section, Table
from training.report_page.templates import template
from training.report_page.words import count, money, percent, sentence

Cells = Mapping[tuple[str, str], Mapping[str, Any]]
"""By historic and potential value, low or high."""
NO_TIERS = (
    "Nothing is known yet: a tier needs both what a customer brought and what they will bring."
)
_SHADES = {slug(Tier.LOW): "low", slug(Tier.MEDIUM): "medium", slug(Tier.HIGH): "high"}
_MEANINGS = {
    ("high", "low"): "were good, and fade",
    ("high", "high"): "the best, to be kept",
    ("low", "low"): "little at stake",
    ("low", "high"): "promise much",
}


def tiers(summary: Summary) -> Section:
    """Return the section on tiers."""
    ours = [group for group in summary.groups if group.kind == "tier"]
    cells = {
        (cell["historic"], cell["potential"]): cell for cell in summary.matrix.get("cells", ())
    }
    if len(cells) != 4 or not any(cell["customers"] for cell in cells.values()):
        words = (NO_TIERS,)
        return Section(id="tiers", short="Tiers", title="Tiers", sentences=words)
    unknown = summary.matrix.get("unknown_customers", 0)
    nobody = (f"Of {count(unknown)} customers too little is known for a tier.",) if unknown else ()
    return Section(
        id="tiers",
        short="Tiers",
        title="Tiers: what they brought, and what they will bring",
        sentences=(*_thresholds(summary), *nobody),
        figures=(
            Figure(
                title="Customers by historic and potential value",
                caption="Who brought much and will bring much is of the high tier; where the two "
                "cross, of the medium one.",
                drawing=_drawn(cells, summary),
                table=_table(cells, summary),
                wide=True,
            ),
            *moves(ours),
        ),
    )


def _thresholds(summary: Summary) -> list[str]:
    say, told = money(summary.currency), []
    for name in ("historic", "potential"):
        threshold = part(summary.matrix, "thresholds", name)
        if threshold is None:
            continue
        at, why = threshold["from"], threshold["why"]
        start = f"starts at {say(at)}" if at is not None else "is nobody's"
        told.append(sentence(f"high {name} value {start}: {why}"))
    return told


def _drawn(cells: Cells, summary: Summary) -> Markup:
    say, among = money(summary.currency), sum(cell["customers"] for cell in cells.values()) or 1
    rows = [
        (
            f"{past} historic value",
            [
                {
                    "shade": _SHADES.get(cell["tier"], "low"),
                    "tier": cell["tier"],
                    "meaning": _MEANINGS[past, future],
                    "customers": f"{count(cell['customers'])} customers",
                    "share": percent(cell["customers"] / among),
                    "brought": say(cell["historic_value"]),
                    "expected": say(cell["predicted_value"]),
                }
                for future in ("low", "high")
                for cell in [cells[past, future]]
            ],
        )
        for past in ("high", "low")
    ]
    heads = ("low potential value", "high potential value")
    return Markup(template("matrix.html").render(heads=heads, rows=rows))


def _table(cells: Cells, summary: Summary) -> Table:
    say = money(summary.currency)
    return Table(
        columns=(
            "Historic and potential value",
            "Tier",
            "Customers",
            f"{summary.basis.capitalize()} so far",
            f"Expected in {summary.horizon_weeks} weeks",
        ),
        rows=tuple(
            (
                f"{past} and {future}",
                cell["tier"],
                count(cell["customers"]),
                say(cell["historic_value"]),
                say(cell["predicted_value"]),
            )
            for (past, future), cell in cells.items()
        ),
    )
