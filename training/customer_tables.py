"""What is known of customers, as tables; alone here because the server's image prints them too."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

Told = Mapping[str, Any]


def facts(told: Told) -> Table:
    """Return every field of what ``models.customer.told`` says, a row each, but for lists."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column("what", style="dim")
    table.add_column("value")
    for name, value in told.items():
        if not isinstance(value, list):
            table.add_row(_spaced(name), _plain(_words(value)))
    return table


def horizons(told: Told) -> Table:
    """Return the orders and the money that a customer is expected to bring."""
    table = _table("within weeks", "orders", "low", "high", "spend", "low", "high")
    for orders, spend in zip(told["expected_purchases"], told["expected_spend"], strict=True):
        numbers = [part[name] for part in (orders, spend) for name in ("expected", "low", "high")]
        table.add_row(str(orders["weeks"]), *map(_words, numbers))
    return table


def categories(told: Told) -> Table:
    """Return what a customer spends most on."""
    table = _table("share of spend", "buys within 4 weeks", first="category")
    for one in told["categories"]:
        table.add_row(
            _plain(one["category"]),
            _words(one["share_of_spend"]),
            _words(one["buys_within_4_weeks"]),
        )
    return table


def groups(told: Told) -> Table:
    """Return all groups, kind by kind, in the 80 columns of a terminal."""
    table = _table("customers", "", "brought", "", "expected", "moved", first="")
    kind = None
    for one in told["segments"]:
        if one["kind"] != kind:
            kind = one["kind"]
            table.add_section()
            table.add_row(Text(kind, style="bold"))
        predicted, moved = one["predicted_value"], one["movements"]
        table.add_row(
            _plain(one["name"]),
            f"{one['customers']:,}",
            _percent(one["share_of_customers"]),
            _whole(one["historic_value"]),
            _percent(one["share_of_value"]),
            _whole(predicted["expected"] if predicted else None),
            f"+{sum(moved['joined'].values())} -{sum(moved['left'].values())}" if moved else "–",
        )
    return table


def portfolios(told: Told) -> Table:
    """Return what each portfolio is about: their names are numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("portfolio", no_wrap=True)
    table.add_column("what sets its customers apart")
    for one in told["segments"]:
        if one["kind"] == "portfolio":
            table.add_row(_plain(one["name"]), _plain(one["title"]))
    return table


def matrix(told: Told) -> Table:
    """Return how many customers are of which historical and potential value."""
    table = _table("tier", "customers", "brought", "will bring", first="brought and will bring")
    for cell in told["cells"]:
        table.add_row(
            f"{cell['historic']} and {cell['potential']}",
            cell["tier"],
            f"{cell['customers']:,}",
            _whole(cell["historic_value"]),
            _whole(cell["predicted_value"]),
        )
    return table


def _table(*numbers: str, first: str | None = None) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    if first is not None:
        table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _words(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return ", ".join(f"{_spaced(name)} {_words(part)}" for name, part in value.items()) or "–"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _whole(money: float | None) -> str:
    return "–" if money is None else f"{money:,.0f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _plain(words: str) -> Text:
    """Return text in which nothing is markup: a shop names categories and ids as it likes."""
    return Text(words)
