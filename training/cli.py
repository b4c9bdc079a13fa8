"""``cartera …``: one verb per thing to do; results on stdout, progress on stderr.

Exit codes: 0 done; 1 it could not be done, in words on stderr; 2 the call was not understood; 3
the gate refused the release. What trains is imported by the commands that train, so that the
server's image, which has neither implicit nor scipy, runs ``serve``, ``releases``, ``keys``,
``token``, ``customers``, ``segments`` and ``audiences``.
"""

from pathlib import Path
from typing import Annotated

import typer

from training import cli_options as options
from training.cli_audiences import audiences
from training.cli_customers import customers, segments
from training.cli_experiment import assign, experiment
from training.cli_identifiers import identifiers
from training.cli_keys import keys, tokens
from training.cli_ope import ope
from training.cli_options import (
    BudgetText,
    Columns,
    Feedback,
    FromArchive,
    MaxRejected,
    Promotions,
    Rejects,
)
from training.cli_releases import releases
from training.cli_report import report
from training.cli_worker import worker
from training.in_words import in_words, settings_told

main = typer.Typer(
    name="cartera",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="What for this customer, now? Learn it from the purchase history, and serve it.",
)
main.add_typer(releases, name="releases")
main.add_typer(keys, name="keys")
main.add_typer(tokens, name="token")


@main.command()
def train(
    purchases: Annotated[
        Path | None, typer.Argument(help="CSV, CSV.gz or Parquet, a line an item of an order.")
    ] = None,
    from_archive: FromArchive = False,
    items: Annotated[
        Path | None,
        typer.Option(help="item_id title category brand price margin stock url image."),
    ] = None,
    customers: Annotated[
        Path | None,
        typer.Option(help="customer_id …: checked; who has not bought is a prospect."),
    ] = None,
    promotions: Promotions = None,
    feedback: Feedback = None,
    columns: Columns = None,
    item_columns: Columns = None,
    customer_columns: Columns = None,
    promotion_columns: Columns = None,
    feedback_columns: Columns = None,
    until: Annotated[
        str | None, typer.Option(help="Learn what was bought before this date or RFC 3339 time.")
    ] = None,
    max_rejected: MaxRejected = 0.01,
    rejects: Rejects = Path("rejects.csv"),
    budget: BudgetText = "10m",
    publish: Annotated[
        bool, typer.Option(help="Put the release into the store and let it serve.")
    ] = True,
    force: Annotated[bool, typer.Option(help="Publish also what the gate refuses.")] = False,
) -> None:
    """Learn from a purchase history, judge, and publish a release.

    The history is a file, the archive of events that `cartera worker` writes, or both: then an
    order that both have counts once, by its `order_id`. Beside a file without that column the
    archive counts from the file's last purchase on.

    Columns of PURCHASES: `customer_id item_id timestamp quantity price` and, if you have them,
    `order_id store_id discount currency coupon`. A negative quantity is a return; a line without a
    customer teaches what is bought together.

    Examples:

    `cartera train purchases.csv`

    `cartera train orders.parquet --items products.csv --columns customer_id=user,item_id=sku`

    `cartera train orders.parquet --items products.csv --promotions calendar.csv --budget 5m`

    `cartera train purchases.csv --customers customers.csv --feedback reviews.csv`

    `cartera train purchases.csv.gz --until 2026-11-01 --no-publish`

    `cartera train --from-archive --items products.csv`
    """
    with in_words():
        options.something_to_learn_from(purchases, from_archive=from_archive)
        settings = settings_told()
        files = options.files(
            purchases=purchases,
            archive=settings.archive if from_archive else None,
            items=items,
            customers=customers,
            columns=columns,
            item_columns=item_columns,
            customer_columns=customer_columns,
            promotions=promotions,
            promotion_columns=promotion_columns,
            feedback=feedback,
            feedback_columns=feedback_columns,
            budget=budget,
            until=until,
            max_rejected=max_rejected,
            rejects=rejects,
        )
        from training import runs

        runs.train(files, settings, publish=publish, force=force)


