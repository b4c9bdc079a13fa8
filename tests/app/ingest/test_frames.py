"""Entries come back as they were written, and none that is not whole."""

import io

from hypothesis import given
from hypothesis import strategies as st

from app.ingest.frames import framed, read

ENTRIES = st.lists(st.binary(max_size=30), max_size=20)


def everything(content: bytes, n_most: int = 3) -> tuple[list[bytes], int]:
    file, n_damaged = io.BytesIO(content), 0
    entries: list[bytes] = []
    while True:
        more, n_more = read(file, n_most)
        n_damaged += n_more
        if not more:
            return entries, n_damaged
        entries += more


@given(entries=ENTRIES)
def test_entries_come_back_in_their_order(entries: list[bytes]) -> None:
    assert everything(b"".join(map(framed, entries))) == (entries, 0)


@given(entries=ENTRIES, last=st.binary(max_size=30), data=st.data())
def test_an_entry_that_is_cut_short_is_no_entry(
    entries: list[bytes], last: bytes, data: st.DataObject
) -> None:
    torn = framed(last)[: data.draw(st.integers(0, len(framed(last)) - 1))]

    assert everything(b"".join(map(framed, entries)) + torn) == (entries, 0)


@given(before=ENTRIES, behind=ENTRIES, data=st.data())
def test_a_damaged_entry_is_counted_and_the_next_one_read(
    before: list[bytes], behind: list[bytes], data: st.DataObject
) -> None:
    damaged = bytearray(framed(b"damaged"))
    place = data.draw(st.integers(4, len(damaged) - 1))
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))

    content = b"".join(map(framed, before)) + damaged + b"".join(map(framed, behind))

    assert everything(content) == (before + behind, 1)


def test_behind_a_damaged_length_nothing_can_be_read() -> None:
    content = framed(b"first") + b"\xff" * 8 + framed(b"last")

    assert everything(content) == ([b"first"], 1)
