"""Customers' tokens, and who they say it is.

A page sends the same token with every request until it is void, and checking one takes longer than
all else that is done about credentials; so those that were good are remembered, for as long as they
hold and the keys stay as they are.
"""

import time
from collections.abc import Mapping

from app.caller import Caller
from models.credentials import token

MAX_REMEMBERED = 4096


class Tokens:
    """Checks the tokens of one namespace."""

    def __init__(self, audience: str) -> None:
        """Begin without a key, so that no token is good."""
        self._audience = audience
        self._signing: Mapping[str, bytes] = {}
        self._good: dict[tuple[str, str], tuple[Caller, int]] = {}
        """Whose a token is, beside which publishable key, and until when; the oldest first."""

    def sign_with(self, signing: Mapping[str, bytes]) -> None:
        """Take what the live keys sign with, by their ids; what others have signed is void."""
        self._signing = signing
        self._good.clear()

    def caller_of(self, text: str, page: Caller | None) -> Caller | None:
        """Return who sends a token, or None where it is not good.

        Args:
            text: What was sent.
            page: Who sends the publishable key beside it, if any.
        """
        beside = page.key_id if page is not None else ""
        caller, until_s = self._good.get((text, beside), (None, 0))
        if time.time() < until_s:
            return caller
        return self._checked(text, page)

    def _checked(self, text: str, page: Caller | None) -> Caller | None:
        claims = token.verified(
            text, secret_of=self._signing.get, audience=self._audience, now_s=time.time()
        )
        if claims is None:
            return None
        caller = Caller(
            kind="token",
            key_id=claims.kid,
            scopes=frozenset(claims.scope.split(" ")),
            customer_id=claims.sub,
            anonymous_id=claims.anon,
            origins=page.origins if page is not None else None,
        )
        if len(self._good) >= MAX_REMEMBERED:
            del self._good[next(iter(self._good))]
        beside = page.key_id if page is not None else ""
        self._good[text, beside] = caller, claims.exp + token.SKEW_S
        return caller
