"""The tables say what was measured."""

import numpy as np
import pytest

from benchmarks.compared import COLUMNS, COMPARED, Way, ahead, best_peer, figures, markdown
from benchmarks.results import Cost
from training.judge.evaluate import Judged

N = 50


def way(
    name: str, kind: str, value: float, *, cost: Cost | None = None, recall: float | None = None
) -> Way:
    of = dict.fromkeys(COLUMNS, value) | {"recall@20": value if recall is None else recall}
    of.pop("coverage@10")
    return Way(
        judged=Judged(
            name=name,
            values={metric: np.full(N, mean) for metric, mean in of.items()},
            coverage=0.25,
        ),
        kind=kind,  # type: ignore[arg-type]
        cost=cost,
    )


OURS = way("Ours", "ours", 0.5, cost=Cost(fit_cpu_s=30.04, predict_cpu_s=2, peak_mib=1200.4))
COUNTING = way("counting", "baseline", 0.45)
WEAK, STRONG = way("weak", "peer", 0.1), way("strong", "peer", 0.4, recall=0.05)


def test_the_best_peer_is_of_one_metric_and_no_baseline() -> None:
    ways = [OURS, COUNTING, WEAK, STRONG]

    assert best_peer(ways, "ndcg@10") is STRONG
    assert best_peer(ways, "recall@20") is WEAK
    assert best_peer([OURS, COUNTING], "ndcg@10") is None


def test_ours_is_ahead_by_what_it_is_ahead_of_each_customer() -> None:
    found = ahead(OURS, [COUNTING, STRONG], seed=7)

    assert list(found) == ["counting", "strong"]
    assert set(found["counting"]) == set(COMPARED)
    assert found["strong"]["ndcg@10"] == pytest.approx((0.1, 0.1))
    assert found["strong"]["recall@20"] == pytest.approx((0.45, 0.45))


def test_the_figures_hold_every_mean_every_cost_and_every_lead() -> None:
    found = figures([OURS, WEAK], seed=7)

    assert found["Ours: ndcg@10"] == pytest.approx(0.5)
    assert found["weak: coverage@10"] == 0.25
    assert found["Ours: fit CPU s"] == 30.04
    assert "weak: fit CPU s" not in found
    assert found["Ours minus weak: recall@20, low"] == pytest.approx(0.4)
    assert not any(name.startswith("weak minus") for name in found)


def test_the_tables_show_ours_in_bold_and_name_who_gave_no_answer() -> None:
    found = markdown([OURS, WEAK], ["LensKit could not be installed: no wheel"], seed=7)

    lines = found.splitlines()
    assert lines[0].startswith("|  | NDCG@10 | Recall@20 |")
    assert lines[2].startswith("| **Ours** | 0.5000 |")
    assert lines[2].endswith("| 30.0 | 2.0 | 1,200 |")
    assert lines[3].endswith("| 0.2500 | 0.1 |  |  |  |")
    assert "| weak | 0.4000 to 0.4000 | 0.4000 to 0.4000 |" in found
    assert lines[-1] == "No figures: LensKit could not be installed: no wheel."
    widths = {line.count("|") for line in lines[:4]}
    assert widths == {len(COLUMNS) + 5}


def test_without_others_there_is_nothing_to_be_ahead_of() -> None:
    assert "ahead" not in markdown([OURS], [], seed=7)
