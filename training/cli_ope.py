"""``cartera ope``: what another policy would have earned, before a customer meets it."""

from pathlib import Path
from typing import Annotated

import typer

from training import cli_options as options
from training.cli_options import Columns, MaxRejected, Rejects
from training.in_words import in_words


def ope(
    log: Annotated[Path, typer.Argument(help="CSV, CSV.gz or Parquet, a line a decision.")],
    policy: Annotated[
        Path | None,
        typer.Option(
            help="context_id action probability estimate: what the other policy chooses; `estimate`"
            " is a reward model's and may be absent. Default: LOG says it itself."
        ),
    ] = None,
    columns: Columns = None,
    policy_columns: Columns = None,
    max_rejected: MaxRejected = 0.01,
    rejects: Rejects = Path("rejects.csv"),
    json: Annotated[bool, typer.Option("--json", help="Print figures, and nothing else.")] = False,
) -> None:
    """Judge a policy by the decisions of another: IPS, SNIPS and DR, with intervals of 95 %.

    Columns of LOG: `context_id action propensity reward`, where the propensity is the probability
    with which the action was chosen, and, if you have it, `customer_id`: decisions about one
    customer count as one case. Without `--policy` also `target_probability`, with which the other
    policy would choose the same action, and for DR `estimate target_estimate`, a reward model's of
    that action and its mean over what the other policy would choose.

    Figures that would rest on too little are refused, with exit code 1 where none is left.

    Examples:

    `cartera ope decisions.csv --policy greedy.csv`

    `cartera ope decisions.parquet --columns target_probability=greedy,reward=margin`
    """
    with in_words():
        options.overwrites_nothing([log, policy], rejects)
        ours = options.columns(columns, "--columns")
        theirs = options.columns(policy_columns, "--policy-columns")
        from training import ope as run

        run.ope(
            log,
            policy=policy,
            columns=ours,
            policy_columns=theirs,
            rejects=rejects,
            max_rejected=max_rejected,
            json=json,
        )
