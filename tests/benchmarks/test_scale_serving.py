from pathlib import Path

import pytest

from benchmarks.closed_loop import Round
from benchmarks.rounds import Rounds
from benchmarks.scale_serving import Served, Size

CPU_US = {
    (10, 200, "from the record"): 100.0,
    (10, 200, "filtered"): 200.0,
    (10, 5, "from the record"): 80.0,
    (10, 5, "filtered"): 200.0,
    (10, 1000, "from the record"): 96.0,
    (10, 1000, "filtered"): 200.0,
    (40, 200, "from the record"): 120.0,
    (40, 200, "filtered"): 500.0,
}


def round_of(cpu_us: float) -> Round:
    return Round(per_s=1e6 / cpu_us, cpu_us=cpu_us, p50_ms=1, p99_ms=2, answer_bytes=3, failed=0)


def size(n_items: int, n_customers: int, *, store_mib: float = 1.0) -> Size:
    return Size(
        n_items=n_items,
        n_customers=n_customers,
        publish_s=1,
        start_s=1,
        store_mib=store_mib,
        server_mib=1,
        n_faults=0,
        below=0.0,
    )


@pytest.fixture
def served() -> Served:
    rounds: Rounds = {
        f"{n_items:,} items, {n_customers:,} customers, {kind}": [
            round_of(cpu_us * factor) for factor in (0.9, 1.0, 1.1)
        ]
        for (n_items, n_customers, kind), cpu_us in CPU_US.items()
    }
    return Served(
        sizes=[
            size(10, 5, store_mib=2.0),
            size(10, 200),
            size(10, 1000, store_mib=2.0 + 995 * 1500 / 1024**2),
            size(40, 200),
        ],
        rounds=rounds,
        catalogues=(10, 40),
        customers=(5, 200, 1000),
    )


def test_growth_compares_the_largest_with_the_smallest(served: Served) -> None:
    values = {name: goal.value for name, goal in served.goals().items()}

    assert values == pytest.approx(
        {
            "CPU, from the record, 40 items ÷ 10": 1.2,
            "CPU, filtered, 40 items ÷ 10": 2.5,
            "CPU, from the record, 1,000 customers ÷ 5": 1.2,
            "bytes of the store a customer": 1500,
            "served answers with a fault": 0,
            "known customers answered as unknown, share": 0,
        }
    )


def test_only_the_growth_by_customers_falls_short(served: Served) -> None:
    short = [name for name, goal in served.goals().items() if not goal.holds]

    assert short == ["CPU, from the record, 1,000 customers ÷ 5"]


def test_the_picture_has_a_curve_a_kind_of_list(served: Served, tmp_path: Path) -> None:
    served.draw(tmp_path / "picture.svg")

    drawn = (tmp_path / "picture.svg").read_text()
    assert "from the record" in drawn
    assert "filtered" in drawn
