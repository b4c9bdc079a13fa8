"""``cartera report``: a release as one page for people."""

from pathlib import Path
from typing import Annotated

import typer

from training.errors import TrainingError
from training.in_words import in_words, settings_told
from training.publish import Releases
from training.stores import open_releases


def report(
    version: Annotated[
        str | None, typer.Argument(help="One of `cartera releases list`; default: what serves.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write it; default: `report-VERSION.html` in this folder."),
    ] = None,
) -> None:
    """Write one HTML page on a release: what customers are worth, who they are, how sure that is.

    The page needs no network and no script, holds no customer's id, and can be printed or mailed.

    Examples:

    `cartera report`

    `cartera report 20261101T030000Z-1a2b --out report.html`
    """
    with in_words():
        from training.report_page.page import page

        with open_releases(settings_told()) as published:
            loaded = published.loaded(version or _serving(published))
        path = out or Path(f"report-{loaded.version}.html")
        path.write_text(page(loaded.manifest, loaded.customers), encoding="utf-8")
        typer.echo(f"The report on release {loaded.version} is in {path.resolve()}")


def _serving(published: Releases) -> str:
    """Return the version that serves.

    Raises:
        TrainingError: None does.
    """
    version = published.current()
    if version is None:
        raise TrainingError(
            "no release serves yet, and a report is of one; train one with `cartera train`"
        )
    return version
