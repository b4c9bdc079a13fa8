"""What the trainer chose, what it refused, and what nobody can know yet, each with its reason.

A choice is what a model left in the manifest: ``chosen`` and ``why``, and whatever figures it has
beside them, in a shape of its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from models.artifacts.manifest import Manifest
from training.report_page.parts import Decision, Section, Table
from training.report_page.words import DASH, decimal, number, sentence

NOTHING: tuple[object, ...] = (False, None, "", "none", "nothing", [], {})
"""What stands for ``chosen`` where nothing was."""
_WORDS = ("chosen", "why")


def decisions(manifest: Manifest) -> Section:
    """Return the section on the choices in the manifest, what was refused first."""
    told = [_decision(name, choice) for name, choice in manifest.choices.items()]
    return Section(
        id="decisions",
        short="Choices",
        title="What was chosen, and what was refused",
        sentences=(
            "Whatever is cleverer than counting had to prove itself on past weeks. What did not, "
            "and what these purchases cannot tell, is left out and named."
            if told
            else "This release does not say how it was chosen: an earlier Cartera made it.",
        ),
        decisions=tuple(sorted(told, key=lambda one: not one.refused)),
    )


def why_not(choices: Mapping[str, Any], name: str) -> str:
    """Return why a choice was refused, as a sentence; nothing where it was not, or nobody says."""
    choice = choices.get(name)
    return sentence(str(choice["why"])) if choice and choice["chosen"] in NOTHING else ""


def _decision(name: str, choice: Mapping[str, Any]) -> Decision:
    chosen = choice["chosen"]
    refused = chosen in NOTHING
    return Decision(
        name=sentence(name).removesuffix("."),
        chosen="not used" if refused else "used" if chosen is True else _cell(chosen),
        why=sentence(str(choice["why"])),
        refused=refused,
        figures=tables({key: value for key, value in choice.items() if key not in _WORDS}),
    )


def tables(figures: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return figures of any shape as tables: single ones together, then one for each group."""
    alone = {name: told for name, told in figures.items() if not isinstance(told, Mapping | list)}
    found = [Table(columns=("Figure", "Value"), rows=_pairs(alone))] if alone else []
    for name, told in figures.items():
        if isinstance(told, Mapping) and told:
            found.append(_table(name, told))
        elif isinstance(told, list) and told:
            found.append(_rows(name, told))
    return tuple(found)


def _pairs(figures: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    return tuple((_title(name), _cell(told)) for name, told in figures.items())


def _table(name: str, figures: Mapping[str, Any]) -> Table:
    """Return figures by way, or by way and measure."""
    if not all(isinstance(row, Mapping) for row in figures.values()):
        return Table(columns=(_title(name), "Value"), rows=_pairs(figures))
    columns = tuple(dict.fromkeys(key for row in figures.values() for key in row))
    return Table(
        columns=(_title(name), *map(_title, columns)),
        rows=tuple(
            (way, *(_cell(row.get(key)) for key in columns)) for way, row in figures.items()
        ),
    )


def _rows(name: str, told: Sequence[Any]) -> Table:
    """Return rows that name their columns, or else a list."""
    if not all(isinstance(row, Mapping) for row in told):
        return Table(columns=(_title(name),), rows=((", ".join(map(_cell, told)),),))
    columns = tuple(dict.fromkeys(key for row in told for key in row))
    return Table(
        columns=tuple(map(_title, columns)),
        rows=tuple(tuple(_cell(row.get(key)) for key in columns) for row in told),
    )


def _title(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if value is None or isinstance(value, float):
        told = number(value)
        return DASH if told is None else decimal(told)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_cell(one)}" for name, one in value.items())
    return ", ".join(map(_cell, value)) if isinstance(value, list) else str(value)
