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
from rich.console import Console
from rich.table import Table

from models.artifacts.keys import Keys
from models.audience_told import told
from training import audience_tables as tables
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
            _print(one, [tables.facts(one), tables.reasons(one)], json=json)
        else:
            shown = [tables.listed(found, columns=_OUT.width), tables.ended_badly(found)]
            _print({"audiences": found}, shown, json=json)


def _everyone() -> list[Told]:
    """Return every audience, the latest first."""
    settings = settings_told()
    configure(level=settings.log_level, format_=settings.log_format)
    with open_store(settings.events_redis_url or settings.redis_url, settings.data_dir) as store:
        found = waiting.read(store, Keys(settings.namespace)).audiences
    now_ms = time.time_ns() // 1_000_000
    return [told(one) for one in reversed(found) if not one.has_expired(now_ms=now_ms)]


def _print(found: Told, shown: Sequence[Table | None], *, json: bool) -> None:
    if json:
        typer.echo(orjson.dumps(found))
        return
    for table in shown:
        if table is not None:
            _OUT.print(table)
