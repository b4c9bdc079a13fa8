"""Ids cross to rows and back without loss, whatever alphabet they are written in."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import ids as module
from models.ids import Ids, Texts

ID = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)


@given(ids=st.lists(ID, unique=True, max_size=40), unknown=ID)
def test_every_id_comes_back_from_its_row_and_only_known_ones_have_one(
    ids: list[str], unknown: str
) -> None:
    table = Ids.of(ids)

    assert len(table) == len(ids)
    assert [table.id_of(row) for row in range(len(ids))] == ids
    assert [table.row_of(id_) for id_ in ids] == list(range(len(ids)))
    assert table.row_of(unknown) == (ids.index(unknown) if unknown in ids else None)


def test_known_ids_become_rows_in_their_order_each_once() -> None:
    table = Ids.of(["milk", "pão", "牛乳", "🍞"])

    rows = table.rows_of(["🍞", "beer", "milk", "🍞", "牛乳"])

    assert rows.tolist() == [3, 0, 2]
    assert rows.dtype == np.int32


def test_unknown_ids_become_no_rows() -> None:
    rows = Ids.of(["milk"]).rows_of(["beer", ""])

    assert rows.size == 0
    assert rows.dtype == np.int32


def test_no_ids_at_all_know_none() -> None:
    assert len(Ids.of([])) == 0
    assert Ids.of([]).row_of("milk") is None


def test_half_a_surrogate_is_unknown_and_no_error() -> None:
    assert Ids.of(["milk"]).row_of("\ud83c") is None


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="ids must be unique, 2 occur more than once"):
        Ids.of(["milk", "bread", "milk", "milk"])


@pytest.mark.parametrize("ids", [["a"], ["a", "b"], ["d", "b", "a", "c"]])
def test_ids_whose_hashes_are_equal_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, ids: Sequence[str]
) -> None:
    monkeypatch.setattr(module, "_hash", lambda _id: 7)

    table = Ids.of(ids)

    assert [table.row_of(id_) for id_ in ids] == list(range(len(ids)))
    assert table.row_of("x") is None


@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=30))
def test_texts_come_back_as_they_were_packed(texts: list[str]) -> None:
    packed = Texts.of(texts)

    assert len(packed) == len(texts)
    assert [packed[row] for row in range(len(texts))] == texts
    assert [packed.raw(row) for row in range(len(texts))] == [text.encode() for text in texts]


def test_texts_take_bytes_and_text_alike() -> None:
    packed = Texts.of(["pão", "pão".encode()])

    assert packed.raw(0) == packed.raw(1)


@given(
    known=st.lists(st.text(max_size=3), unique=True, max_size=8),
    asked=st.lists(st.text(max_size=3), max_size=8),
)
def test_many_looked_up_together_are_found_as_each_alone(
    known: list[str], asked: list[str]
) -> None:
    ids = Ids.of(known)

    found = ids.each_row_of([*known, *asked])

    assert found == [ids.row_of(id_) for id_ in [*known, *asked]]
