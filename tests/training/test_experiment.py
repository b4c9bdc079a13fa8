"""What is told of an experiment, and what is not."""

from pathlib import Path

import numpy as np
import orjson
import polars as pl
import pytest
import typer

from models.arms import Arms
from training import cli_experiment
from training.errors import TooThin
from training.experiment import assign, compare, experiment
from training.judge.trials import Guardrail

ARMS = Arms.of("spring", {"control": 1, "a": 1, "b": 1})


def customers(sizes: dict[str, int], *, spend: dict[str, float]) -> pl.DataFrame:
    """Customers whose spend varies by 1 around the mean of their arm."""
    arms = [name for name, n in sizes.items() for _ in range(n)]
    rng = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "customer_id": [f"c-{row}" for row in range(len(arms))],
            "arm": arms,
            "outcome": [spend[name] for name in arms] + rng.normal(size=len(arms)),
            "timestamp": "2026-01-01",
        }
    )


def told(folder: Path, found: pl.DataFrame) -> None:
    path = folder / "outcomes.csv"
    found.write_csv(path)
    experiment(
        path,
        ARMS,
        is_assigned=False,
        guardrails=[],
        days=None,
        columns={},
        rejects=folder / "rejects.csv",
        max_rejected=0.0,
        json=True,
    )


def test_every_arm_is_compared_with_the_first_by_outcome_and_guardrails() -> None:
    spend = {"control": 1.0, "a": 2.0, "b": 0.0}
    found = customers({"control": 500, "a": 500, "b": 60}, spend=spend)
    found = found.with_columns(margin=pl.col("outcome"))

    compared = compare(found, ARMS, [Guardrail(name="margin", is_most=False, limit=0.0)])

    assert [(one.arm, one.column, one.verdict) for one in compared] == [
        ("control", "outcome", "control"),
        ("a", "outcome", "better"),
        ("b", "outcome", "too early"),
        ("control", "margin", "control"),
        ("a", "margin", "kept"),
        ("b", "margin", "too early"),
    ]


def test_arms_that_hold_too_few_are_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spend = dict.fromkeys(ARMS.names, 1.0)

    told(tmp_path, customers({"control": 300, "a": 310, "b": 290}, spend=spend))
    with pytest.raises(TooThin, match="do not hold the shares"):
        told(tmp_path, customers({"control": 300, "a": 310, "b": 180}, spend=spend))
    with pytest.raises(TooThin, match="an arm has no customers"):
        told(tmp_path, customers({"control": 1, "a": 1, "b": 0}, spend=spend))

    found = orjson.loads(capsys.readouterr().out)
    assert found["arms"]["a"]["customers"] == 310
    assert found["compared"][1]["difference"]["low"] < 0
    # Chi-square of (0² + 10² + 10²) / 300 with two degrees is exp(-1 / 3).
    assert found["sample_ratio_probability"] == pytest.approx(np.exp(-1 / 3))


@pytest.mark.parametrize(
    ("arms", "guardrails", "words"),
    [
        ("control,offers", None, "expected arm=part"),
        ("control=1,control=2", None, "an arm is named twice"),
        ("control=1", None, "at least two arms"),
        ("control=1,offers=1", "complaints<2", "expected column:at-most:number"),
        ("control=1,offers=1", "outcome:at-least:0", "none of customer_id, arm, outcome"),
        ("control=1,offers=1", "x:at-least:0,x:at-most:1", "each column once"),
    ],
)
def test_what_is_not_understood_is_said(
    tmp_path: Path, arms: str, guardrails: str | None, words: str
) -> None:
    with pytest.raises(typer.BadParameter, match=words):
        cli_experiment.experiment(tmp_path / "outcomes.csv", arms, guardrails=guardrails)


def test_where_arms_cannot_be_written_the_file_and_the_reason_are_named(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("customer_id\nc-1\n")

    with pytest.raises(FileNotFoundError, match="No such file") as caught:
        assign(people, ARMS, out=tmp_path / "nowhere" / "arms.csv", columns={})

    assert str(caught.value.filename).startswith(str(tmp_path / "nowhere" / "arms.csv"))
