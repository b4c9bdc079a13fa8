"""A cursor leads to its own place, in its own audience, build and format, for a day."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import CursorExpired, InvalidRequest
from app.export.cursor import LIFE_S, Cursors, Place

OURS = Cursors(secret=b"s" * 32, audience_id="aud_1", build=7, format="raw")
PLACES = st.builds(Place, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))


@given(place=PLACES)
def test_a_cursor_leads_to_its_place(place: Place) -> None:
    assert OURS.place(OURS.cursor(place)) == place


def test_a_cursor_of_another_secret_audience_or_format_is_not_ours() -> None:
    cursor = OURS.cursor(Place(1, 2))

    for other in (
        replace(OURS, secret=b"t" * 32),
        replace(OURS, audience_id="aud_2"),
        replace(OURS, format="meta"),
    ):
        with pytest.raises(InvalidRequest):
            other.place(cursor)


@given(text=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=80))
def test_a_word_that_we_did_not_give_out_is_not_ours(text: str) -> None:
    with pytest.raises(InvalidRequest):
        OURS.place(text)


def test_a_cursor_of_another_build_has_expired() -> None:
    with pytest.raises(CursorExpired, match="built anew"):
        replace(OURS, build=8).place(OURS.cursor(Place()))


def test_a_cursor_is_good_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s)
    cursor = OURS.cursor(Place(1, 2))

    monkeypatch.setattr(time, "time", lambda: now_s + LIFE_S - 1)
    assert OURS.place(cursor) == Place(1, 2)

    monkeypatch.setattr(time, "time", lambda: now_s + LIFE_S + 1)
    with pytest.raises(CursorExpired, match="a day old"):
        OURS.place(cursor)
