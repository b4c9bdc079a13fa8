"""A bundle's arrays come back as views of the same bytes, aligned, or not at all."""

import struct
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from models.artifacts import bundle
from models.errors import ArtifactCorrupt, ArtifactTooNew

DTYPE = st.sampled_from([np.uint8, np.uint16, np.uint64, np.int32, np.int64, np.float16,
                         np.float32, np.float64])  # fmt: skip
ARRAY = DTYPE.flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=9))
)
NAMED = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), ARRAY, max_size=6)


def packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    return b"".join(bundle.pack(arrays))


def two() -> dict[str, NDArray[Any]]:
    return {
        "factors": np.arange(6, dtype=np.float32).reshape(2, 3),
        "rows": np.array([3, 1, 2], dtype=np.int32),
    }


def with_header(header: object, body: bytes = bytes(256)) -> bytes:
    text = orjson.dumps(header)
    head = struct.pack("<8sII", b"CARTERA\0", 1, len(text)) + text
    return head + bytes(-len(head) % 64) + body


@settings(deadline=None)
@given(written=NAMED)
def test_every_array_comes_back_equal_aligned_and_read_only(
    written: dict[str, NDArray[Any]],
) -> None:
    content = packed(written)
    buffer = np.frombuffer(content, dtype=np.uint8)

    read = bundle.unpack(memoryview(content))

    assert list(read) == list(written)
    for name, array in read.items():
        assert array.dtype == written[name].dtype
        assert array.shape == written[name].shape
        assert array.tobytes() == written[name].tobytes()
        assert not array.flags.writeable
        place = array.__array_interface__["data"][0] - buffer.__array_interface__["data"][0]
        assert place % 64 == 0 or not array.size


def test_nothing_is_copied_when_a_bundle_is_read() -> None:
    content = packed(two())

    read = bundle.unpack(memoryview(content))

    buffer = np.frombuffer(content, dtype=np.uint8)
    assert all(np.shares_memory(array, buffer) for array in read.values())


def test_a_column_of_a_table_is_packed_in_its_own_order() -> None:
    table = np.arange(6, dtype=np.int32).reshape(2, 3)

    read = bundle.unpack(memoryview(packed({"column": table[:, 1]})))

    assert read["column"].tolist() == [1, 4]


def test_a_bundle_cut_short_anywhere_is_refused() -> None:
    whole = packed(two())
    last = whole.rindex(b"\3\0\0\0\1\0\0\0\2\0\0\0") + 12

    for length in range(last):
        with pytest.raises(ArtifactCorrupt, match="publish the release again"):
            bundle.unpack(memoryview(whole[:length]))


def test_bytes_that_are_no_bundle_are_refused() -> None:
    with pytest.raises(ArtifactCorrupt, match="does not begin as ours do"):
        bundle.unpack(memoryview(b"\x93NUMPY" + bytes(100)))


def test_a_newer_bundle_asks_for_an_upgrade() -> None:
    newer = bytearray(packed(two()))
    newer[8:12] = struct.pack("<I", 3)

    with pytest.raises(ArtifactTooNew, match=r"bundle format 3 is newer than 1.* upgrade"):
        bundle.unpack(memoryview(newer))


@pytest.mark.parametrize(
    "header",
    [
        [],
        {"rows": 7},
        {"rows": {"dtype": "int32", "shape": [2]}},
        {"rows": {"dtype": "object", "shape": [2], "offset": 0}},
        {"rows": {"dtype": "float128", "shape": [2], "offset": 0}},
        {"rows": {"dtype": ">i4", "shape": [2], "offset": 0}},
        {"rows": {"dtype": "int32", "shape": [-1], "offset": 0}},
        {"rows": {"dtype": "int32", "shape": ["2"], "offset": 0}},
        {"rows": {"dtype": "int32", "shape": [2], "offset": -4096}},
        {"rows": {"dtype": "int32", "shape": [65], "offset": 0}},
        {"rows": {"dtype": "int32", "shape": [2], "offset": 1e6}},
    ],
)
def test_a_header_that_promises_what_cannot_be_is_refused(header: object) -> None:
    with pytest.raises(ArtifactCorrupt, match="publish the release again"):
        bundle.unpack(memoryview(with_header(header)))


@pytest.mark.parametrize("dtype", ["bool", "object", "complex64", "<U3"])
def test_an_array_of_a_type_that_bundles_do_not_hold_is_not_packed(dtype: str) -> None:
    with pytest.raises(ValueError, match=r"array odd is .*; a bundle holds"):
        packed({"odd": np.zeros(2, dtype=dtype)})
