"""No two keys of a namespace collide, and a customer's keys say which shard they are of."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from models.artifacts.keys import N_SHARDS, Keys, shard_of

NAMESPACE = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)
VERSION = st.from_regex(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}", fullmatch=True)


N_UNVERSIONED = 6 + 2 * N_SHARDS


def every_key(keys: Keys, version: str) -> list[str]:
    return [
        keys.current,
        keys.releases,
        keys.publishing,
        keys.archive,
        keys.archiving,
        keys.attributed,
        *(keys.attribution(shard) for shard in range(N_SHARDS)),
        *(keys.adding(shard) for shard in range(N_SHARDS)),
        *(keys.chunk(version, n) for n in range(20)),
        *(keys.records(version, shard) for shard in range(N_SHARDS)),
        *(keys.histories(version, shard) for shard in range(N_SHARDS)),
        *(keys.profiles(version, shard) for shard in range(N_SHARDS)),
        *(keys.coupons(version, shard) for shard in range(N_SHARDS)),
    ]


@given(namespace=NAMESPACE, one=VERSION, other=VERSION)
def test_no_two_keys_of_a_namespace_are_equal(namespace: str, one: str, other: str) -> None:
    assume(one != other)
    keys = Keys(namespace)

    both = [*every_key(keys, one), *every_key(keys, other)[N_UNVERSIONED:]]

    assert len(set(both)) == len(both)


@given(one=NAMESPACE, other=NAMESPACE, version=VERSION)
def test_two_namespaces_share_no_key(one: str, other: str, version: str) -> None:
    assume(one != other)

    assert not set(every_key(Keys(one), version)) & set(every_key(Keys(other), version))


def test_a_customers_keys_carry_the_hash_tag_of_the_shard() -> None:
    keys = Keys()

    for key in (*keys.customers("v", 17), keys.coupons("v", 17)):
        assert re.findall(r"\{(.*?)\}", key) == ["s017"]


def test_keys_are_as_the_file_draws_them() -> None:
    keys = Keys("shop")

    assert keys.current == "shop:current"
    assert keys.releases == "shop:releases"
    assert keys.publishing == "shop:publishing"
    assert keys.chunk("v", 3) == "shop:release:v:3"
    assert keys.records("v", 0) == "shop:{s000}:v:record"
    assert keys.histories("v", 255) == "shop:{s255}:v:history"
    assert keys.profiles("v", 1) == "shop:{s001}:v:profile"
    assert keys.coupons("v", 2) == "shop:{s002}:v:coupons"
    assert keys.customers("v", 0) == (
        "shop:{s000}:v:record", "shop:{s000}:v:history", "shop:{s000}:v:profile",
    )  # fmt: skip


def test_a_customers_shard_never_changes() -> None:
    # CRC-32 of the check string of every CRC catalogue is 0xCBF43926
    assert shard_of("123456789") == 0xCBF43926 % 256


@given(customer_id=st.text(st.characters(codec="utf-8"), max_size=20))
def test_every_customer_has_a_shard(customer_id: str) -> None:
    assert 0 <= shard_of(customer_id) < N_SHARDS
