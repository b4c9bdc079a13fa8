"""What ad networks know a customer by: an address or a number, written their way, then hashed.

A network finds a customer among its users only if both sides hash the same text, so each says how
an address is to be written before. They differ:

                Google (Customer Match)                      Meta (custom audiences)
    e-mail      no spaces around, small letters; of          no spaces around, small letters
                gmail.com and googlemail.com the dots
                before the @ go, and a + with what follows
    phone       E.164: +, country code, number               the same without its +

The hash is SHA-256 without salt; networks take it as small hexadecimal digits. It hides nothing
from whoever tries all numbers, so a hash is as personal as what it was made of, and is kept so.

Sources: Google, "Format user data", Data Manager API; "Format your customer data file", Google Ads
Help. Meta, "Hashing and normalising data", Marketing API; "How to format a customer list", Meta
Business Help Centre.
"""

import re
from hashlib import sha256
from typing import NamedTuple
from unicodedata import category

from models.errors import IdentifierError

RULES = 1
"""Of this table; hashes are kept with the number of the rules they were made by."""
MAX_EMAIL = 254
"""Characters of an address, by RFC 5321."""

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"""[^\s@"(),:;<>\[\]\\\x00-\x1f\x7f]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}""")
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Categories of characters that no address has, and that come with what is copied from elsewhere:
of an address that looks the same, the hash would be another."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_GMAIL = ("gmail.com", "googlemail.com")


class Hashed(NamedTuple):
    """One address or number, 32 bytes for each network."""

    google: bytes
    meta: bytes


def of_email(address: str) -> Hashed:
    """Return the hashes of an e-mail address.

    Raises:
        IdentifierError: It is no address.
    """
    plain = address.strip().lower()
    if len(plain) > MAX_EMAIL or not _EMAIL.fullmatch(plain):
        raise IdentifierError("is no e-mail address; expected name@domain")
    if any(category(one) in _UNSEEN for one in plain):
        raise IdentifierError("is no e-mail address; expected no characters that cannot be seen")
    name, _, domain = plain.rpartition("@")
    if name.startswith(".") or name.endswith("."):
        raise IdentifierError("is no e-mail address; expected a name without dots around it")
    if domain in _GMAIL:
        name = name.partition("+")[0].replace(".", "")
        if not name:
            raise IdentifierError("is no e-mail address; expected a name before the + and the @")
    return Hashed(google=_hash(f"{name}@{domain}"), meta=_hash(plain))


def of_phone(e164: str) -> Hashed:
    """Return the hashes of a telephone number that is written by E.164, as in ``+18005550100``.

    Raises:
        IdentifierError: It is not.
    """
    if not _E164.fullmatch(e164):
        raise IdentifierError("is no telephone number; expected + and 7 to 15 digits")
    return Hashed(google=_hash(e164), meta=_hash(e164.removeprefix("+")))


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
