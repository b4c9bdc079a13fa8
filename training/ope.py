"""What ``cartera ope`` does: read a log, judge the other policy, and tell what can be told."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from training.data.decisions import CUSTOMER, MODEL, TARGET, read_decisions
from training.judge.off_policy import LEAST_RESTS, Decisions, Estimate, Judged, judge

_OUT = Console(width=None if sys.stdout.isatty() else 120)
_NAMES = {
    "logged": "what was logged",
    "IPS": "the other, IPS",
    "SNIPS": "the other, SNIPS",
    "DR": "the other, DR",
}


def ope(
    log: Path,
    *,
    policy: Path | None,
    columns: Mapping[str, str],
    policy_columns: Mapping[str, str],
    rejects: Path,
    max_rejected: float,
    json: bool,
) -> None:
    """Judge the other policy and print what is told.

    Raises:
        TrainingError: A file cannot be used, or bears no figure.
    """
    read = read_decisions(
        log,
        policy=policy,
        rejects=rejects,
        columns=columns,
        policy_columns=policy_columns,
        max_rejected=max_rejected,
    )
    judged = judge(decisions_of(read.lines))
    if json:
        typer.echo(orjson.dumps(figures(judged) | {"rejected_lines": read.n_rejected}))
        return
    _OUT.print(_overlap(judged), _estimates(judged.estimates))
    if read.n_rejected:
        _OUT.print(f"{read.n_rejected:,} lines were rejected; they stand in {rejects}.")
    for one in judged.estimates:
        if one.told is None:
            _OUT.print(
                f"{one.name} is not told: its variance rests on {one.rests_on:.1f} cases; expected "
                f"at least {LEAST_RESTS}."
            )


def decisions_of(lines: pl.DataFrame) -> Decisions:
    """Return what ``training.data.decisions`` read, as the estimators take it.

    Decisions about nobody that is known are cases of their own.
    """
    case = np.arange(lines.height, dtype=np.intp)
    if CUSTOMER in lines.columns:
        known = pl.concat_str(pl.lit("c"), CUSTOMER)
        alone = pl.concat_str(pl.lit("#"), pl.int_range(pl.len()).cast(pl.String))
        whose = lines.select(pl.coalesce(known, alone).rank("dense")).to_series()
        case = whose.to_numpy().astype(np.intp) - 1
    model = all(name in lines.columns for name in MODEL)
    return Decisions(
        propensity=lines["propensity"].to_numpy(),
        reward=lines["reward"].to_numpy(),
        target=lines[TARGET].to_numpy(),
        estimates=(lines[MODEL[0]].to_numpy(), lines[MODEL[1]].to_numpy()) if model else None,
        case=case,
    )


def figures(judged: Judged) -> dict[str, Any]:
    """Return what was judged as JSON holds it; what is not told is null."""
    overlap = judged.overlap
    return {
        "decisions": overlap.n_decisions,
        "cases": overlap.n_cases,
        "effective_sample_size": overlap.effective,
        "mean_weight": overlap.mean_weight,
        "largest_share": overlap.largest_share,
        "estimates": {
            one.name: {
                "value": one.told and one.told.value,
                "interval": one.told and {"low": one.told.low, "high": one.told.high},
                "rests_on": one.rests_on,
            }
            for one in judged.estimates
        },
    }


def _overlap(judged: Judged) -> Table:
    table = Table(show_header=False, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    overlap = judged.overlap
    table.add_row("decisions", f"{overlap.n_decisions:,}")
    if overlap.n_cases < overlap.n_decisions:
        table.add_row("cases, a customer one", f"{overlap.n_cases:,}")
    table.add_row("effective sample size", f"{overlap.effective:,.1f}")
    table.add_row("mean weight", f"{overlap.mean_weight:.3f}")
    table.add_row("heaviest case's share", f"{overlap.largest_share:.2%}")
    return table


def _estimates(estimates: tuple[Estimate, ...]) -> Table:
    table = Table("policy", box=SIMPLE_HEAD, pad_edge=False)
    for head in ("reward a decision", "95 % interval", "rests on"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in estimates:
        value, span = "–", "–"
        if one.told is not None:
            value, span = f"{one.told.value:.6g}", f"{one.told.low:.6g} to {one.told.high:.6g}"
        table.add_row(_NAMES[one.name], value, span, f"{one.rests_on:,.0f}")
    return table
