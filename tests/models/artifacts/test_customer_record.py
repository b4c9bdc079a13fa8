"""A customer's bytes come back whole, or are refused: nothing in between."""

import struct
from dataclasses import replace
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.artifacts.customer_record import (
    HISTORY_FORMAT,
    MAX_ITEMS,
    MAX_RECORD_BYTES,
    RECORD_FORMAT,
    CustomerRecord,
    History,
    Reason,
)
from models.artifacts.framing import N_HEAD, closed
from models.customer.satisfaction import Satisfaction
from models.customer.segments import UNKNOWN, Segment, Stage, Standing
from models.customer.value import Tier
from models.errors import ArtifactCorrupt, ArtifactTooNew

HALF = st.floats(-60_000, 60_000, width=16)
UINT16 = st.integers(0, 65_535)
STANDINGS = st.builds(
    Standing,
    tier=st.sampled_from(Tier),
    stage=st.sampled_from(Stage),
    segment=st.sampled_from(Segment),
    portfolio=st.integers(0, 255),
    satisfaction=st.sampled_from(Satisfaction),
)


@st.composite
def records(draw: st.DrawFn) -> CustomerRecord:
    n_factors, n_list = draw(st.integers(0, 64)), draw(st.integers(0, 200))
    return CustomerRecord(
        vector=draw(arrays(np.float16, n_factors, elements=HALF)),
        rows=draw(arrays(np.int32, n_list, elements=st.integers(0, MAX_ITEMS - 1))),
        reasons=draw(arrays(np.uint8, n_list, elements=st.sampled_from(Reason))),
        scores=draw(arrays(np.float32, n_list, elements=HALF)),
        standing=draw(STANDINGS),
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    n = draw(st.integers(0, 50))
    return History(
        rows=draw(arrays(np.int32, n, elements=st.integers(0, 2**31 - 1))),
        times=draw(arrays(np.uint16, n, elements=UINT16)),
        last_day=draw(arrays(np.uint16, n, elements=UINT16)),
        every_days=draw(arrays(np.uint16, n, elements=UINT16)),
        repeat=draw(arrays(np.float32, n, elements=HALF)),
    )


def record(n_list: int = 3, n_factors: int = 2) -> CustomerRecord:
    return CustomerRecord(
        vector=np.linspace(-1, 1, n_factors, dtype=np.float16),
        rows=np.arange(n_list, dtype=np.int32),
        reasons=np.full(n_list, Reason.TASTE, dtype=np.uint8),
        scores=np.linspace(1, 0, n_list, dtype=np.float32),
    )


def history() -> History:
    return History(
        rows=np.array([1, 4], dtype=np.int32),
        times=np.array([6, 1], dtype=np.uint16),
        last_day=np.array([6563, 6500], dtype=np.uint16),
        every_days=np.array([14, 0], dtype=np.uint16),
        repeat=np.array([0.75, 0.25], dtype=np.float32),
    )


@settings(deadline=None)
@given(written=records())
def test_a_record_comes_back_as_it_was_packed(written: CustomerRecord) -> None:
    packed = written.pack()

    read = CustomerRecord.unpack(packed)

    assert len(packed) <= MAX_RECORD_BYTES
    assert read.standing == written.standing
    for name in ("vector", "rows", "reasons", "scores"):
        expected = getattr(written, name)
        assert np.array_equal(getattr(read, name), expected)
        assert getattr(read, name).dtype == expected.dtype


@settings(deadline=None)
@given(written=histories())
def test_a_history_comes_back_as_it_was_packed(written: History) -> None:
    read = History.unpack(written.pack())

    for name in History.__slots__:
        expected = getattr(written, name)
        assert np.array_equal(getattr(read, name), expected)
        assert getattr(read, name).dtype == expected.dtype


def test_a_record_of_200_items_and_64_factors_is_under_a_kilobyte_and_a_half() -> None:
    assert len(record(n_list=200, n_factors=64).pack()) == 1348


@pytest.mark.parametrize(("n_list", "n_factors"), [(250, 64), (70_000, 64), (3, 70_000)])
def test_a_record_that_would_be_too_long_is_refused(n_list: int, n_factors: int) -> None:
    with pytest.raises(ValueError, match="a record must be at most 1536 B, got"):
        record(n_list, n_factors).pack()


@pytest.mark.parametrize("row", [MAX_ITEMS, -1])
def test_a_row_that_24_bits_cannot_hold_is_refused(row: int) -> None:
    written = CustomerRecord(
        vector=np.zeros(2, np.float16),
        rows=np.array([row], dtype=np.int32),
        reasons=np.array([Reason.TASTE], dtype=np.uint8),
        scores=np.ones(1, np.float32),
    )

    with pytest.raises(ValueError, match=f"a row must be from 0 to {MAX_ITEMS - 1}, got {row}"):
        written.pack()


def test_the_last_row_that_fits_comes_back() -> None:
    written = CustomerRecord(
        vector=np.zeros(0, np.float16),
        rows=np.array([MAX_ITEMS - 1], dtype=np.int32),
        reasons=np.array([Reason.GOES_WITH], dtype=np.uint8),
        scores=np.ones(1, np.float32),
    )

    read = CustomerRecord.unpack(written.pack())

    assert read.rows.tolist() == [MAX_ITEMS - 1]
    assert read.reasons.tolist() == [Reason.GOES_WITH]


@pytest.mark.parametrize("kind", [CustomerRecord, History])
def test_bytes_cut_short_anywhere_are_refused(kind: type[CustomerRecord | History]) -> None:
    packed = (record() if kind is CustomerRecord else history()).pack()

    for length in range(len(packed)):
        with pytest.raises(ArtifactCorrupt, match="publish the release again"):
            kind.unpack(packed[:length])


@pytest.mark.parametrize("kind", [CustomerRecord, History])
def test_bytes_with_more_behind_them_are_refused(kind: type[CustomerRecord | History]) -> None:
    packed = (record() if kind is CustomerRecord else history()).pack()

    with pytest.raises(ArtifactCorrupt):
        kind.unpack(packed + b"\0")


@pytest.mark.parametrize("kind", [CustomerRecord, History])
def test_every_flipped_bit_is_noticed(kind: type[CustomerRecord | History]) -> None:
    packed = (record() if kind is CustomerRecord else history()).pack()

    for place in range(len(packed)):
        for bit in range(8):
            altered = bytearray(packed)
            altered[place] ^= 1 << bit
            with pytest.raises((ArtifactCorrupt, ArtifactTooNew)):
                kind.unpack(bytes(altered))


def test_a_record_is_no_history_and_a_history_no_record() -> None:
    with pytest.raises(ArtifactCorrupt, match="do not begin with CR as ours do"):
        CustomerRecord.unpack(history().pack())
    with pytest.raises(ArtifactCorrupt, match="do not begin with CH as ours do"):
        History.unpack(record().pack())


@pytest.mark.parametrize(
    ("kind", "newest"), [(CustomerRecord, RECORD_FORMAT), (History, HISTORY_FORMAT)]
)
def test_a_newer_format_asks_for_an_upgrade(
    kind: type[CustomerRecord | History], newest: int
) -> None:
    packed = bytearray((record() if kind is CustomerRecord else history()).pack())
    packed[2] = newest + 1

    with pytest.raises(ArtifactTooNew, match=rf"{newest + 1} is newer than {newest}.* upgrade the"):
        kind.unpack(bytes(packed))


def test_a_record_of_format_1_has_no_groups() -> None:
    body = record().pack()[N_HEAD + 8 :]

    read = CustomerRecord.unpack(closed(b"CR", 1, 2 | 3 << 16, body=body))

    assert read.standing == UNKNOWN
    assert read.rows.tolist() == [0, 1, 2]
    assert read.vector.tolist() == [-1, 1]


def test_entries_begin_on_a_multiple_of_4_bytes() -> None:
    packed = record(n_factors=64).pack()

    assert packed.index(struct.pack("<I", 1 | Reason.TASTE << 24)) % 4 == 0


@pytest.mark.parametrize(
    ("place", "newest"),
    [(0, max(Tier)), (1, max(Stage)), (2, max(Segment)), (4, max(Satisfaction))],
)
def test_a_group_that_is_none_is_refused_though_the_checksum_holds(place: int, newest: int) -> None:
    body = bytearray(record().pack()[N_HEAD:])
    body[place] = newest + 1

    with pytest.raises(ArtifactCorrupt, match="one of these is no group of ours"):
        CustomerRecord.unpack(closed(b"CR", 2, 2 | 3 << 16, body=bytes(body)))


def test_a_portfolio_that_a_byte_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        replace(record(), standing=Standing(portfolio=256)).pack()


def test_numbers_that_disagree_with_the_length_are_refused_though_the_checksum_holds() -> None:
    head = struct.pack("<2sBxI", b"CH", 1, 3)
    forged = head + struct.pack("<I", crc32(b"only", crc32(head))) + b"only"

    with pytest.raises(ArtifactCorrupt, match="hold 4 where 36 were announced"):
        History.unpack(forged)


def test_reasons_are_told_in_lower_case_words() -> None:
    assert Reason.REPEAT.code == "repeat"
    assert Reason.GOES_WITH.code == "goes-with"


def test_a_customer_of_the_release_fits_it() -> None:
    record(n_list=3, n_factors=2).check(n_items=3, n_factors=2)
    record(n_list=0, n_factors=0).check(n_items=0, n_factors=0)
    history().check(n_items=5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rows": np.array([0, 1, 3], np.int32)}, "beyond the release's 3"),
        ({"rows": np.array([0, -1, 2], np.int32)}, "beyond the release's 3"),
        ({"vector": np.ones(5, np.float16)}, "has 5 numbers"),
        ({"vector": np.array([1, np.nan], np.float16)}, "NaN"),
        ({"scores": np.array([np.inf, 1, 0], np.float32)}, "infinity"),
        ({"scores": np.array([1, 0, -np.inf], np.float32)}, "infinity"),
        ({"scores": np.array([1, np.nan, 0], np.float32)}, "NaN"),
        ({"reasons": np.array([1, 0, 1], np.uint8)}, "none of 1 to 6"),
        ({"reasons": np.array([1, 7, 1], np.uint8)}, "none of 1 to 6"),
    ],
)
def test_a_record_that_does_not_fit_the_release_is_refused(
    change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ArtifactCorrupt, match=told):
        replace(record(), **change).check(n_items=3, n_factors=2)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": np.array([1, 5], np.int32)},
        {"rows": np.array([-1, 4], np.int32)},
        {"repeat": np.array([np.nan, 0], np.float32)},
    ],
)
def test_a_history_that_does_not_fit_the_release_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ArtifactCorrupt):
        replace(history(), **change).check(n_items=5)


def test_the_numbers_of_reasons_run_without_a_gap() -> None:
    assert sorted(Reason) == list(range(1, len(Reason) + 1))
