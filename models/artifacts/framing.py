"""How a customer's bytes begin: what they are, in which format, of what size, and a checksum.

    magic:2 format:u8 0:u8 sizes:u32 crc32:u32    12 bytes, then the body

The checksum is of all the bytes but its own. What ``sizes`` says is the matter of each kind.
"""

import struct
from zlib import crc32

from models.errors import ArtifactCorrupt, ArtifactTooNew

_CHECKED = struct.Struct("<2sBxI")
_CHECKSUM = struct.Struct("<I")
_HEAD = struct.Struct("<2sBxII")
N_HEAD = _HEAD.size
"""Bytes before the body."""


def closed(magic: bytes, format_: int, sizes: int, *, body: bytes) -> bytes:
    """Return ``body`` with its head before it."""
    head = _CHECKED.pack(magic, format_, sizes)
    return head + _CHECKSUM.pack(crc32(body, crc32(head))) + body


def opened(packed: bytes, magic: bytes, *, newest: int) -> tuple[int, int]:
    """Return the format and the sizes that the head announces; the bytes are whole.

    Args:
        packed: What ``closed`` wrote.
        magic: What they begin with.
        newest: The newest format that the caller reads.

    Raises:
        ArtifactCorrupt: The bytes were truncated or altered, or are of another kind.
        ArtifactTooNew: They are of a later format.
    """
    if len(packed) < N_HEAD or not packed.startswith(magic):
        raise ArtifactCorrupt(
            f"a customer's bytes do not begin with {magic.decode()} as ours do; "
            "publish the release again"
        )
    _, format_, sizes, checksum = _HEAD.unpack_from(packed)
    if format_ > newest:
        raise ArtifactTooNew(
            f"customer format {format_} is newer than {newest}, the newest this release reads; "
            "upgrade the server before publishing with the new trainer"
        )
    if crc32(memoryview(packed)[N_HEAD:], crc32(packed[: _CHECKED.size])) != checksum:
        raise ArtifactCorrupt("a customer's bytes fail their checksum; publish the release again")
    return format_, sizes


def expect(packed: bytes, n_bytes: int) -> None:
    """Compare the length of the body with what its head announced.

    Raises:
        ArtifactCorrupt: They differ.
    """
    if len(packed) != N_HEAD + n_bytes:
        raise ArtifactCorrupt(
            f"a customer's bytes hold {len(packed) - N_HEAD} where {n_bytes} were announced; "
            "publish the release again"
        )
