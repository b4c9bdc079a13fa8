"""``cartera identifiers FILE``: what ad networks know the shop's customers by."""

from pathlib import Path
from typing import Annotated

import typer

from models.artifacts.keys import Keys
from training import cli_options as options
from training.cli_options import MaxRejected, Rejects
from training.in_words import in_words, settings_told
from training.stores import open_store


def identifiers(
    file: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet.")],
    columns: Annotated[
        str | None,
        typer.Option(help="Our column names and the file's, where they differ: `email=Mail`."),
    ] = None,
    max_rejected: MaxRejected = 0.01,
    rejects: Rejects = Path("rejects.csv"),
) -> None:
    """Hash e-mail addresses and telephone numbers of customers, for the export of audiences.

    Columns of FILE: `customer_id` and any of `email phone country ads_consent`. A number without a
    `+` needs `country`, as in US. Who has several addresses or numbers, 5 at most, has several
    lines; what the file names of a customer replaces what was kept of them. Only hashes are kept,
    as Google and Meta want them; the file itself is yours to remove.

    `ads_consent` is `yes` or `no`: whether the customer agrees to ads that go by their data.
    Without a yes nobody is in an export. Whoever has decided themselves, by their preferences, is
    left alone.

    Examples:

    `cartera identifiers contacts.csv`

    `cartera identifiers crm.parquet --columns customer_id=id,email=mail,phone=mobile`
    """
    with in_words():
        ours = options.columns(columns, "--columns")
        options.overwrites_nothing([file], rejects)
        settings = settings_told()
        from training.data.identifiers import read_identifiers
        from training.identifiers import write
        from training.progress import Shown

        shown = Shown()
        with shown.stop(f"hash the identifiers in {file.name}") as stop:
            read = read_identifiers(
                file,
                rejects=rejects,
                columns=ours,
                max_rejected=max_rejected,
                progress=stop.say,
            )
        with (
            shown.stop("write them into the store") as stop,
            open_store(settings.events_redis_url or settings.redis_url, settings.data_dir) as store,
        ):
            written = write(store, Keys(settings.namespace), read.customers, done=stop.done)
        typer.echo(
            f"{read.n_lines:,} lines: {read.n_rejected:,} rejected"
            + (f", each with its reason in {rejects}" if read.n_rejected else "")
        )
        typer.echo(
            f"{written.customers:,} customers: {written.emails:,} e-mails and {written.phones:,} "
            "phones are kept as hashes"
        )
        if written.consents or written.kept:
            typer.echo(
                f"ads_consent of {written.consents:,} customers is written; {written.kept:,} "
                "have decided themselves and are left alone"
            )
