"""What ``cartera assign`` and ``cartera experiment`` do."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.arms import Arms
from training.data import checks
from training.data.catalog import right_lines
from training.data.columns import resolve
from training.data.files import open_table
from training.data.outcomes import Outcomes, read_outcomes
from training.errors import TooThin
from training.judge.trials import (
    LEAST_CUSTOMERS,
    LEAST_RESTS,
    MISMATCH,
    Difference,
    Guardrail,
    difference,
    sample_ratio,
)

_OUT = Console(width=None if sys.stdout.isatty() else 120)
OUTCOME = "outcome"
CONTROL = "control"
TOO_EARLY = "too early"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One arm beside the control, by one column."""

    arm: str
    column: str
    mean: float
    difference: Difference | None
    """None where it is too early to say."""
    verdict: str
    guardrail: Guardrail | None = None
    """None of the outcome, and of the control."""


def assign(customers: Path, arms: Arms, *, out: Path, columns: Mapping[str, str]) -> None:
    """Write the arm of each customer of a file.

    Raises:
        UnreadableFile: The file cannot be read, or a line is wrong.
        OSError: The arms cannot be written.
    """
    table = open_table(customers)
    found = resolve(table, required=["customer_id"], optional=[], asked=columns)
    ids = right_lines(table, found, {"customer_id": checks.required_id}, key="customer_id")
    put = [arms.of_customer(id_) for id_ in ids["customer_id"]]
    beside = out.with_name(f"{out.name}.part")
    with beside.open("wb") as stream:  # Python's errors name the file, those of Polars do not
        ids.with_columns(arm=pl.Series(put, dtype=pl.String)).write_csv(stream)
    beside.replace(out)
    shown = _table("arm", "customers", "share meant")
    for name, share in arms.shares().items():
        shown.add_row(Text(name), f"{put.count(name):,}", f"{share:.2%}")
    _OUT.print(shown)


def experiment(
    path: Path,
    arms: Arms,
    *,
    is_assigned: bool,
    guardrails: Sequence[Guardrail],
    days: int | None,
    columns: Mapping[str, str],
    rejects: Path,
    max_rejected: float,
    json: bool,
) -> None:
    """Compare the arms and print what is told.

    Raises:
        TrainingError: The file cannot be used, or the arms do not hold what they should.
    """
    read = read_outcomes(
        path,
        arms,
        is_assigned=is_assigned,
        guardrails=[one.name for one in guardrails],
        days=days,
        rejects=rejects,
        columns=columns,
        max_rejected=max_rejected,
    )
    counts = [int((read.customers["arm"] == name).sum()) for name in arms.names]
    chance = sample_ratio(counts, list(arms.shares().values()))
    _refuse_mismatch(arms, counts, chance)
    compared = compare(read.customers, arms, guardrails)
    if json:
        typer.echo(
            orjson.dumps(_figures(read, arms=arms, counts=counts, chance=chance, compared=compared))
        )
        return
    _OUT.print(_who(arms, counts))
    for words in _remarks(read, compared, chance=chance, rejects=rejects):
        _OUT.print(words)
    _OUT.print(_which(compared))


def compare(customers: pl.DataFrame, arms: Arms, guardrails: Sequence[Guardrail]) -> list[Compared]:
    """Compare every arm with the first, by the outcome and by every guardrail.

    Args:
        customers: As ``training.data.outcomes`` gives them.
        arms: The first is the control.
        guardrails: Their columns.
    """
    limits = {OUTCOME: None} | {one.name: one for one in guardrails}
    found = []
    for column, guardrail in limits.items():
        values = {
            name: customers.filter(pl.col("arm") == name)[column].to_numpy() for name in arms.names
        }
        control, *others = arms.names
        found.append(
            Compared(
                arm=control,
                column=column,
                mean=float(values[control].mean()),
                difference=None,
                verdict=CONTROL,
            )
        )
        for name in others:
            one = difference(values[name], values[control], n_compared=len(others))
            verdict = TOO_EARLY
            if one is not None:
                verdict = one.keeps(guardrail) if guardrail else one.verdict()
            found.append(
                Compared(
                    arm=name,
                    column=column,
                    mean=float(values[name].mean()),
                    difference=one,
                    verdict=verdict,
                    guardrail=guardrail,
                )
            )
    return found


def _refuse_mismatch(arms: Arms, counts: Sequence[int], chance: float) -> None:
    if not all(counts):
        raise TooThin(
            "an arm has no customers; expected some in each; check the names in --arms, or wait"
        )
    if chance >= MISMATCH:
        return
    told = ", ".join(
        f"{name}: {count:,} for {share:.1%}"
        for (name, share), count in zip(arms.shares().items(), counts, strict=True)
    )
    raise TooThin(
        f"the arms do not hold the shares that they should ({told}); chance divides so with "
        f"probability {chance:.1e}, expected at least {MISMATCH:g}; no comparison of them means "
        "anything: find where customers are lost or sent astray, or name the true shares in --arms"
    )


def _remarks(
    read: Outcomes, compared: Sequence[Compared], *, chance: float, rejects: Path
) -> Iterator[str]:
    yield f"The shares agree with the arms' (p = {chance:.3f})."
    if read.n_too_new:
        yield f"{read.n_too_new:,} customers are left out, whose days are not over."
    if read.n_rejected:
        yield f"{read.n_rejected:,} of {read.n_lines:,} lines were rejected; see {rejects}."
    if any(one.verdict == TOO_EARLY for one in compared):
        yield (
            f"It is too early while an arm has fewer than {LEAST_CUSTOMERS} customers, or what "
            f"varies in one rests on fewer than {LEAST_RESTS}."
        )


def _figures(
    read: Outcomes,
    *,
    arms: Arms,
    counts: Sequence[int],
    chance: float,
    compared: Sequence[Compared],
) -> dict[str, Any]:
    return {
        "arms": {
            name: {"customers": count, "share": share}
            for (name, share), count in zip(arms.shares().items(), counts, strict=True)
        },
        "sample_ratio_probability": chance,
        "customers_too_new": read.n_too_new,
        "rejected_lines": read.n_rejected,
        "compared": [asdict(one) for one in compared],
    }


def _who(arms: Arms, counts: Sequence[int]) -> Table:
    table = _table("arm", "customers", "share", "share meant")
    n = sum(counts)
    for (name, share), count in zip(arms.shares().items(), counts, strict=True):
        table.add_row(Text(name), f"{count:,}", f"{count / n:.2%}", f"{share:.2%}")
    return table


def _which(compared: Sequence[Compared]) -> Table:
    table = _table("of", "arm", "mean", "minus control", "95 % at all times", "")
    for one in compared:
        value, span = "–", "–"
        if one.difference is not None:
            value = f"{one.difference.value:+.5g}"
            span = f"{one.difference.low:+.5g} to {one.difference.high:+.5g}"
        table.add_row(
            Text(one.column), Text(one.arm), f"{one.mean:.5g}", value, span, _verdict(one)
        )
    return table


def _verdict(one: Compared) -> str:
    if one.verdict == CONTROL:
        return ""
    if one.guardrail is None:
        return one.verdict
    side = "at most" if one.guardrail.is_most else "at least"
    return f"{one.verdict} ({side} {one.guardrail.limit:+g})"


def _table(*heads: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(
            head, justify="left" if head in {"of", "arm", ""} else "right", overflow="fold"
        )
    return table
