"""``cartera audiences``: how audiences stand, how good they are, and what distinguishes them.

It reads the store that has the events, and needs no server. With ``--json`` it prints what the
routes answer.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.artifacts.keys import Keys
from models.audience_told import told
from training import customer_tables as tables
from training.audiences import waiting
from training.cli_customers import AsJson
from training.errors import TrainingError
from training.in_words import in_words, settings_told
from training.log import configure
from training.stores import open_store

_OUT = Console(width=None if sys.stdout.isatty() else 160)
"""A file or a pipe gets whole lines, however narrow it says it is."""
Told = Mapping[str, Any]


def audiences(
    audience_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="One of them; default: all.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show audiences: how they stand, how many members they have, and how good they are.

    Audiences are asked for with `POST /audiences`, and a worker builds them. Of one it is shown how
    well it could be told, with intervals of 95 %, and what distinguishes its members.

    Examples:

    `cartera audiences`

    `cartera audiences --json`
    """
    with in_words():
        found = _everyone()
        if audience_id is not None:
            one = next((one for one in found if one["audience_id"] == audience_id), None)
            if one is None:
                raise TrainingError(
                    "there is no audience of this id; expected one that `cartera audiences` lists"
                )
            _print(one, [tables.facts(one), _reasons(one)], json=json)
        else:
            _print({"audiences": found}, [_listed(found)], json=json)


def _everyone() -> list[Told]:
    """Return every audience, the latest first."""
    settings = settings_told()
    configure(level=settings.log_level, format_=settings.log_format)
    with open_store(settings.events_redis_url or settings.redis_url, settings.data_dir) as store:
        found = waiting.read(store, Keys(settings.namespace)).audiences
    now_ms = time.time_ns() // 1_000_000
    return [told(one) for one in reversed(found) if not one.has_expired(now_ms=now_ms)]


def _print(found: Told, shown: Sequence[Table], *, json: bool) -> None:
    if json:
        typer.echo(orjson.dumps(found))
        return
    for table in shown:
        _OUT.print(table)


def _listed(found: Sequence[Told]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for head in ("id", "name", "type", "status"):
        table.add_column(head, overflow="fold")
    for head in ("members", "AUC", "lift at 5 %"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("asked for (UTC)", no_wrap=True)
    for one in found:
        quality = one["quality"] or {}
        table.add_row(
            one["audience_id"],
            Text(one["name"] or "–"),  # nothing in it is markup
            one["type"],
            f"{one['status']} {one['progress']:.0%}"
            if one["status"] == "building"
            else one["status"],
            "–" if one["size"] is None else f"{one['size']:,}",
            _within(quality, "auc"),
            _within(quality, "lift_at_5_percent"),
            one["created_at"][:16].replace("T", " "),
        )
    return table


def _within(quality: Told, name: str) -> str:
    if name not in quality:
        return "–"
    ends = quality[f"{name}_interval"]
    return f"{quality[name]:.3f} ({ends['low']:.3f} to {ends['high']:.3f})"


def _reasons(one: Told) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("what distinguishes its members")
    for reason in one["reasons"] or [{"text": "–"}]:
        table.add_row(Text(reason["text"]))
    return table
