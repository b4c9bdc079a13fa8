"""The benchmark's own arithmetic: what counts as fitting, and which goals hold."""

import numpy as np
import pytest

from benchmarks import quality
from benchmarks.compared import COLUMNS, Way
from benchmarks.results import Cost
from training.judge.evaluate import Judged
from training.progress import Took


def way(name: str, value: float) -> Way:
    return Way(
        judged=Judged(
            name=name,
            values={m: np.full(20, value) for m in COLUMNS if m != "coverage@10"},
            coverage=value,
        ),
        kind="ours" if name == "Cartera" else "peer",
        cost=Cost(fit_cpu_s=10, predict_cpu_s=1, peak_mib=500),
    )


def test_reading_and_asking_are_no_fitting() -> None:
    took = [
        Took("unpack the Complete Journey", 1, 1, 100),
        Took("read the purchases", 3, 2, 300),
        Took("fit before the cut", 30, 20, 900),
        Took("choose the blend's weights", 5, 4, 700),
        Took("ask for every list", 6, 5, 950),
    ]

    assert quality.cost_of(took) == Cost(fit_cpu_s=24, predict_cpu_s=5, peak_mib=950)


def test_goals_hold_where_ours_is_good_and_ahead_of_the_best_peer() -> None:
    goals = dict(quality.goals_of(way("Cartera", 0.5), [way("a", 0.3), way("b", 0.4)], 7))

    assert all(goal.holds for goal in goals.values())
    assert goals["Cartera: NDCG@10 ahead of b, low end"].value == pytest.approx(0.1)
    assert goals["Cartera: CPU s, fitting and ranking"].value == 11


def test_goals_fall_short_where_a_peer_is_better() -> None:
    goals = dict(quality.goals_of(way("Cartera", 0.5), [way("a", 0.6)], 7))

    assert not goals["Cartera: NDCG@10 ahead of a, low end"].holds


def test_without_peers_there_is_nobody_to_be_ahead_of() -> None:
    assert not [name for name, _ in quality.goals_of(way("Cartera", 0.5), [], 7) if "ahead" in name]


def test_all_peers_are_asked_unless_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["quality"])
    assert quality.arguments().peers == ["implicit", "cornac", "rectools", "lenskit"]

    monkeypatch.setattr("sys.argv", ["quality", "--peers", "cornac,rectools"])
    assert quality.arguments().peers == ["cornac", "rectools"]

    monkeypatch.setattr("sys.argv", ["quality", "--peers", ""])
    assert quality.arguments().peers == []


def test_a_peer_that_nobody_knows_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["quality", "--peers", "cornak"])

    with pytest.raises(SystemExit):
        quality.arguments()

    assert "no peer is called cornak; expected some of" in capsys.readouterr().err
