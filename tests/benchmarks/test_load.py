import pytest

from benchmarks.load import Step, knee, raw
from benchmarks.mix import Asked


def step(
    rate: float, *, p99_ms: float = 1.0, per_s: float | None = None, n_errors: int = 0
) -> Step:
    return Step(
        rate=rate,
        per_s=rate if per_s is None else per_s,
        p50_ms=p99_ms / 2,
        p90_ms=p99_ms,
        p99_ms=p99_ms,
        p999_ms=p99_ms,
        max_ms=p99_ms,
        late_p99_ms=0.0,
        n_answers=1000 - n_errors,
        n_errors=n_errors,
        faults=[],
        histogram="",
    )


@pytest.mark.parametrize("limit", [130, 1000, 7777])
def test_the_knee_is_found_to_a_sixteenth_of_its_last_doubling(limit: float) -> None:
    found, steps = knee(
        lambda rate: step(rate, p99_ms=1 if rate <= limit else 100), start=100, p99_ms=20
    )

    assert limit * (1 - 1 / 16) <= found <= limit
    assert len(steps) <= 14


def test_a_server_that_never_holds_has_no_knee() -> None:
    found, steps = knee(lambda rate: step(rate, p99_ms=100), start=100, p99_ms=20)

    assert (found, len(steps)) == (0.0, 1)


@pytest.mark.parametrize(
    ("seen", "holds"),
    [
        (step(100), True),
        (step(100, p99_ms=21), False),
        (step(100, per_s=97), False),
        (step(100, n_errors=2), False),
        (step(100, n_errors=1), True),
    ],
)
def test_a_step_holds_within_all_its_bounds(seen: Step, *, holds: bool) -> None:
    assert seen.holds(p99_ms=20, errors=0.001) is holds


def test_a_request_on_the_wire_announces_the_length_of_its_body() -> None:
    asked = Asked(kind="plain", customer="ana")

    head, _, body = raw(asked, posted=True).partition(b"\r\n\r\n")

    assert head.splitlines()[0] == b"POST /recommend HTTP/1.1"
    assert b"Content-Length: %d" % len(body) in head.splitlines()
    assert body == asked.body
