r"""Named arrays as one run of bytes, made to be memory-mapped.

    "CARTERA\0" format:u32 header_bytes:u32 header padding array padding array …

The header is JSON, ``{name: {dtype, shape, offset}}``; every array begins on a multiple of 64
bytes, so that views of a mapped file are aligned. Whoever maps the file checks its SHA-256 first,
which stands in the manifest; this file checks that what is announced lies inside what is there.
Nothing is ever unpickled.
"""

import struct
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.arrays import Arrays
from models.errors import ArtifactCorrupt, ArtifactTooNew

FORMAT = 1

_MAGIC = b"CARTERA\0"
_HEAD = struct.Struct("<8sII")
_ALIGNMENT = 64
_DTYPES = frozenset(
    {"uint8", "uint16", "uint64", "int32", "int64", "float16", "float32", "float64"}
)


def pack(arrays: Arrays) -> Iterator[bytes]:
    """Yield the bundle's bytes piece by piece, so that it need not fit in memory twice.

    Raises:
        ValueError: An array has a type that a bundle does not hold.
    """
    header: dict[str, dict[str, object]] = {}
    offset = 0
    for name, array in arrays.items():
        if array.dtype.name not in _DTYPES:
            raise ValueError(
                f"array {name} is {array.dtype.name}; a bundle holds {sorted(_DTYPES)}"
            )
        header[name] = {"dtype": array.dtype.name, "shape": array.shape, "offset": offset}
        offset += _padded(array.nbytes)
    head = orjson.dumps(header)
    start = _HEAD.pack(_MAGIC, FORMAT, len(head)) + head
    yield start + b"\0" * (_padded(len(start)) - len(start))
    for array in arrays.values():
        yield np.ascontiguousarray(array).tobytes() + b"\0" * (_padded(array.nbytes) - array.nbytes)


def unpack(buffer: memoryview) -> dict[str, NDArray[Any]]:
    """Return read-only views of the arrays in ``buffer``; nothing is copied.

    Raises:
        ArtifactCorrupt: The bytes are not a bundle, or end too soon.
        ArtifactTooNew: A later release of Cartera wrote them.
    """
    if len(buffer) < _HEAD.size or bytes(buffer[:8]) != _MAGIC:
        raise ArtifactCorrupt("the bundle does not begin as ours do; publish the release again")
    _, format_, n_header = _HEAD.unpack_from(buffer)
    if format_ > FORMAT:
        raise ArtifactTooNew(
            f"bundle format {format_} is newer than {FORMAT}, the newest this release reads; "
            "upgrade the server before publishing with the new trainer"
        )
    base = _padded(_HEAD.size + n_header)
    try:
        header = orjson.loads(buffer[_HEAD.size : _HEAD.size + n_header])
        return {name: _view(buffer, base, **place) for name, place in header.items()}
    except (ValueError, TypeError, AttributeError) as problem:
        raise ArtifactCorrupt(
            f"the bundle ends at byte {len(buffer)}, too soon, or its header is unreadable; "
            "publish the release again"
        ) from problem


def _view(
    buffer: memoryview, base: int, *, dtype: str, shape: list[int], offset: int
) -> NDArray[Any]:
    if dtype not in _DTYPES or min([offset, *shape]) < 0:
        raise ValueError(f"no array of ours is {dtype} of {shape} at {offset}")
    array = np.frombuffer(buffer, dtype, prod(shape), base + offset).reshape(shape)
    array.flags.writeable = False
    return array


def _padded(n_bytes: int) -> int:
    return -(-n_bytes // _ALIGNMENT) * _ALIGNMENT
