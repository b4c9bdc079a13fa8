"""In which form members are given, by what the caller accepts (RFC 9110, section 12.5.1).

application/x-ndjson               a line of JSON each; where nothing else is asked for
text/csv                           for people, and for the uploads of networks
application/vnd.apache.parquet     columns; needs the extra ``parquet``
"""

import re
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.errors import NotAcceptable

NDJSON = "application/x-ndjson"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
MEDIA_TYPES = (NDJSON, CSV, PARQUET)
"""What is preferred where the caller accepts several alike comes first."""
ENDINGS = {NDJSON: "ndjson", CSV: "csv", PARQUET: "parquet"}
"""Of the names of files."""
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def media_type(accepted: str) -> str:
    """Return the media type that the caller likes best.

    Args:
        accepted: The header ``Accept``, its lines joined by commas; empty is anything.

    Raises:
        NotAcceptable: They accept none.
    """
    ranges = _ranges(accepted) or {"*/*": 1.0}
    liked = {one: _weight(one, ranges) for one in MEDIA_TYPES}
    best = max(MEDIA_TYPES, key=lambda one: liked[one])
    if liked[best] <= 0:
        raise NotAcceptable(NotAcceptable.example)
    return best


def _ranges(accepted: str) -> dict[str, float]:
    """Return each media range and its weight; what cannot be read as one weighs nothing."""
    found = {}
    for part in accepted.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        if name:
            weight = next((word[2:] for word in parameters if word.startswith("q=")), "1")
            found[name] = _number(weight)
    return found


def _weight(media_type: str, ranges: dict[str, float]) -> float:
    """Return the weight of the most specific range that a media type is within."""
    for one in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if one in ranges:
            return ranges[one]
    return 0.0


def _number(weight: str) -> float:
    return float(weight) if _WEIGHT.fullmatch(weight) else 0.0


async def _accepted(request: Request) -> str:
    return ",".join(request.headers.getlist("accept"))


AcceptDep = Annotated[str, Depends(_accepted)]
