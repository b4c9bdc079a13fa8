"""``cartera assign`` and ``cartera experiment``: who is in which arm, and which arm did better."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.arms import Arms
from training import cli_options as options
from training.cli_options import Columns, MaxRejected, Rejects
from training.in_words import in_words

if TYPE_CHECKING:
    from training.judge.trials import Guardrail

_GUARDRAIL = re.compile(
    r"(?P<name>[^:,]+):(?P<side>at-most|at-least):(?P<limit>[-+]?[0-9]*\.?[0-9]+)"
)
_UNNAMED = "unnamed"
_ARMS = "Arms and their parts, in this order: `control=50,offers=50`."


def assign(
    customers: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet with customer_id.")],
    name: Annotated[str, typer.Option(help="The experiment's; another name, another shuffle.")],
    arms: Annotated[str, typer.Option(help=_ARMS)],
    out: Annotated[Path, typer.Option(help="Where customer_id and arm are written, as CSV.")],
    columns: Columns = None,
) -> None:
    """Put customers into the arms of an experiment, the same for ever and without a list to keep.

    Example: `cartera assign customers.csv --name spring --arms control=50,offers=50 --out arms.csv`
    """
    with in_words():
        among = _arms(name, arms)
        ours = options.columns(columns, "--columns")
        if out.resolve() == customers.resolve():
            raise typer.BadParameter(
                "this file is read, and would be overwritten; name another one", param_hint="--out"
            )
        from training import experiment as run

        run.assign(customers, among, out=out, columns=ours)


def experiment(
    outcomes: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet.")],
    arms: Annotated[str, typer.Option(help=_ARMS)],
    name: Annotated[
        str | None,
        typer.Option(
            help="The experiment's, if `cartera assign` chose the arms: then each customer must "
            "be in the arm that this chose."
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Count what each customer did in so many days from their first line; who has had "
            "fewer is left out. Needed where a customer has several lines.",
        ),
    ] = None,
    guardrails: Annotated[
        str | None,
        typer.Option(
            help="What must not get worse, and how much of it is borne: "
            "`complaints:at-most:0.01,margin:at-least:-0.5` (arm minus the first arm)."
        ),
    ] = None,
    columns: Columns = None,
    max_rejected: MaxRejected = 0.01,
    rejects: Rejects = Path("rejects.csv"),
    json: Annotated[bool, typer.Option("--json", help="Print figures, and nothing else.")] = False,
) -> None:
    """Compare the arms of an experiment; look as often as you like, the intervals bear it.

    Columns of OUTCOMES: `customer_id arm outcome timestamp`, more outcome being better, and those
    that guardrails name. The first of `--arms` is what the others are compared with. Where the
    arms do not hold the shares that they should, nothing is compared (exit code 1).

    Examples:

    `cartera experiment outcomes.csv --arms control=50,offers=50`

    `cartera experiment outcomes.csv --arms control=1,offers=1 --name spring --days 14`
    """
    with in_words():
        among = _arms(name or _UNNAMED, arms)
        kept = _guardrails(guardrails)
        ours = options.columns(columns, "--columns")
        options.overwrites_nothing([outcomes], rejects)
        from training import experiment as run

        run.experiment(
            outcomes,
            among,
            is_assigned=name is not None,
            guardrails=kept,
            days=days,
            columns=ours,
            rejects=rejects,
            max_rejected=max_rejected,
            json=json,
        )


def _arms(name: str, text: str) -> Arms:
    pairs = [part.rpartition("=") for part in text.split(",")]
    try:
        shares = {arm.strip(): float(share) for arm, _, share in pairs}
        if len(shares) < len(pairs):
            raise ValueError("an arm is named twice")
        return Arms.of(name, shares)
    except ValueError as problem:
        words = str(problem)
        if "could not convert" in words:
            words = "expected arm=part, separated by commas: control=50,offers=50"
        raise typer.BadParameter(words, param_hint="--arms") from problem


def _guardrails(text: str | None) -> "list[Guardrail]":
    from training.data.outcomes import REQUIRED
    from training.judge.trials import Guardrail

    found = [_GUARDRAIL.fullmatch(part.strip()) for part in text.split(",")] if text else []
    if not all(found):
        raise typer.BadParameter(
            "expected column:at-most:number or column:at-least:number, separated by commas",
            param_hint="--guardrails",
        )
    names = [one["name"] for one in found if one]
    if len({*names, *REQUIRED}) < len(names) + len(REQUIRED):
        raise typer.BadParameter(
            f"expected each column once, and none of {', '.join(REQUIRED)}",
            param_hint="--guardrails",
        )
    return [
        Guardrail(name=one["name"], is_most=one["side"] == "at-most", limit=float(one["limit"]))
        for one in found
        if one
    ]
