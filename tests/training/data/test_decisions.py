"""A log of decisions, and what another policy would have chosen."""

from pathlib import Path

import polars as pl
import pytest

from training.data.decisions import read_decisions
from training.errors import TooManyRejected, UnreadableFile

HEADER = "context_id,action,propensity,reward"
POLICY = "context_id,action,probability"


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def read(
    folder: Path, *lines: str, policy: tuple[str, ...] = (), max_rejected: float = 0.0
) -> pl.DataFrame:
    found = read_decisions(
        written(folder / "log.csv", *lines),
        policy=written(folder / "policy.csv", *policy) if policy else None,
        rejects=folder / "rejects.csv",
        max_rejected=max_rejected,
    )
    rejected = folder / "rejects.csv"
    assert found.n_rejected == (pl.read_csv(rejected).height if rejected.exists() else 0)
    return found.lines


def test_a_log_may_say_itself_what_the_other_policy_would_do(tmp_path: Path) -> None:
    lines = read(tmp_path, f"{HEADER},target_probability", "a,x,0.5,1,0.75", "a,y,0.5,-2.5,0")

    assert lines.to_dict(as_series=False) == {
        "propensity": [0.5, 0.5],
        "reward": [1.0, -2.5],
        "target_probability": [0.75, 0.0],
    }


def test_a_table_of_the_other_policy_meets_each_decision_in_its_context(tmp_path: Path) -> None:
    policy = (POLICY, "a,x,0.75", "a,y,0.25", "b,y,1")

    lines = read(tmp_path, HEADER, "b,x,0.5,1", "a,y,0.5,0", "b,y,0.5,1", policy=policy)

    assert lines["target_probability"].to_list() == [0.0, 0.25, 1.0]


def test_a_models_estimates_become_both_that_doubly_robust_needs(tmp_path: Path) -> None:
    policy = (f"{POLICY},estimate", "a,x,0.75,4", "a,y,0.25,8", "b,y,1,2")

    lines = read(tmp_path, HEADER, "a,x,0.5,1", "b,x,0.5,0", policy=policy)

    assert lines["estimate"].to_list() == [4.0, 0.0]
    assert lines["target_estimate"].to_list() == [5.0, 2.0]


def test_numbers_that_a_tool_wrote_with_a_point_meet_those_without(tmp_path: Path) -> None:
    policy = (POLICY, "1,36,0.5", "1,37,0.5")

    lines = read(tmp_path, HEADER, "1.0,36.0,0.5,1", "1.0,37.0,0.5,0", policy=policy)

    assert lines["target_probability"].to_list() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (",x,0.5,1,0.5", "context_id", "context_id is missing"),
        ("a,,0.5,1,0.5", "action", "action is missing"),
        ("a,x,0,1,0.5", "propensity", "propensity is not above 0 and at most 1"),
        ("a,x,1.2,1,0.5", "propensity", "propensity is not above 0 and at most 1"),
        ("a,x,,1,0.5", "propensity", "propensity is missing"),
        ("a,x,0.5,nan,0.5", "reward", "reward is not a finite number"),
        ("a,x,0.5,,0.5", "reward", "reward is missing"),
        ("a,x,0.5,1,-0.1", "target_probability", "target_probability is not from 0 to 1"),
        ("a,x,0.5,1,1.1", "target_probability", "target_probability is not from 0 to 1"),
        ("a,x,0.5,1,", "target_probability", "target_probability is missing"),
    ],
)
def test_a_wrong_line_is_left_out_and_listed(
    tmp_path: Path, line: str, column: str, reason: str
) -> None:
    header = f"{HEADER},target_probability"

    lines = read(tmp_path, header, line, "a,x,0.5,1,0.5", max_rejected=0.5)

    assert lines.height == 1
    assert pl.read_csv(tmp_path / "rejects.csv").rows() == [(2, column, reason)]
    with pytest.raises(TooManyRejected, match=reason):
        read(tmp_path, header, line, "a,x,0.5,1,0.5")


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ((POLICY, "a,x,0.5", "a,y,0.4"), "1 contexts of 1 whose probabilities do not sum to 1"),
        ((POLICY, "a,x,0.5", "a,x,0.5"), "repeats 1 pairs"),
        ((POLICY, "b,x,1"), "no line for the context of 1 of 1 decisions"),
        ((POLICY, "a,x,1.5"), "line 2: probability is not from 0 to 1"),
    ],
)
def test_a_table_that_is_no_policy_is_refused(
    tmp_path: Path, policy: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(tmp_path, HEADER, "a,x,0.5,1", policy=policy)


def test_a_log_without_the_other_policy_or_with_half_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no column for target_probability"):
        read(tmp_path, HEADER, "a,x,0.5,1")
    with pytest.raises(UnreadableFile, match="has estimate alone"):
        read(tmp_path, f"{HEADER},target_probability,estimate", "a,x,0.5,1,1,1")


def test_a_log_of_nothing_or_of_nothing_right_is_refused(tmp_path: Path) -> None:
    header = f"{HEADER},target_probability"

    with pytest.raises(UnreadableFile, match="a header and no lines"):
        read(tmp_path, header)
    with pytest.raises(UnreadableFile, match="every line was rejected"):
        read(tmp_path, header, "a,x,0,1,1", max_rejected=1.0)
