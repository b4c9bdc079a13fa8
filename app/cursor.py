"""Where the next page of a group's members begins, as a word that callers hand back.

    base64url of   digest:8   shard:u16 begin:u64 end:u64 given:u32 process:8   release's version

The digest binds the place to the release and the group. It has no key: it finds mistakes, such as
the cursor of another group, and protects nothing. ``process`` is a digest of the name of the
store's process, for another one counts the places within a shard otherwise.
"""

import binascii
import struct
from base64 import b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import NamedTuple

from app.errors import CursorExpired, InvalidRequest
from app.refusal import Fault

_PLACE = struct.Struct(">HQQI8s")
_N_DIGEST = 8


class Place(NamedTuple):
    """How far members were given; see ``app.members``."""

    shard: int = 0
    begin: int = 0
    """Where the store's reply in the shard begins; 0 is its beginning."""
    end: int = 0
    """Where the next reply began when this one was read."""
    given: int = 0
    """How many members of the reply were given."""
    process: bytes = bytes(_N_DIGEST)
    """Which process of the store gave it; see ``process``."""


def process(name: str) -> bytes:
    """Return the digest by which a place knows the store's process of this name."""
    return blake2b(name.encode(), digest_size=_N_DIGEST).digest()


def cursor(place: Place, *, version: str, name: str) -> str:
    """Return the cursor of a place in the group ``name`` of a release."""
    content = _PLACE.pack(*place) + version.encode()
    return urlsafe_b64encode(_digest(content, name) + content).rstrip(b"=").decode()


def place(cursor: str, *, version: str, name: str) -> Place:
    """Return the place that a cursor means.

    Args:
        cursor: As a caller sent it.
        version: The release that answers.
        name: The group that is asked for.

    Raises:
        InvalidRequest: We made no such cursor for this group.
        CursorExpired: It belongs to another release.
    """
    try:
        packed = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise _not_ours() from None
    digest, content = packed[:_N_DIGEST], packed[_N_DIGEST:]
    if len(content) < _PLACE.size or digest != _digest(content, name):
        raise _not_ours()
    if content[_PLACE.size :] != version.encode():
        raise CursorExpired(CursorExpired.example)
    return Place(*_PLACE.unpack_from(content))


def _digest(content: bytes, name: str) -> bytes:
    return blake2b(content, digest_size=_N_DIGEST, key=name.encode()[:64]).digest()


def _not_ours() -> InvalidRequest:
    return InvalidRequest(
        "the cursor is none of this group's; send next_cursor of its last page, unaltered",
        faults=[
            Fault(pointer="/cursor", code="not-ours", detail="this cursor was not given out here")
        ],
    )
