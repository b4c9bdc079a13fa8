"""Where the next page of an export begins, as a word that callers hand back.

    base64url of   signature:18   build:u64 chunk:u32 offset:u32 expires_s:u64

The signature is an HMAC-SHA256 of the rest, the audience and the format, with a secret of the
namespace: whoever may export one audience can make no cursor of another, nor of a place of their
choosing. The secret is made when it is first needed and stands in the store, so that every server
takes every server's cursors; it is read with each page, so that none goes on with another. A
cursor is good for a day, and for the build that it was given out for.
"""

import binascii
import hmac
import os
import struct
import time
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import NamedTuple

from app.errors import CursorExpired, InvalidRequest
from app.export.rows import Format
from app.refusal import Fault
from app.scripts import Script, Scripts
from models.artifacts.keys import Keys

LIFE_S = 86_400
_PLACE = struct.Struct(">QIIQ")
_N_SIGNATURE = 18
"""With the place a multiple of 3: so no character of the cursor holds bits that mean nothing."""
_N_SECRET = 32
_SECRET = Script("""
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
""")
"""KEYS: the secret. ARGV: what it is to be, if there is none. Returns what it is."""


class Place(NamedTuple):
    """How far members were given."""

    chunk: int = 0
    offset: int = 0
    """Within the chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursors:
    """The cursors of one build of an audience in one format."""

    secret: bytes
    audience_id: str
    build: int
    format: Format

    def cursor(self, place: Place) -> str:
        """Return the cursor of a place."""
        content = _PLACE.pack(self.build, *place, int(time.time()) + LIFE_S)
        return urlsafe_b64encode(self._signature(content) + content).rstrip(b"=").decode()

    def place(self, cursor: str) -> Place:
        """Return the place that a cursor means.

        Raises:
            InvalidRequest: We gave out no such cursor for this audience and format.
            CursorExpired: It is of another build, or a day old.
        """
        try:
            packed = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            raise _not_ours() from None
        signature, content = packed[:_N_SIGNATURE], packed[_N_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(content)):
            raise _not_ours()
        build, chunk, offset, expires_s = _PLACE.unpack(content)
        if build != self.build:
            raise CursorExpired(
                "the audience was built anew since this cursor was given out, with other members; "
                "begin again without one"
            )
        if expires_s <= time.time():
            raise CursorExpired("the cursor is more than a day old; begin again without one")
        return Place(chunk, offset)

    def _signature(self, content: bytes) -> bytes:
        told = f"{self.audience_id}\n{self.format}\n".encode() + content
        return hmac.digest(self.secret, told, "sha256")[:_N_SIGNATURE]


async def secret(scripts: Scripts, keys: Keys) -> bytes:
    """Return the secret of the namespace, made now if there is none.

    Raises:
        StoreAway: The store did not answer in time.
        StoreRefused: It did not keep a new one.
    """
    made = os.urandom(_N_SECRET)
    return bytes(await scripts.run(_SECRET, [keys.audience_secret], [made]))


def _not_ours() -> InvalidRequest:
    return InvalidRequest(
        "the cursor is none of this audience and format; send that of its last page, unaltered",
        faults=[
            Fault(pointer="/cursor", code="not-ours", detail="this cursor was not given out here")
        ],
    )
