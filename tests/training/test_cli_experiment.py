"""``cartera ope``, ``cartera assign`` and ``cartera experiment``, as an analyst types them."""

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.arms import Arms
from tests.training.shell import Shell, shell_in
from training import ope
from training.judge.off_policy import judge

ARMS = "control=1,offers=1"
MEANT = Arms.of("spring", {"control": 1, "offers": 1})


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """These commands need no store."""
    return shell_in(tmp_path, "redis://127.0.0.1:1/0", "none")


def words(text: str) -> str:
    return " ".join(text.split())


def outcomes(folder: Path, *, n: int, better: float) -> Path:
    """Customers in their arms, of whom more buy with offers, and as many complain."""
    rng = np.random.default_rng(3)
    ids = [f"c-{row}" for row in range(n)]
    arms = np.array([MEANT.of_customer(id_) for id_ in ids])
    chance = np.where(arms == "offers", 0.2 + better, 0.2)
    path = folder / "outcomes.csv"
    pl.DataFrame(
        {
            "customer_id": ids,
            "arm": arms,
            "outcome": (rng.random(n) < chance).astype(float),
            "timestamp": "2026-01-01",
            "complaints": (rng.random(n) < 0.1).astype(float),
        }
    ).write_csv(path)
    return path


@pytest.mark.slow
def test_a_log_is_judged_and_told_with_intervals(shell: Shell) -> None:
    log, policy = shell.folder / "log.csv", shell.folder / "policy.csv"
    lines = ["a,x,0.5,1", "a,y,0.5,0"] * 300 + ["a,x,0,1"]
    log.write_text("\n".join(["context_id,action,propensity,gain", *lines, ""]))
    policy.write_text("context_id,action,probability,estimate\na,x,0.75,1\na,y,0.25,0\n")

    shown = shell.cartera("ope", log, "--policy", policy, "--columns", "reward=gain")

    assert shown.returncode == 0, shown.stderr
    assert "effective sample size 480.0" in words(shown.stdout)
    # Terms of 1.5 and 0, 600 of them: 0.75 ± 1.95996 × 0.75 / √600.
    assert "the other, IPS 0.75 0.689989 to 0.810011" in words(shown.stdout)
    assert "DR is not told: its variance rests on 0.0 cases" in words(shown.stdout)
    assert "1 lines were rejected" in words(shown.stdout)


def test_as_json_what_is_not_told_is_null() -> None:
    lines = pl.DataFrame(
        {
            "customer_id": [f"c-{row // 4}" if row % 4 < 2 else None for row in range(400)],
            "propensity": 0.5,
            "reward": [1.0, 0.0, 1.0, 0.0] * 100,
            "target_probability": [0.75, 0.25] * 200,
            "estimate": [1.0, 0.0] * 200,
            "target_estimate": 0.75,
        }
    )

    told = ope.figures(judge(ope.decisions_of(lines)))

    assert (told["decisions"], told["cases"]) == (400, 300)
    assert told["estimates"]["DR"]["value"] is None
    assert told["estimates"]["DR"]["interval"] is None


@pytest.mark.slow
def test_a_log_that_bears_nothing_is_refused_in_words(shell: Shell) -> None:
    log = shell.folder / "log.csv"
    lines = ["a,x,0.5,1,0"] * 600 + ["a,x,0.001,1,1"]
    log.write_text(
        "\n".join(["context_id,action,propensity,reward,target_probability", *lines, ""])
    )

    refused = shell.cartera("ope", log)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "601 logged cases are worth 1.0 of equal weight" in words(refused.stderr)


@pytest.mark.slow
def test_an_experiment_is_assigned_and_its_arms_are_compared(shell: Shell) -> None:
    path = outcomes(shell.folder, n=6000, better=0.1)
    out = shell.folder / "arms.csv"

    put = shell.cartera("assign", path, "--name", "spring", "--arms", ARMS, "--out", out)
    shown = shell.cartera(
        "experiment", path, "--arms", ARMS, "--name", "spring",
        "--guardrails", "complaints:at-most:0.2",
    )  # fmt: skip

    assert put.returncode == 0, put.stderr
    with out.open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 6000
    assert all(row["arm"] == MEANT.of_customer(row["customer_id"]) for row in rows)
    assert shown.returncode == 0, shown.stderr
    assert "better" in shown.stdout
    assert "kept (at most +0.2)" in shown.stdout
    assert "The shares agree with the arms' (p = " in words(shown.stdout)
