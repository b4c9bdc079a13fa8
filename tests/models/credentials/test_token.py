"""A token is read where it was signed for us, says what it may and still holds; else not."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.credentials.token import LONGEST, Claims, mint, verified
from models.errors import CredentialError

SECRET = bytes(range(32))
NOW = 1_800_000_000
CLAIMS: dict[str, Any] = {
    "kid": "k1",
    "sub": "c-1042",
    "anon": "v-5f0c",
    "aud": "cartera",
    "scope": "recommend events",
    "iat": NOW,
    "exp": NOW + 900,
}


def signed(said: object, *, secret: bytes = SECRET, prefix: str = "ct1") -> str:
    """Make a token by the words of its definition, with the standard library's own parts."""

    def encoded(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).decode().rstrip("=")

    body = f"{prefix}.{encoded(json.dumps(said).encode())}"
    return f"{body}.{encoded(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def read(text: str, *, now_s: float = NOW, audience: str = "cartera") -> Claims | None:
    return verified(text, secret_of={"k1": SECRET}.get, audience=audience, now_s=now_s)


def test_a_token_made_by_the_words_of_its_definition_is_read() -> None:
    assert read(signed(CLAIMS)) == Claims(**CLAIMS)


def test_a_token_that_names_no_visitor_is_read() -> None:
    without = {name: said for name, said in CLAIMS.items() if name != "anon"}

    assert read(signed(without)) == Claims(**without)


@given(customer=st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=256))
def test_what_is_minted_is_read_whatever_the_customers_id(customer: str) -> None:
    claims = Claims(**CLAIMS | {"sub": customer})

    assert read(mint(claims, SECRET)) == claims


def test_the_longest_ids_fit() -> None:
    longest = CLAIMS | {"sub": "\U0001f6d2" * 256, "anon": "\U0001f9fa" * 256}

    assert read(signed(longest)) == Claims(**longest)


@pytest.mark.parametrize(
    ("now_s", "holds"),
    [
        (NOW - 31, False),
        (NOW - 29, True),
        (NOW + 899, True),
        (NOW + 929, True),
        (NOW + 931, False),
    ],
)
def test_a_token_holds_from_its_making_to_its_end_give_or_take_half_a_minute(
    now_s: float, holds: bool
) -> None:
    assert (read(signed(CLAIMS), now_s=now_s) is not None) is holds


def test_no_token_with_one_bit_flipped_is_read() -> None:
    text = signed(CLAIMS)

    for place in range(len(text)):
        for bit in range(8):
            flipped = text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]
            assert read(flipped) is None, (place, bit)


@pytest.mark.parametrize(
    "change",
    [
        {"kid": "k2"},
        {"kid": 7},
        {"kid": ""},
        {"sub": ""},
        {"sub": None},
        {"sub": "a" * 257},
        {"sub": "a\nb"},
        {"sub": ["c-1042"]},
        {"anon": None},
        {"anon": ""},
        {"aud": "another"},
        {"aud": ["cartera"]},
        {"scope": ""},
        {"scope": "everything"},
        {"scope": "recommend  events"},
        {"scope": ["recommend"]},
        {"scope": "catalog"},
        {"iat": NOW + 31, "exp": NOW + 60},
        {"iat": float(NOW)},
        {"iat": True},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": NOW + 3601},
        {"exp": str(NOW + 900)},
        {"alg": "none"},
        {"admin": True},
    ],
)
def test_a_token_that_says_what_none_may_is_not_read_though_it_is_signed(
    change: dict[str, object],
) -> None:
    assert read(signed(CLAIMS | change)) is None


@pytest.mark.parametrize("name", [name for name in CLAIMS if name != "anon"])
def test_a_token_that_leaves_something_out_is_not_read(name: str) -> None:
    assert read(signed({other: said for other, said in CLAIMS.items() if other != name})) is None


def test_another_keys_signature_is_none() -> None:
    assert read(signed(CLAIMS, secret=bytes(32))) is None
    assert read(signed(CLAIMS | {"kid": "k9"}, secret=bytes(32))) is None


def test_another_prefix_is_none_of_ours_though_it_is_signed() -> None:
    assert read(signed(CLAIMS, prefix="ct2")) is None
    assert read(signed(CLAIMS, prefix="CT1")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "ct1",
        "ct1.",
        "ct1..",
        "ct1.e30.",
        "ct1.=.=",
        "ct1.bnVsbA.x",
        "ct1.W10.x",
        "ct1.MQ.x",
        "ct1.ñ.x",
        signed([]),
        signed("k1"),
        signed(CLAIMS) + "=",
        signed(CLAIMS) + ".x",
        signed(CLAIMS).replace(".", ".."),
        " " + signed(CLAIMS),
        signed(CLAIMS) + "A" * 10_000,
        "ct1." + "A" * 10_000,
        signed(CLAIMS | {"sub": "a" * 10_000}),
        "\ud800",
    ],
)
def test_what_is_no_token_is_not_read(text: str) -> None:
    assert read(text) is None


def test_a_longer_text_than_any_token_is_not_read() -> None:
    assert len(signed(CLAIMS | {"sub": "a" * 10_000})) > LONGEST


@pytest.mark.parametrize("change", [{"sub": ""}, {"scope": "all"}, {"exp": NOW + 3601}, {"exp": 1}])
def test_a_token_that_would_not_be_read_is_not_minted(change: dict[str, Any]) -> None:
    with pytest.raises(CredentialError):
        mint(Claims(**CLAIMS | change), SECRET)
