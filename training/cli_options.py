"""What several commands are told alike, and how the text of an option becomes what it means.

What trains is imported where it is needed, so that commands which do not train run without it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.budget import Budget
    from training.shop_files import Files

Columns = Annotated[
    str | None,
    typer.Option(
        help="Our column names and the file's, where they differ: "
        "`customer_id=CustomerID,item_id=StockCode`."
    ),
]
FromArchive = Annotated[
    bool,
    typer.Option(
        "--from-archive",
        help="Learn from the archive of events too, or from it alone if PURCHASES is left out.",
    ),
]
Promotions = Annotated[
    Path | None,
    typer.Option(
        help="item_id starts ends kind reach: what is in the mailer, on display or on offer when; "
        "it counts where it reaches into the 28 days after the last purchase."
    ),
]
Feedback = Annotated[
    Path | None,
    typer.Option(
        help="customer_id timestamp kind value: what customers said; kind is `rating`, "
        "`satisfaction` (both 1 to 5) or `complaint` (no value)."
    ),
]
MaxRejected = Annotated[
    float, typer.Option(min=0, max=1, help="Largest share of bad lines to go on with.")
]
Rejects = Annotated[Path, typer.Option(help="Where bad lines are listed.")]
BudgetText = Annotated[
    str,
    typer.Option(
        "--budget",
        help="Longest time for fitting and choosing: 60s, 10m, 1h. What cannot be paid for is left "
        "out and named, the ranker first.",
    ),
]


_READ = ("purchases", "items", "customers", "promotions", "feedback")
_COLUMNS = (
    "columns",
    "item_columns",
    "customer_columns",
    "promotion_columns",
    "feedback_columns",
)


def files(**told: object) -> "Files":
    """Return the shop's files, from options of the names of their fields.

    Raises:
        BadParameter: A text is not what its option expects, or a file that is read would be
            overwritten by the list of bad lines.
    """
    from training.shop_files import Files

    for name in _COLUMNS:
        told[name] = columns(told.get(name), f"--{name.replace('_', '-')}")
    told["until"] = moment(told.get("until"), "--until")
    told["budget"] = budget(told["budget"])
    overwrites_nothing((told.get(name) for name in _READ), told["rejects"])
    return Files(**told)  # type: ignore[arg-type]  # typer has checked every one


def overwrites_nothing(read: Iterable[object], rejects: object) -> None:
    """Refuse a list of bad lines that would take the place of a file that is read.

    Raises:
        BadParameter: It would.
    """
    place = Path(str(rejects)).resolve()
    if any(path is not None and Path(str(path)).resolve() == place for path in read):
        raise typer.BadParameter(
            "this file is read, and would be overwritten; name another one",
            param_hint="--rejects",
        )


def something_to_learn_from(purchases: Path | None, *, from_archive: bool) -> None:
    """Refuse a training on nothing.

    Raises:
        BadParameter: There is neither a file nor the archive.
    """
    if purchases is None and not from_archive:
        raise typer.BadParameter(
            "is missing; name a file, or learn from the archive of events with --from-archive",
            param_hint="PURCHASES",
        )


def columns(text: object, option: str) -> dict[str, str]:
    """Return what an option says of columns, ours -> the file's.

    Raises:
        BadParameter: It is no list of pairs.
    """
    if text is None:
        return {}
    pairs = [part.partition("=") for part in str(text).split(",")]
    if any(not (ours and sign and theirs) for ours, sign, theirs in pairs):
        raise typer.BadParameter(
            "expected ours=theirs, separated by commas: customer_id=CustomerID,item_id=StockCode",
            param_hint=option,
        )
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def budget(text: object) -> "Budget":
    """Return what `--budget` says.

    Raises:
        BadParameter: It is no time.
    """
    from training.budget import Budget

    try:
        return Budget.of(str(text))
    except ValueError as problem:
        raise typer.BadParameter(str(problem), param_hint="--budget") from problem


def moment(text: object, option: str) -> datetime | None:
    """Return the time that `option` says, in UTC where it names no offset; None where it is silent.

    Raises:
        BadParameter: It is no date and no time.
    """
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError as problem:
        raise typer.BadParameter(
            "expected a date like 2026-11-01 or a time like 2026-11-01T06:00:00+01:00",
            param_hint=option,
        ) from problem
    return told if told.tzinfo else told.replace(tzinfo=UTC)
