"""``cartera customers ID`` and ``cartera segments``: what the release that serves knows of them.

The server's image runs this too. With ``--json`` it prints what the routes answer. The release is
read from the data directory where it was trained; elsewhere its whole bundle comes out of the
store, for a bundle is only known to be whole as a whole.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import orjson
import typer
from rich.console import Console

from models import known
from models.customer import told
from models.customer.summary import Summary
from models.loaded import Loaded
from training import customer_tables as tables
from training import release
from training.errors import TrainingError
from training.in_words import in_words, settings_told
from training.publish import Releases
from training.settings import TrainerSettings
from training.stores import open_releases

_OUT = Console(width=None if sys.stdout.isatty() else 120)
"""A file or a pipe gets whole figures, however narrow it says it is."""
AsJson = Annotated[
    bool, typer.Option("--json", help="Print what the server's route answers, and nothing else.")
]


def customers(
    customer_id: Annotated[str, typer.Argument(metavar="ID", help="The shop's own id.")],
    json: AsJson = False,
) -> None:
    """Show what one customer is worth, needs and feels, as the serving release has it.

    What is not known is shown as –. The server answers the same at `GET /customers/ID`.

    Examples:

    `cartera customers c-1042`

    `cartera customers c-1042 --json`
    """
    with in_words(), _serving() as (published, loaded, summary):
        packed = published.profile(loaded.version, customer_id)
        if packed is None:
            if not published.has(loaded.version):
                raise TrainingError(
                    f"release {loaded.version} was removed from the store meanwhile; expected the "
                    "one that serves; ask again"
                )
            raise TrainingError(
                f"release {loaded.version} knows no customer {customer_id}; expected the id of "
                "somebody in its purchases or its customers file; a new customer is known after "
                "the next `cartera train`"
            )
        found = known.customer(loaded, summary, customer_id, packed)
        if json:
            typer.echo(orjson.dumps(found))
            return
        for table in (tables.facts(found), tables.horizons(found), tables.categories(found)):
            _OUT.print(table)


def segments(
    name: Annotated[
        str | None, typer.Argument(help="One of the groups; default: all, and the matrix of value.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show the groups of customers: how many, what they are worth, who came and went.

    The server answers the same at `GET /segments`, and lists members there.

    Examples:

    `cartera segments`

    `cartera segments high --json`
    """
    with in_words(), _serving() as (_, loaded, summary):
        if name is None:
            found = told.groups(summary, release=loaded.version)
            matrix = told.portfolio(summary, release=loaded.version)
            shown = [tables.groups(found), tables.portfolios(found), tables.matrix(matrix)]
        else:
            found = _group(summary, name, version=loaded.version)
            shown = [tables.facts(found)]
        if json:
            typer.echo(orjson.dumps(found))
            return
        for table in shown:
            _OUT.print(table)


def _group(summary: Summary, name: str, *, version: str) -> told.Told:
    group = summary.group(name)
    if group is None:
        raise TrainingError(
            f"release {version} has no group {name}; expected one of: "
            f"{', '.join(one.name for one in summary.groups)}"
        )
    return told.group(group, summary, release=version)


@contextmanager
def _serving() -> Iterator[tuple[Releases, Loaded, Summary]]:
    """Give the release that serves and what it knows of its customers."""
    settings = settings_told()
    with open_releases(settings) as published:
        version = published.current()
        if version is None:
            raise TrainingError(
                "no release serves yet; expected one in the store; `cartera train` makes one"
            )
        loaded = _loaded(published, version, settings)
        if loaded.customers is None:
            raise TrainingError(
                f"release {version} was trained before customers were known; train again"
            )
        yield published, loaded, loaded.customers


def _loaded(published: Releases, version: str, settings: TrainerSettings) -> Loaded:
    """Return a published release, from the data directory if it is there."""
    folder = settings.data_dir / "releases" / settings.namespace / version
    if (folder / release.MANIFEST).is_file():
        return release.models_of(folder)
    return published.loaded(version)
