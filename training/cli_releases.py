"""``cartera releases …``: which releases there are, and which one serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console

from training.errors import TrainingError
from training.in_words import in_words, settings_told
from training.publish import Releases
from training.release_list import release_list
from training.stores import open_releases

releases = typer.Typer(
    no_args_is_help=True, help="Look at published releases, and choose which one serves."
)


@releases.command("list")
def list_() -> None:
    """Show the published releases; the arrow marks the one that serves."""
    with in_words(), _store() as published:
        Console().print(release_list(published.manifests(), published.current()))


@releases.command()
def promote(
    version: Annotated[str, typer.Argument(help="One of `cartera releases list`.")],
) -> None:
    """Let another published release serve."""
    with in_words(), _store() as published:
        published.promote(version)
        Console().print(f"Release {version} serves")


@releases.command()
def rollback() -> None:
    """Let the release before the current one serve."""
    with in_words(), _store() as published:
        Console().print(f"Release {published.rollback()} serves")


@releases.command()
def inspect(
    version: Annotated[
        str | None, typer.Argument(help="One of `cartera releases list`; default: what serves.")
    ] = None,
) -> None:
    """Print a release's manifest: what it learned from, what it chose, how good it is."""
    with in_words(), _store() as published:
        manifests = published.manifests()
        wanted = version or published.current()
        if wanted is None or wanted not in manifests:
            raise TrainingError(
                f"release {wanted or '(none serves)'} is not published; expected one of: "
                f"{', '.join(manifests) or 'none yet'}"
            )
        Console().print_json(manifests[wanted].to_json().decode())


@contextmanager
def _store() -> Iterator[Releases]:
    with open_releases(settings_told()) as published:
        yield published
