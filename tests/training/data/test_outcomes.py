"""What came of an experiment, a line a customer."""

from pathlib import Path

import polars as pl
import pytest

from models.arms import Arms
from training.data.outcomes import Outcomes, read_outcomes
from training.errors import TooManyRejected, UnreadableFile

HEADER = "customer_id,arm,outcome,timestamp"
ARMS = Arms.of("spring", {"control": 1, "offers": 1})


def read(
    folder: Path,
    *lines: str,
    header: str = HEADER,
    guardrails: tuple[str, ...] = (),
    days: int | None = None,
    is_assigned: bool = False,
    max_rejected: float = 1.0,
) -> Outcomes:
    path = folder / "outcomes.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return read_outcomes(
        path,
        ARMS,
        is_assigned=is_assigned,
        guardrails=guardrails,
        days=days,
        rejects=folder / "rejects.csv",
        max_rejected=max_rejected,
    )


def reasons(folder: Path) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in pl.read_csv(folder / "rejects.csv").iter_rows()]


def test_a_line_is_a_customer_with_an_arm_an_outcome_and_guardrails(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "ann,control,2.5,2026-01-01,0",
        "ben,offers,0,2026-01-02,1",
        header=f"{HEADER},complaints",
        guardrails=("complaints",),
    )

    assert found.customers.rows() == [("ann", "control", 2.5, 0.0), ("ben", "offers", 0.0, 1.0)]
    assert (found.n_lines, found.n_rejected, found.n_too_new) == (2, 0, 0)


def test_everybody_is_given_the_same_number_of_days_from_their_first_line(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "ann,control,1,2026-01-01",
        "ann,control,2,2026-01-07T23:59:59Z",
        "ann,control,4,2026-01-08",
        "ben,offers,8,2026-01-03",
        "cas,offers,16,2026-01-03T00:00:01Z",
        "ben,offers,32,2026-01-10",
        days=7,
    )

    assert found.customers.rows() == [("ann", "control", 3.0), ("ben", "offers", 8.0)]
    assert found.n_too_new == 1


def test_several_lines_of_a_customer_need_a_length(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"1 further lines.*--days"):
        read(tmp_path, "ann,control,1,2026-01-01", "ann,control,2,2026-01-07")


def test_days_that_are_over_for_nobody_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nobody whose 7 days are over"):
        read(tmp_path, "ann,control,1,2026-01-01", days=7)


def test_who_was_in_two_arms_or_in_none_is_left_out_whole(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "ann,control,1,2026-01-01",
        "ben,offers,1,2026-01-01",
        "ann,offers,1,2026-01-02",
        "cas,third,1,2026-01-01",
    )

    assert found.customers["customer_id"].to_list() == ["ben"]
    assert found.n_rejected == 3
    assert reasons(tmp_path) == [
        (2, "arm", "customer is in more than one arm"),
        (4, "arm", "customer is in more than one arm"),
        (5, "arm", "arm is none of --arms"),
    ]


def test_who_is_in_another_arm_than_assigned_is_left_out(tmp_path: Path) -> None:
    meant = ARMS.of_customer("ann")
    other = next(name for name in ARMS.names if name != meant)
    is_right = [f"c-{row},{ARMS.of_customer(f'c-{row}')},1,2026-01-01" for row in range(9)]

    found = read(tmp_path, *is_right, f"ann,{other},1,2026-01-01", is_assigned=True)

    assert found.customers.height == 9
    assert reasons(tmp_path) == [(11, "arm", "arm is not the one assigned")]
    with pytest.raises(TooManyRejected):
        read(tmp_path, *is_right, f"ann,{other},1,2026-01-01", is_assigned=True, max_rejected=0.05)


def test_a_line_without_an_outcome_or_a_guardrail_is_wrong(tmp_path: Path) -> None:
    header = f"{HEADER},complaints"

    found = read(
        tmp_path,
        "ann,control,,2026-01-01,0",
        "ben,control,1,2026-01-01,",
        "cas,control,1,2026-01-01,0",
        header=header,
        guardrails=("complaints",),
    )

    assert found.customers["customer_id"].to_list() == ["cas"]
    assert [reason for _, _, reason in reasons(tmp_path)] == [
        "outcome is missing",
        "complaints is missing",
    ]
    with pytest.raises(UnreadableFile, match="no column for complaints"):
        read(tmp_path, "ann,control,1,2026-01-01", guardrails=("complaints",))
