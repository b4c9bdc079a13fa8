"""Many customers' bytes read together say what each says alone; what cannot be used is left out."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artifacts import customer_columns, customer_profile
from models.artifacts.customer_columns import Histories, Refused
from models.artifacts.customer_profile import PROFILE
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.framing import closed
from models.errors import ArtifactCorrupt
from tests import known, shop

N_ITEMS = 50


def history(rows: list[int]) -> History:
    n = np.arange(len(rows))
    return History(
        rows=np.array(rows, dtype=np.int32),
        times=(n + 1).astype(np.uint16),
        last_day=(17_000 + n * 3).astype(np.uint16),
        every_days=(n + 7).astype(np.uint16),
        repeat=np.full(len(rows), 0.5, dtype=np.float32),
    )


@given(bought=st.lists(st.none() | st.lists(st.integers(0, N_ITEMS - 1), max_size=6), max_size=9))
def test_histories_read_together_are_those_read_one_by_one(bought: list[list[int] | None]) -> None:
    refused: Refused = Counter()
    packed = [None if rows is None else history(rows).pack() for rows in bought]

    read = Histories.of(packed, n_items=N_ITEMS, refused=refused)

    alone = [History.unpack(one) for one in packed if one is not None]
    assert not refused
    assert read.counts.tolist() == [len(rows or ()) for rows in bought]
    assert read.rows.tolist() == [row for one in alone for row in one.rows.tolist()]
    assert read.times.tolist() == [n for one in alone for n in one.times.tolist()]
    assert read.last_day.tolist() == [day for one in alone for day in one.last_day.tolist()]


def test_a_history_that_cannot_be_used_is_none_and_the_others_stay() -> None:
    refused: Refused = Counter()
    whole, beyond = history([3, 4]).pack(), history([3, N_ITEMS]).pack()

    read = Histories.of(
        [whole, whole[:-1], beyond, None, b"", whole], n_items=N_ITEMS, refused=refused
    )

    assert read.counts.tolist() == [2, 0, 0, 0, 0, 2]
    assert read.rows.tolist() == [3, 4, 3, 4]
    assert refused.total() == 3
    assert "beyond the release's 50" in list(refused)[-1]


def record(vector: list[float]) -> CustomerRecord:
    made, _ = shop.tiny().customers["ana"]
    return replace(made, vector=np.array(vector, dtype=np.float16))


def test_vectors_are_those_of_the_records_and_zeros_without_one() -> None:
    refused: Refused = Counter()
    packed = [record([0.5, -2.0]).pack(), None, record([0.25, 8.0]).pack()]

    read = customer_columns.vectors(packed, n_factors=2, refused=refused)

    assert read.tolist() == [[0.5, -2.0], [0.0, 0.0], [0.25, 8.0]]
    assert not refused


def test_a_record_without_groups_has_its_vector_elsewhere() -> None:
    vector = np.array([3.0, 4.0], dtype=np.float16)
    first = closed(b"CR", 1, 2, body=vector.tobytes())

    read = customer_columns.vectors([first], n_factors=2, refused=Counter())

    assert read.tolist() == [[3.0, 4.0]]


def test_a_vector_that_cannot_be_used_is_zeros() -> None:
    refused: Refused = Counter()
    fine = record([1.0, 2.0]).pack()
    altered = fine[:30] + bytes([fine[30] ^ 1]) + fine[31:]
    packed = [fine, altered, record([1.0, 2.0, 3.0]).pack(), record([np.inf, 0.0]).pack()]

    read = customer_columns.vectors(packed, n_factors=2, refused=refused)

    assert read.tolist() == [[1.0, 2.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    assert refused.total() == 3


def test_profiles_are_those_packed_and_others_are_left_out() -> None:
    refused: Refused = Counter()
    ana, ben = (known.profiles()[name] for name in ("ana", "ben"))
    beyond = customer_profile.pack(known.profile(replace(known.ANA, portfolio=2)))

    read, usable = customer_columns.profiles(
        [ana, ben[:-1], beyond, ben], n_categories=2, n_portfolios=1, refused=refused
    )

    assert usable.tolist() == [True, False, False, True]
    assert read.tobytes() == ana[12:] + ben[12:]
    checksum, portfolio = refused
    assert "checksum" in checksum
    assert "portfolio beyond the release's 1" in portfolio


@given(content=st.binary(min_size=PROFILE.itemsize, max_size=PROFILE.itemsize), at=st.integers())
def test_many_profiles_fit_a_release_as_each_would_alone(content: bytes, at: int) -> None:
    mixed = np.frombuffer(content + known.ana().tobytes(), PROFILE).copy()
    name = (PROFILE.names or ())[at % len(PROFILE.names or ())]
    mixed[1][name] = mixed[0][name]
    fits = customer_profile.fitting(mixed, n_categories=2, n_portfolios=1)

    for row, fitting in zip(mixed, fits.tolist(), strict=True):
        if fitting:
            customer_profile.check(row, n_categories=2, n_portfolios=1)
        else:
            with pytest.raises(ArtifactCorrupt):
                customer_profile.check(row, n_categories=2, n_portfolios=1)


@pytest.mark.parametrize("packed", [b"[", b'{"a": 1}', b"[1]", b'"Coupon 1"', b""])
def test_what_is_no_list_of_names_names_nothing(packed: bytes) -> None:
    refused: Refused = Counter()
    assert customer_columns.names(packed, refused=refused) == []
    assert refused.total() == 1


def test_names_of_coupons_are_read_and_none_are_none() -> None:
    assert customer_columns.names(b'["Coupon 1","Fr\xc3\xbchling"]', refused=Counter()) == [
        "Coupon 1",
        "Frühling",
    ]
    assert customer_columns.names(None, refused=Counter()) == []
