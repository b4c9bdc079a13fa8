"""The benchmark's own arithmetic, its arguments, and a run of it on shops of a few seconds."""

from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import scale, scale_training, trained
from benchmarks.trained import Trained
from models.artifacts.manifest import Manifest

MIB = 1024**2


def made(n_lines: int, *, trainer_cpu_s: float) -> Trained:
    """A shop of 1,000 customers, published in half a second, that store 2 MiB."""
    manifest = Manifest(
        version="r1",
        created_at="2026-01-01T00:00:00+00:00",
        first_purchase="2024-01-01T00:00:00+00:00",
        last_purchase="2025-12-31T00:00:00+00:00",
        counts={"items with models": 50},
        settings={},
        weights={},
        metrics={},
        choices={"base lists": {"chosen": "blend"}},
    )
    return Trained(
        n_lines=n_lines,
        manifest=manifest,
        n_records=1000,
        trainer_cpu_s=trainer_cpu_s,
        store_cpu_s=1,
        seconds=10,
        trainer_mib=3072,
        store_mib=1024,
        kept_mib=2,
        stops={"publish": (0.5, 0.4)},
    )


def test_goals_are_of_the_largest_shop_and_growth_is_by_line() -> None:
    small, large = made(10_000, trainer_cpu_s=1), made(20_000, trainer_cpu_s=5)

    goals = scale_training.goals_of([small, large])

    values = {name.removeprefix("20,000 lines: "): goal.value for name, goal in goals.items()}
    assert values == {
        "CPU a line ÷ that of the smallest shop": pytest.approx((6 / 20_000) / (2 / 10_000)),
        "GiB, trainer and store": 4,
        "records published a second": 2000,
        "Redis B a customer": pytest.approx(2 * MIB / 1000),
    }
    assert [goal.holds for goal in goals.values()] == [True, True, False, False]


def test_one_shop_alone_says_nothing_of_growth() -> None:
    goals = scale_training.goals_of([made(10_000, trainer_cpu_s=1)])

    assert len(goals) == 3
    assert not any("smallest" in name for name in goals)


def test_what_is_asked_for_is_read() -> None:
    asked = scale.arguments(["--only", "training", "--lines", "200k,1M,5", "--budget", "10m"])

    assert (asked.only, asked.lines, asked.budget) == ("training", [200_000, 1_000_000, 5], "10m")


@pytest.mark.parametrize(
    "told", [["--lines", "many"], ["--lines", "0"], ["--lines", ""], ["--budget", "soon"]]
)
def test_what_is_no_size_and_no_time_is_refused(told: list[str]) -> None:
    with pytest.raises(SystemExit):
        scale.arguments(told)


@pytest.mark.slow
def test_two_small_shops_are_made_trained_published_and_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (scale_training, trained):
        monkeypatch.setattr(module, "KEPT", tmp_path)
    monkeypatch.setattr(scale_training, "N_ITEMS", 200)
    out = Console(width=200, record=True)

    figures, goals = scale_training.training(console=out, n_lines=[4000, 2000], budget="1s")

    assert figures["2,000 lines: customers"] == 200
    assert figures["4,000 lines: customers"] == 400
    assert figures["4,000 lines: Redis B a customer"] > 1000
    assert figures["2,000 lines: trainer CPU s"] > 1
    assert len(goals) == 4
    assert "rank every customer's list and write the release" in out.export_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "shop-1-7-2000",
        "shop-1-7-4000",
        "train-2000.log",
        "train-4000.log",
    ]
