"""What fails is tried again, later each time, until that is enough."""

import pytest

from training.audiences.patience import LONGEST_WAIT_S, MAX_DEATHS, Patience


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now_s = [1000.0]
    monkeypatch.setattr("training.audiences.patience.time.monotonic", lambda: now_s[0])
    return now_s


def test_each_wait_is_twice_as_long_up_to_a_minute(clock: list[float]) -> None:
    of_one = Patience(again_s=1.0)

    waits = []
    for _ in range(8):
        of_one.failed("aud_1")
        waits.append(of_one.not_before_s("aud_1") - clock[0])

    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_only_what_failed_has_to_wait(clock: list[float]) -> None:
    of_one = Patience(again_s=1.0)

    of_one.failed("aud_1")

    assert not of_one.may_try("aud_1")
    assert of_one.may_try("aud_2")
    clock[0] += 1
    assert of_one.may_try("aud_1")


def test_the_third_death_is_one_too_many() -> None:
    of_one = Patience(again_s=1.0)

    assert [of_one.died("aud_1") for _ in range(MAX_DEATHS)] == [False, False, True]
    assert not of_one.died("aud_2")


def test_what_has_ended_begins_afresh() -> None:
    of_one = Patience(again_s=60.0)
    of_one.died("aud_1")
    of_one.died("aud_1")

    of_one.ended("aud_1")

    assert of_one.may_try("aud_1")
    assert not of_one.died("aud_1")


def test_what_waits_no_more_is_forgotten() -> None:
    of_one = Patience(again_s=60.0)
    of_one.died("aud_1")
    of_one.died("aud_2")

    of_one.forget_all_but({"aud_2"})

    assert of_one.may_try("aud_1")
    assert not of_one.may_try("aud_2")
