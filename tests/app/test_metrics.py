"""Requests counted together are counted as if one by one."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from app.metrics import BUCKETS, Metrics

SECONDS = st.one_of(st.sampled_from(BUCKETS), st.floats(0, 2))


@given(seconds=st.lists(SECONDS, min_size=1, max_size=30))
def test_a_histogram_told_in_one_piece_is_the_librarys_own(seconds: list[float]) -> None:
    registry = CollectorRegistry()
    name, words = "cartera_request_seconds", "Time from a request's head to the end of its answer."
    plain = Histogram(name, words, ("route",), buckets=BUCKETS, registry=registry)
    for took in seconds:
        plain.labels("/recommend").observe(took)
    metrics = Metrics()

    metrics.requests("GET", "/recommend", 200, seconds=seconds)

    told = [line for line in metrics.text().splitlines() if name.encode() in line]
    expected = [line for line in generate_latest(registry).splitlines() if name.encode() in line]
    assert [_but_sums(line) for line in told] == [_but_sums(line) for line in expected]
    assert _sum(told) - _sum(expected) < 1e-9  # added up in another order


def test_levels_are_told_with_the_requests() -> None:
    metrics = Metrics()
    metrics.level(0)
    metrics.level(3)
    metrics.level(3)

    metrics.requests("GET", "/recommend", 200, seconds=[0.001])

    assert b'cartera_level_total{level="0"} 1.0' in metrics.text()
    assert b'cartera_level_total{level="3"} 2.0' in metrics.text()


def _but_sums(line: bytes) -> bytes:
    return b"" if b"_sum" in line else line


def _sum(lines: list[bytes]) -> float:
    return next(float(line.split()[-1]) for line in lines if b"_sum" in line)
