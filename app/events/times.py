"""When something happened, in whichever of the usual forms it is said.

A number is seconds, milliseconds or microseconds since 1970, told apart by its size. Between 1973
and 5138 no two of them can be taken for each other; what is outside would lie in the future, and is
refused there.

Source: RFC 3339, section 5.6.
"""

import re
from datetime import datetime

from pydantic_core import PydanticCustomError

AHEAD_MS = 5 * 60_000
"""Clocks of callers may be fast by this much."""
_MILLISECONDS, _MICROSECONDS, _TOO_LARGE = 10**11, 10**14, 10**17
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def in_ms(said: object) -> int | None:
    """Return milliseconds since 1970; None where nothing is said.

    Raises:
        PydanticCustomError: It is no time, or a time without an offset.
    """
    if said is None:
        return None
    if isinstance(said, str):
        return _of_text(said)
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said < _TOO_LARGE:
        if said < _MILLISECONDS:
            return round(said * 1000)
        return int(said) if said < _MICROSECONDS else int(said) // 1000
    raise _no_time()


def _of_text(said: str) -> int:
    form = _RFC_3339.fullmatch(said)
    if form is None:
        raise _no_time()
    if form[1] is None:
        raise PydanticCustomError(
            "naive_time", "the time has no offset; add Z or the offset from UTC, such as +02:00"
        )
    try:
        at_ms = round(datetime.fromisoformat(said.upper()).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise _no_time() from None
    if at_ms < 0:
        raise _no_time()
    return at_ms


def _no_time() -> PydanticCustomError:
    return PydanticCustomError(
        "not_a_time",
        "a time is RFC 3339 with an offset, or seconds, milliseconds or microseconds since 1970",
    )
