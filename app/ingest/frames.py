"""How entries lie in a file of the spool: each behind its length and its checksum.

A process that dies while it writes leaves a last entry that is cut short; it was never
acknowledged. An entry whose checksum is wrong was damaged later, and the next one follows it.
"""

import struct
from typing import IO
from zlib import crc32

_HEAD = struct.Struct("<II")
MAX_BYTES = 1024 * 1024
"""Of one entry; a greater length is damage, and what follows cannot be told apart."""


def framed(entry: bytes) -> bytes:
    """Return an entry as it is written."""
    return _HEAD.pack(len(entry), crc32(entry)) + entry


def read(file: IO[bytes], n_most: int) -> tuple[list[bytes], int]:
    """Read on, at most ``n_most`` entries.

    Returns:
        The entries, none at the end of the file, and how many of those passed by are damaged.
    """
    entries: list[bytes] = []
    n_damaged = 0
    while len(entries) < n_most:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            break
        n_bytes, checksum = _HEAD.unpack(head)
        if n_bytes > MAX_BYTES:
            n_damaged += 1
            file.seek(0, 2)
            break
        entry = file.read(n_bytes)
        if len(entry) < n_bytes:
            break
        if crc32(entry) == checksum:
            entries.append(entry)
        else:
            n_damaged += 1
    return entries, n_damaged
