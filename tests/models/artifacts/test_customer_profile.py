"""A profile's bytes come back whole, or are refused; many are told apart by their beginnings."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artifacts import customer_profile
from models.artifacts.customer_profile import KINDS, PROFILE
from models.artifacts.framing import N_HEAD, closed
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, Standing
from models.customer.summary import Kind
from models.customer.value import Tier
from models.errors import ArtifactCorrupt, ArtifactTooNew
from tests.known import ANA, BEN, CLEO, ana, profile

PACKED = customer_profile.pack(ana())


def checked(made: np.void) -> None:
    customer_profile.check(made, n_categories=2, n_portfolios=1)


@given(content=st.binary(min_size=PROFILE.itemsize, max_size=PROFILE.itemsize))
def test_a_profile_comes_back_as_it_was_packed(content: bytes) -> None:
    written = np.frombuffer(content, PROFILE)[0]

    read = customer_profile.unpack(customer_profile.pack(written))

    assert read.dtype == PROFILE
    assert read.tobytes() == content


def test_a_profile_is_of_220_bytes() -> None:
    assert len(PACKED) == 12 + 208


def test_a_row_of_another_array_is_no_profile() -> None:
    other = np.zeros(1, dtype=[("tier", "u1")])

    with pytest.raises(ValueError, match="must be a row of PROFILE"):
        customer_profile.pack(other[0])


@pytest.mark.parametrize("read", [customer_profile.unpack, customer_profile.standing])
def test_bytes_cut_short_anywhere_or_longer_are_refused(
    read: Callable[[bytes], object],
) -> None:
    for length in range(len(PACKED)):
        with pytest.raises(ArtifactCorrupt, match="publish the release again"):
            read(PACKED[:length])
    with pytest.raises(ArtifactCorrupt):
        read(PACKED + b"\0")


def test_every_flipped_bit_is_noticed() -> None:
    for place in range(len(PACKED)):
        for bit in range(8):
            altered = bytearray(PACKED)
            altered[place] ^= 1 << bit
            with pytest.raises((ArtifactCorrupt, ArtifactTooNew)):
                customer_profile.unpack(bytes(altered))


def test_a_newer_format_asks_for_an_upgrade() -> None:
    newer = closed(b"CP", 2, 300, body=bytes(300))

    with pytest.raises(ArtifactTooNew, match="format 2 is newer than 1"):
        customer_profile.unpack(newer)


def test_a_profile_of_another_length_is_refused_though_its_checksum_holds() -> None:
    with pytest.raises(ArtifactCorrupt, match="hold 300 where 208 were announced"):
        customer_profile.unpack(closed(b"CP", 1, 300, body=bytes(300)))


@pytest.mark.parametrize("standing", [ANA, BEN, CLEO])
def test_a_customers_groups_are_read_from_the_packed_profile(standing: Standing) -> None:
    assert customer_profile.standing(customer_profile.pack(profile(standing))) == standing


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_of_a_group_is_told_from_one_byte(kind: Kind) -> None:
    code = getattr(ANA, kind)

    assert customer_profile.is_of(PACKED, kind, code)
    assert not customer_profile.is_of(PACKED, kind, code + 1)
    assert not customer_profile.is_of(b"", kind, code)


def test_whoever_seems_to_be_of_a_group_must_be_whole() -> None:
    altered = PACKED[:-1] + bytes([PACKED[-1] ^ 1])

    with pytest.raises(ArtifactCorrupt, match="fail their checksum"):
        customer_profile.is_of(altered, "tier", Tier.HIGH)


def test_the_groups_of_many_are_read_at_once() -> None:
    packed = [customer_profile.pack(profile(one)) for one in (ANA, BEN, CLEO)]

    found = customer_profile.groups(packed)

    for kind in KINDS:
        assert found[kind].tolist() == [getattr(one, kind) for one in (ANA, BEN, CLEO)]
    assert customer_profile.groups([]).size == 0


def test_what_each_format_wrote_is_read_by_those_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next format appends a field; a release of this one is still read under it."""
    longer = np.dtype([*((name, PROFILE[name]) for name in PROFILE.names or ()), ("later", "u1")])
    monkeypatch.setattr(customer_profile, "_WRITTEN", {1: PROFILE, 2: longer})
    monkeypatch.setattr(customer_profile, "FORMAT", 2)
    later = closed(b"CP", 2, longer.itemsize, body=ana().tobytes() + b"\x07")

    assert customer_profile.unpack(PACKED).tobytes() == ana().tobytes()
    assert customer_profile.unpack(later)["later"] == 7
    assert customer_profile.groups([PACKED, later])["tier"].tolist() == [ANA.tier, ANA.tier]


def test_before_the_first_format_there_is_none() -> None:
    with pytest.raises(ArtifactCorrupt, match="format 0, and ours begin with 1; publish"):
        customer_profile.unpack(closed(b"CP", 0, PROFILE.itemsize, body=ana().tobytes()))


@pytest.mark.parametrize("bad", [PACKED[:10], b"CR" + PACKED[2:], b"CP\x02" + PACKED[3:]])
def test_one_of_many_that_does_not_begin_as_ours_do_is_refused(bad: bytes) -> None:
    with pytest.raises(ArtifactCorrupt, match="does not begin as ours do"):
        customer_profile.groups([PACKED, bad])


def test_a_profile_of_the_release_fits_it() -> None:
    checked(ana())
    customer_profile.check(profile(CLEO), n_categories=0, n_portfolios=0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tier": max(Tier) + 1}, "no group of ours"),
        ({"stage": max(Stage) + 1}, "no group of ours"),
        ({"segment": max(Segment) + 1}, "no group of ours"),
        ({"satisfaction": max(Satisfaction) + 1}, "no group of ours"),
        ({"previous_tier": max(Tier) + 1}, "was in a group that is none"),
        ({"previous_stage": max(Stage) + 1}, "was in a group that is none"),
        ({"portfolio": 2}, "a portfolio beyond the release's 1"),
        ({"category": [0, 2, -1, -1, -1]}, "a category beyond the release's 2"),
        ({"category": [-2, 0, -1, -1, -1]}, "a category beyond the release's 2"),
        ({"historic_clv": np.inf}, "an infinite number"),
        ({"spend": [[1, 1, -np.inf]] * 3}, "an infinite number"),
    ],
)
def test_a_profile_that_does_not_fit_the_release_is_refused(
    change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ArtifactCorrupt, match=f"{told}.*publish the release again"):
        checked(profile(ANA, **change))


def test_the_codes_of_a_profile_stand_where_those_of_a_record_do() -> None:
    assert [PROFILE.fields[kind][1] for kind in KINDS] == [0, 1, 2, 3, 4]  # type: ignore[index]
    assert PACKED[N_HEAD : N_HEAD + 5] == bytes([3, 4, 1, 1, 4])
