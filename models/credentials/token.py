"""A customer's token: who they are, in the word of the shop's backend.

    ct1.<base64url of the claims, JSON>.<base64url of their HMAC-SHA256>

The shop's backend makes it where the customer has signed in, without asking anybody, and the
customer's page sends it along. The signature is of all before the second dot, with the 32 bytes of
a signing key. The prefix fixes how it is made, so a token cannot say how it wants to be checked.

    kid    the id of the signing key
    sub    the customer
    anon   the visitor that they were before they signed in, if the shop knows
    aud    the namespace
    scope  what it is for, separated by spaces
    iat    when it was made, seconds since 1970
    exp    from when on it is void, at most an hour later

Any other claim makes it void: a shop that writes one means something that would not be heeded.
The signature is compared as text, so that there is one way only to write a token.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest, digest
from typing import Any

import orjson

from models.errors import CredentialError

PREFIX = "ct1."
SCOPES = ("recommend", "offers", "events", "customers", "preferences", "privacy")
"""What a token can be for."""
LONGEST = 9216
"""Characters: two ids of 256 characters, each written in the longest way that JSON has, fit."""
LONGEST_LIFE_S = 3600
SKEW_S = 30
"""How far the clocks of the shop and of the server may be apart."""

_ID = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,256}")
_ENCODED = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_NOBODYS = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says."""

    kid: str
    sub: str
    anon: str | None = None
    aud: str
    scope: str
    iat: int
    exp: int

    def check(self) -> None:
        """Refuse claims that no token may make, whenever it is looked at.

        Raises:
            CredentialError: One of them is not what it should be; in words for whoever makes it.
        """
        ids = (self.kid, self.sub, self.aud, *(() if self.anon is None else (self.anon,)))
        if not all(_ID.fullmatch(id_) for id_ in ids):
            raise CredentialError(
                "an id in a token is not 1 to 256 characters without control characters; give the "
                "shop's own ids"
            )
        if not 0 < self.exp - self.iat <= LONGEST_LIFE_S:
            raise CredentialError(
                f"a token lives 1 to {LONGEST_LIFE_S} seconds; mint a new one as the page is built"
            )
        if not {*self.scope.split(" ")} <= {*SCOPES}:
            raise CredentialError(
                f"a token is for at least one of {' '.join(SCOPES)}, separated by a space"
            )

    def holds_at(self, now_s: float) -> bool:
        """Whether its time has come, and is not over."""
        return self.iat - SKEW_S <= now_s < self.exp + SKEW_S


_KINDS = dict.fromkeys(("kid", "sub", "anon", "aud", "scope"), str) | {"iat": int, "exp": int}


def mint(claims: Claims, secret: bytes) -> str:
    """Return the token that says ``claims``, signed with ``secret``.

    Raises:
        CredentialError: A claim is not what it should be.
    """
    claims.check()
    said = {name: told for name in _KINDS if (told := getattr(claims, name)) is not None}
    signed = PREFIX + _encoded(orjson.dumps(said))
    return f"{signed}.{_signature(signed, secret)}"


def verified(
    text: str, *, secret_of: Callable[[str], bytes | None], audience: str, now_s: float
) -> Claims | None:
    """Return what a token says, or None: whatever is wrong, after the same work.

    Args:
        text: What somebody sent.
        secret_of: Gives what the live signing key of an id signs with, None where there is none.
        audience: Whom the token must be for.
        now_s: Seconds since 1970.
    """
    signed, _, signature = text[:LONGEST].rpartition(".")
    claims = _read(signed)
    secret = secret_of(claims.kid) if claims is not None else None
    expected = _signature(signed, secret or _NOBODYS)
    is_signed = compare_digest(expected.encode(), signature.encode(errors="replace"))
    if not is_signed or secret is None or claims is None or len(text) > LONGEST:
        return None
    try:
        claims.check()
    except CredentialError:
        return None
    return claims if claims.aud == audience and claims.holds_at(now_s) else None


def _read(signed: str) -> Claims | None:
    """Return the claims as they are: only their names and types are checked."""
    encoded = signed.removeprefix(PREFIX)
    if encoded == signed or not _ENCODED.fullmatch(encoded):
        return None
    try:
        said: Any = orjson.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        if any(type(part) is not _KINDS.get(name) for name, part in said.items()):
            return None
        return Claims(**said)
    except (AttributeError, TypeError, ValueError):  # base64's own is a ValueError
        return None


def _signature(signed: str, secret: bytes) -> str:
    return _encoded(digest(secret, signed.encode(errors="replace"), "sha256"))


def _encoded(told: bytes) -> str:
    return urlsafe_b64encode(told).decode().rstrip("=")
