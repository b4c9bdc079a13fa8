"""How long a run may take is written as a time, and runs out."""

import pytest

from training.budget import DEFAULT, Budget


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("1.5h", 5400), (" 2M ", 120), ("0.5s", 0.5)],
)
def test_a_time_is_read_in_seconds(text: str, seconds: float) -> None:
    assert Budget.of(text).seconds == seconds


@pytest.mark.parametrize(
    "text", ["", "nonsense", "10", "m", "-5m", "0s", "0.0h", "1d", "1h30m", "1e3s", "inf", "5 m"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="such as 60s, 10m or 1h, got"):
        Budget.of(text)


def test_the_default_is_a_budget() -> None:
    assert Budget.of(DEFAULT).seconds == 600


def test_what_is_left_is_what_was_not_used_and_may_be_overdrawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    budget = Budget(seconds=60, began=1000.0)

    left = []
    for now in (1000.0, 1045.0, 1070.0):
        monkeypatch.setattr("training.budget.perf_counter", lambda now=now: now)
        left.append(budget.left)

    assert left == [60, 15, -10]
