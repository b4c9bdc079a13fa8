"""Hashes of a customer are packed and read again, whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artifacts.framing import closed
from models.artifacts.identifiers import MOST, Identifiers
from models.customer.hashing import Hashed
from models.errors import ArtifactCorrupt, ArtifactTooNew

HASHES = st.lists(
    st.builds(Hashed, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32)),
    max_size=MOST,
    unique=True,
).map(tuple)
ONE = Identifiers.of(emails=["a@shop.example"], phones=["+18005550100"])


@given(emails=HASHES, phones=HASHES)
def test_what_was_packed_is_read_again(
    emails: tuple[Hashed, ...], phones: tuple[Hashed, ...]
) -> None:
    identifiers = Identifiers(emails=emails, phones=phones)

    packed = identifiers.pack()

    assert (
        packed == b"" if identifiers == Identifiers() else Identifiers.unpack(packed) == identifiers
    )


@given(n_bytes=st.integers(0, 139), at=st.integers(0, 139), bit=st.integers(0, 7))
def test_damaged_bytes_are_refused(n_bytes: int, at: int, bit: int) -> None:
    packed = ONE.pack()
    flipped = bytearray(packed)
    flipped[at] ^= 1 << bit

    for damaged in (packed[:n_bytes], bytes(flipped)):
        if damaged != packed:
            with pytest.raises((ArtifactCorrupt, ArtifactTooNew)):
                Identifiers.unpack(damaged)


def test_hashes_by_later_rules_are_refused() -> None:
    with pytest.raises(ArtifactTooNew, match="rules 2"):
        Identifiers.unpack(closed(b"CI", 1, 2 << 16, body=b""))


def test_more_than_are_kept_are_not_packed() -> None:
    many = Identifiers.of(emails=[f"a{n}@shop.example" for n in range(MOST + 1)], phones=[])

    with pytest.raises(ValueError, match="at most 5"):
        many.pack()


def test_nothing_plain_is_packed() -> None:
    packed = ONE.pack()

    assert b"shop" not in packed
    assert b"800555" not in packed
    assert len(packed) == 12 + 2 * 64


def test_a_network_gets_each_hash_once() -> None:
    identifiers = Identifiers.of(emails=["ab@gmail.com", "a.b@gmail.com"], phones=[])

    google, meta = identifiers.for_network("google"), identifiers.for_network("meta")

    assert [len(emails) for emails, _ in (google, meta)] == [1, 2]
    assert google[0][0] == meta[0][0]
    assert google[1] == meta[1] == []
