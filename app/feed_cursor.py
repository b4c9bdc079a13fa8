"""Where the next page of a feed begins, as a word that callers hand back.

    base64url of   digest:8   as-of:u64 shard:u16 at:u64 given:u32 mark:u32

The digest binds the place to what was asked. It has no key: it finds mistakes, such as the cursor
of another feed or of another channel, and protects nothing. All pages have the window of time of
the first, so that nobody moves from one to another while they are read. No customer's id is in it,
for a cursor stands in a URL: ``mark`` is a checksum of the last one's.
"""

import binascii
import struct
from base64 import b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import NamedTuple

from app.errors import InvalidRequest
from app.refusal import Fault
from models.artifacts.keys import N_SHARDS

_PLACE = struct.Struct(">QHQII")
_N_DIGEST = 8
_END_MS = 2**42
"""In the year 2109."""


class Place(NamedTuple):
    """How far customers were given; see ``app.feed_index``."""

    as_of_ms: int
    """When the first page was asked for."""
    shard: int = 0
    at_ms: int = 0
    """When the last one was noted in the index; 0 is the shard's beginning."""
    given: int = 0
    """How many of that very moment were given."""
    mark: int = 0
    """The checksum of the last one's id."""


def cursor(place: Place, *, asked: str) -> str:
    """Return the cursor of a place among what was ``asked``."""
    content = _PLACE.pack(*place)
    return urlsafe_b64encode(_digest(content, asked) + content).rstrip(b"=").decode()


def place(cursor: str, *, asked: str) -> Place:
    """Return the place that a cursor means.

    Args:
        cursor: As a caller sent it.
        asked: What is asked: the feed, and all that chooses among its customers.

    Raises:
        InvalidRequest: We made no such cursor for this.
    """
    try:
        packed = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise _not_ours() from None
    digest, content = packed[:_N_DIGEST], packed[_N_DIGEST:]
    if len(content) != _PLACE.size or digest != _digest(content, asked):
        raise _not_ours()
    found = Place(*_PLACE.unpack(content))
    if found.shard >= N_SHARDS or max(found.as_of_ms, found.at_ms) > _END_MS:
        raise _not_ours()
    return found


def _digest(content: bytes, asked: str) -> bytes:
    key = blake2b(asked.encode()).digest()
    return blake2b(content, digest_size=_N_DIGEST, key=key).digest()


def _not_ours() -> InvalidRequest:
    return InvalidRequest(
        "the cursor is none of what is asked here; send next_cursor of the last page, unaltered, "
        "with all that was asked for that one",
        faults=[
            Fault(pointer="/cursor", code="not-ours", detail="this cursor was not given out here")
        ],
    )