@main.command()
def evaluate(
    purchases: Annotated[
        Path | None, typer.Argument(help="As for train; the demo shop if left out.")
    ] = None,
    items: Annotated[Path | None, typer.Option(help="As for train.")] = None,
    promotions: Promotions = None,
    columns: Columns = None,
    item_columns: Columns = None,
    promotion_columns: Columns = None,
    cut: Annotated[
        str | None,
        typer.Option(
            help="Learn before this date, judge from it; default: 28 days before the last day."
        ),
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Length of the test window; default: to the end.")
    ] = None,
    max_rejected: MaxRejected = 0.01,
    rejects: Rejects = Path("rejects.csv"),
    budget: BudgetText = "10m",
    baselines: Annotated[bool, typer.Option(help="Judge the baselines too.")] = True,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None,
) -> None:
    """Judge the lists on purchases they have not seen, beside baselines; nothing is published.

    Lists come from the path that serves. Weights are chosen on windows before the cut.

    Examples:

    `cartera evaluate`

    `cartera evaluate purchases.csv --cut 2026-10-01 --days 28 --json figures.json`
    """
    with in_words():
        files = options.files(
            purchases=purchases,
            items=items,
            columns=columns,
            item_columns=item_columns,
            promotions=promotions,
            promotion_columns=promotion_columns,
            budget=budget,
            max_rejected=max_rejected,
            rejects=rejects,
        )
        moment = options.moment(cut, "--cut")
        from training import report, runs
        from training.progress import Shown

        settings, shown = settings_told(), Shown()
        found = runs.evaluate(
            files if purchases else None,
            settings,
            cut=moment,
            days=days,
            baselines=baselines,
            shown=shown,
        )
        runs.print_evaluation(found, seed=settings.seed, json=json)
        runs.OUT.print(report.times(shown.took))


@main.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="A release's directory, under releases/.")],
    force: Annotated[bool, typer.Option(help="Publish also what the gate refuses.")] = False,
) -> None:
    """Put a release that `train` wrote into the store and let it serve.

    For a store that was emptied, or for releases trained elsewhere.

    Example: `cartera publish var/releases/cartera/20261101T030000Z-1a2b`
    """
    with in_words():
        from training import runs
        from training.progress import Shown

        runs.put(folder, settings_told(), force=force, shown=Shown())


@main.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen; beyond this machine only with `cartera keys`.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="A free port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    trust_proxy: Annotated[
        str | None,
        typer.Option(
            help="Address or network of the proxy in front: its `X-Forwarded-For` says who asks. "
            "Several are separated by commas."
        ),
    ] = None,
    worker: Annotated[
        bool, typer.Option(help="With the embedded store: also run what `cartera worker` does.")
    ] = True,
) -> None:
    """Serve the current release, with the embedded store unless CARTERA_REDIS_URL names another.

    Examples:

    `cartera serve`

    `CARTERA_REDIS_URL=redis://:secret@10.0.0.5:6379/0 cartera serve --workers 4`

    `cartera serve --host 0.0.0.0 --trust-proxy 10.0.0.2`
    """
    with in_words():
        from training.log import configure
        from training.serve import serve as run

        settings = settings_told()
        configure(level=settings.log_level, format_=settings.log_format)
        run(
            data_dir=settings.data_dir,
            host=host,
            port=port,
            workers=workers,
            redis_url=settings.redis_url,
            namespace=settings.namespace,
            trust_proxy=trust_proxy,
            learn=worker,
        )


@main.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="A free port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    budget: BudgetText = "4m",
    worker: Annotated[
        bool, typer.Option(help="With the embedded store: also run what `cartera worker` does.")
    ] = True,
) -> None:
    """Train on 1.4 million purchase lines of the Complete Journey, if that is not done, and serve.

    Examples:

    `cartera demo --port 8080`

    `cartera demo --budget 30s` (a simpler release, sooner)
    """
    with in_words():
        from training.demo_run import run
        from training.log import configure

        settings = settings_told()
        configure(level=settings.log_level, format_=settings.log_format)
        run(settings, port=port, workers=workers, learn=worker, budget=options.budget(budget))


main.command()(customers)
main.command()(segments)
main.command()(audiences)
main.command()(identifiers)
main.command()(report)
main.command()(worker)
main.command()(ope)
main.command()(experiment)
main.command()(assign)
