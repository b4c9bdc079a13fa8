"""Audiences as tables in a terminal: what was asked for, how good it is, what sets it apart.

Rows that say nothing of an audience are left out. A rule is JSON, as it was asked for, so that it
can be copied into another.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from models.artifacts.audience import MIN_SEEDS

Told = Mapping[str, Any]
"""What ``models.audience_told`` says of one."""
_LONGEST = 40
"""Characters of a definition in a list."""
_WIDE = 120
"""Characters of a line from which a list has intervals and dates."""


def listed(found: Sequence[Told], *, columns: int) -> Table:
    """Return audiences, a row each; one without a name by what it was asked to be.

    Args:
        found: As ``models.audience_told`` says of each.
        columns: Characters of a line; in few there are no intervals and no dates.
    """
    is_wide = columns >= _WIDE
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("id", "name", "type", "status"):
        table.add_column(head, overflow="fold", no_wrap=head != "name")
    for head in ("members", "AUC", "lift at 5 %" if is_wide else "lift"):
        table.add_column(head, justify="right", no_wrap=True)
    if is_wide:
        table.add_column("asked for (UTC)", no_wrap=True)
    for one in found:
        table.add_row(
            one["audience_id"],
            Text(one["name"] or _short(_who(one["definition"]))),  # nothing in it is markup
            one["type"],
            _status(one),
            "–" if one["size"] is None else f"{one['size']:,}",
            *_qualities(one["quality"], is_wide=is_wide),
            *([one["created_at"][:16].replace("T", " ")] if is_wide else []),
        )
    return table


def ended_badly(found: Sequence[Told]) -> Table | None:
    """Return why audiences were refused or failed; None where none was."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in ("id", "why there are no members, or no new ones"):
        table.add_column(head, overflow="fold")
    for one in found:
        if one["status"] in {"refused", "failed"} and one["detail"]:
            table.add_row(one["audience_id"], Text(one["detail"]))
    return table if table.row_count else None


def facts(one: Told) -> Table:
    """Return what is known of an audience, a row each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column("what", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold")
    for name, words in (*_asked(one), *_built(one)):
        if words:
            table.add_row(name, Text(words))
    return table


def reasons(one: Told) -> Table | None:
    """Return what distinguishes members; None where there are none yet."""
    if one["reasons"] is None:
        return None
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("what distinguishes its members")
    for reason in one["reasons"]:
        table.add_row(Text(reason["text"]))
    if not one["reasons"]:
        few = f"fewer than {MIN_SEEDS} members: not told"
        table.add_row(few if one["size"] < MIN_SEEDS else "nothing that could be told")
    return table


def _asked(one: Told) -> Iterator[tuple[str, str | None]]:
    asked = one["definition"]
    yield "audience", one["audience_id"]
    yield "name", one["name"]
    yield "type", one["type"]
    yield ("seeds" if asked["seeds"] else "members"), _who(asked)
    yield "weight", asked["weight"]
    if asked["expansion"] is not None:
        yield "size", f"{asked['expansion']:g} %"
    if asked["size"] is not None:
        yield "size", f"{asked['size']:,}"
    yield "without those of", ", ".join(asked["exclude"])
    yield "refresh", "yes" if asked["refresh"] else "no"
    yield "status", _status(one)
    yield "step", one["step"] if one["status"] == "building" else None
    yield "why", one["detail"]
    yield "asked for at", one["created_at"]
    yield "asked for by", one["created_by"]
    yield "expires at", one["expires_at"]


def _built(one: Told) -> Iterator[tuple[str, str | None]]:
    if one["size"] is None:
        return
    yield "members found", f"{one['size']:,}"
    yield "seeds found", None if one["seeds"] is None else f"{one['seeds']:,}"
    quality = one["quality"]
    if quality:
        yield "AUC", _within(quality, "auc", digits=3)
        yield "lift among the best 5 %", _within(quality, "lift_at_5_percent", digits=1)
        yield "measured on", f"{quality['held_out']:,} held-out seeds, {quality['others']:,} others"
        yield "classifier", _classifier(quality)
    yield "release", one["release"]
    yield "built at", one["built_at"]


def _who(asked: Told) -> str:
    """Return who the members are, or the seeds."""
    seeds = asked["seeds"] or asked
    if seeds["rule"] is not None:
        return orjson.dumps(seeds["rule"]).decode()
    return f"group {seeds['group']}" if seeds["group"] else f"{seeds['count'] or 0:,} customers"


def _status(one: Told) -> str:
    building = one["status"] == "building"
    return f"{one['status']} {one['progress']:.0%}" if building else one["status"]


def _classifier(quality: Told) -> str:
    each = ", ".join(f"{name} {auc:.3f}" for name, auc in quality["candidates"].items())
    return f"{quality['classifier']} (AUC by cross-validation: {each})"


def _qualities(quality: Told | None, *, is_wide: bool) -> tuple[str, str]:
    """Return AUC and lift, in a wide table with their intervals."""
    if quality is None:
        return "–", "–"
    if not is_wide:
        return f"{quality['auc']:.3f}", f"{quality['lift_at_5_percent']:.1f}"
    return (
        _within(quality, "auc", digits=3),
        _within(quality, "lift_at_5_percent", digits=1),
    )


def _within(quality: Told, name: str, *, digits: int) -> str:
    ends = quality[f"{name}_interval"]
    value, low, high = (f"{one:.{digits}f}" for one in (quality[name], ends["low"], ends["high"]))
    return f"{value} ({low} to {high})"


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
