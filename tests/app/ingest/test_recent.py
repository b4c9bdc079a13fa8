"""What was taken in the last seconds is at hand, once, and within bounds."""

import pytest

from app.ingest import recent
from app.ingest.recent import KEPT_S, Recent


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_what_was_noted_is_there_oldest_first_and_once() -> None:
    kept = Recent(clock=Clock())
    kept.note([b"a", b"b"])
    kept.note([b"c"])

    assert kept.take() == [b"a", b"b", b"c"]
    assert kept.take() == []


def test_what_was_noted_longer_ago_is_gone_with_the_next() -> None:
    clock = Clock()
    kept = Recent(clock=clock)
    kept.note([b"a"])
    clock.now_s = KEPT_S
    kept.note([b"b"])
    clock.now_s += KEPT_S + 1
    kept.note([b"c"])

    assert kept.take() == [b"c"]


def test_while_nothing_is_noted_nothing_is_forgotten() -> None:
    clock = Clock()
    kept = Recent(clock=clock)
    kept.note([b"a"])
    clock.now_s = 10 * KEPT_S

    assert kept.take() == [b"a"]


def test_past_its_room_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MAX_BYTES", 10)
    kept = Recent(clock=Clock())
    for entry in (b"1" * 6, b"2" * 6, b"3" * 4):
        kept.note([entry])

    assert kept.take() == [b"2" * 6, b"3" * 4]
