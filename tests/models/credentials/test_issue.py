"""What a new key is, and what is kept of it."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from models.credentials.issue import issue
from models.credentials.key import Key, opened, signing
from models.errors import CredentialError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHOP = "https://shop.example"


def secret() -> tuple[Key, str]:
    return issue("secret", name="shop", scopes=("recommend",), now=NOW)


def test_a_secret_key_is_kept_as_its_digest_alone() -> None:
    key, text = secret()

    assert key.sha256 == sha256(text.encode()).hexdigest()
    assert text.startswith(f"sk_{key.id}_")
    assert text.rpartition("_")[2].encode() not in key.pack()
    assert key.shown == f"sk_{key.id}_…"


def test_a_key_has_131_bits_of_chance_and_no_two_are_alike() -> None:
    texts = {secret()[1] for _ in range(50)}

    assert len(texts) == 50
    assert all(len(text.rpartition("_")[2]) == 22 and text.isascii() for text in texts)


def test_a_signing_key_is_kept_whole_for_it_must_check_what_it_signed() -> None:
    key, text = issue("signing", name="shop", now=NOW)

    assert signing(text) == (key.id, key.signs_with)
    assert len(key.signs_with) == 32
    assert key.sha256 is None


def test_a_key_is_read_as_it_was_written() -> None:
    for key, _ in (
        secret(),
        issue("publishable", name="pages", origins=(SHOP,), now=NOW),
        issue("signing", name="shop", now=NOW),
    ):
        assert Key.unpack(key.id, key.pack()) == key


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"kind":"secret","name":"a","created_at":"b"}',
        b'{"kind":"secret","name":"a","created_at":"b","sha256":"00"}',
        b'{"kind":"signing","name":"a","created_at":"b","secret":"AAAA"}',
        b'{"kind":"golden","name":"a","created_at":"b","sha256":"' + b"0" * 64 + b'"}',
        b'{"kind":"secret","name":"a","created_at":"b","sha256":"' + b"0" * 64 + b'","more":1}',
    ],
)
def test_bytes_that_are_no_key_are_refused(packed: bytes) -> None:
    with pytest.raises(CredentialError, match="cartera keys create"):
        Key.unpack("aaaaaaaa", packed)


@pytest.mark.parametrize(
    ("kind", "scopes", "origins"),
    [
        ("secret", (), ()),
        ("secret", ("recommend",), (SHOP,)),
        ("secret", ("everything",), ()),
        ("publishable", (), ()),
        ("publishable", ("recommend",), (SHOP,)),
        ("signing", ("recommend",), ()),
        ("signing", (), (SHOP,)),
    ],
)
def test_a_key_takes_what_its_kind_takes(
    kind: str, scopes: tuple[str, ...], origins: tuple[str, ...]
) -> None:
    with pytest.raises(CredentialError):
        issue(kind, name="shop", scopes=scopes, origins=origins, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", " shop", "a" * 65, "sh\nop", "shöp", "[bold]"])
def test_a_name_is_plain(name: str) -> None:
    with pytest.raises(CredentialError, match="name of a key"):
        issue("signing", name=name, now=NOW)


@pytest.mark.parametrize(
    "origin",
    ["https://shop.example", "http://localhost:3000", "https://[2001:db8::1]:8443"],
)
def test_an_origin_as_browsers_send_it_is_taken(origin: str) -> None:
    assert issue("publishable", name="a", origins=(origin,), now=NOW).key.origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "*",
        "null",
        "shop.example",
        "https://*.shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://Shop.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://user@shop.example",
        "https://shop.example:port",
        "https://",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(CredentialError, match="origin"):
        issue("publishable", name="a", origins=(origin,), now=NOW)


def test_what_was_named_twice_is_kept_once() -> None:
    key, _ = issue("secret", name="a", scopes=("events", "events"), now=NOW)

    assert key.scopes == ("events",)


def test_a_key_opens_for_its_own_text_and_kind_only() -> None:
    key, text = secret()
    other, _ = secret()
    keys = {key.id: key, other.id: other}

    assert opened(text, "secret", keys) is key
    assert opened(text, "publishable", keys) is None
    assert opened(text.replace(key.id, other.id), "secret", keys) is None
    assert opened(text, "secret", {other.id: other}) is None
    assert opened(text + "x" * 10_000, "secret", keys) is None
    assert opened("", "secret", keys) is None
    assert opened("sk_ñ", "secret", keys) is None
    assert opened("sk_\ud800", "secret", keys) is None


def test_no_key_with_one_bit_flipped_opens() -> None:
    key, text = secret()

    for place in range(len(text)):
        for bit in range(8):
            flipped = text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]
            assert opened(flipped, "secret", {key.id: key}) is None


@pytest.mark.parametrize("text", ["zzz", "sk_aaaaaaaa_" + "a" * 43, "sig_aaaaaaaa_" + "a" * 42])
def test_what_is_no_signing_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(CredentialError) as refused:
        signing(text)

    assert "cartera keys create --kind signing" in str(refused.value)
    assert text not in str(refused.value)
