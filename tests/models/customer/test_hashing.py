"""Addresses and numbers are hashed as each network writes them; the vectors are their own."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.customer.hashing import of_email, of_phone
from models.errors import IdentifierError

NAMES = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)


def plain(text: str) -> bytes:
    return sha256(text.encode()).digest()


def test_an_address_of_gmail_is_hashed_as_the_networks_document() -> None:
    hashed = of_email("Cloudy.SanFrancisco+shopping@Gmail.com")

    assert hashed.google.hex().startswith("223ebda6f688")
    assert hashed.meta.hex().startswith("8dd4a9bf8502")


def test_a_number_is_hashed_as_the_networks_document() -> None:
    hashed = of_phone("+18005550100")

    assert hashed.google.hex().startswith("fb4f73a6ec5f")
    assert hashed.meta.hex().startswith("92cfdc5fbcd4")


@pytest.mark.parametrize(
    ("address", "google", "meta"),
    [
        ("  A.B+c@GoogleMail.com\n", "ab@googlemail.com", "a.b+c@googlemail.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com", "user.name+nyc@example.com"),
        ("a.b@notgmail.com", "a.b@notgmail.com", "a.b@notgmail.com"),
        ("a.b@mail.gmail.com", "a.b@mail.gmail.com", "a.b@mail.gmail.com"),
        ("a..b@gmail.com", "ab@gmail.com", "a..b@gmail.com"),
        ("JOSÉ@MÜLLER.example", "josé@müller.example", "josé@müller.example"),
    ],
)
def test_only_google_and_only_of_gmail_leaves_out_dots_and_what_follows_a_plus(
    address: str, google: str, meta: str
) -> None:
    assert of_email(address) == (plain(google), plain(meta))


@given(name=NAMES, host=NAMES)
def test_other_addresses_are_the_same_to_both(name: str, host: str) -> None:
    hashed = of_email(f"{name.upper()}@{host}.example")

    assert hashed.google == hashed.meta == plain(f"{name}@{host}.example")


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@", "@b.example", "a b@c.example", "a@b@c.example", "a@b", "a@.example",
     "a@b..example", "a@-b.example", "a@b.example,c@d.example", "+x@gmail.com", "...@gmail.com",
     "A Name <a@b.example>", f"{'a' * 65}@b.example", f"a@{'b.' * 130}example",
     ".a@b.example", "a.@b.example", "a.b.@gmail.com", "\ufeffa@b.example", "a\u200bb@c.example",
     "a@b.example\u200e", "a\xadb@c.example", "a\x85b@c.example", "a\x80b@c.example",
     "a@b\u2060.example", "a\ud800@b.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        of_email(text)

    assert str(refused.value).startswith("is no e-mail address; expected ")
    assert len(text) < 6 or text not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "+", "18005550100", "+08005550100", "+1800", "+1 8005550100", "+1800555010012345"]
)
def test_what_is_not_written_by_e164_is_refused(text: str) -> None:
    with pytest.raises(IdentifierError, match=r"^is no telephone number"):
        of_phone(text)
