"""When something happened: one moment, in every form that it is said in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from app.events.times import in_ms

MS = 1_717_236_000_123


@pytest.mark.parametrize(
    "said",
    [
        1_717_236_000.123,
        MS,
        float(MS),
        MS * 1000,
        MS * 1000 + 999,
        "2024-06-01T10:00:00.123Z",
        "2024-06-01t10:00:00.123z",
        "2024-06-01 12:00:00.123+02:00",
        "2024-06-01T04:30:00.123000-05:30",
    ],
)
def test_the_same_moment_is_said_in_many_ways(said: object) -> None:
    assert in_ms(said) == MS


def test_nothing_said_is_nothing() -> None:
    assert in_ms(None) is None


@given(
    st.datetimes(datetime(1973, 4, 1), datetime(5000, 1, 1)),  # noqa: DTZ001  # made aware below
    st.integers(-14 * 60, 14 * 60),
)
def test_seconds_milliseconds_microseconds_and_text_agree(
    naive: datetime, offset_minutes: int
) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=offset_minutes)))
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since // timedelta(seconds=1)

    forms = [seconds, seconds * 1000, seconds * 1_000_000, moment.isoformat()]

    assert [in_ms(form) for form in forms] == [seconds * 1000] * 4


@pytest.mark.parametrize("said", [True, -1, 10**17, float("inf"), float("nan"), [], {}, b"2024"])
def test_what_is_no_time_is_refused(said: object) -> None:
    with pytest.raises(PydanticCustomError):
        in_ms(said)
