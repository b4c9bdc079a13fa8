"""Keys in a real store, and what their holders send."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis
from starlette.types import ASGIApp, Receive, Scope, Send

from models.artifacts.keys import Keys
from models.credentials import token
from models.credentials.issue import issue
from models.credentials.key import SCOPES, Kind, signing
from training import keys as kept

ORIGIN = "https://shop.example"
Headers = dict[str, str]


@dataclass(frozen=True)
class Holders:
    """Those who hold keys of one namespace."""

    store_url: str
    namespace: str

    def key(
        self, kind: Kind, *, scopes: Sequence[str] = (), origins: Sequence[str] = ()
    ) -> tuple[str, str]:
        """Make a key; return its id and its text."""
        now = datetime.now(UTC)
        issued = issue(kind, name="shop", scopes=tuple(scopes), origins=tuple(origins), now=now)
        with redis.Redis.from_url(self.store_url) as store:
            store.hset(Keys(self.namespace).credentials, issued.key.id, issued.key.pack())
        return issued.key.id, issued.text

    def revoke(self, id_: str) -> None:
        with redis.Redis.from_url(self.store_url) as store:
            kept.revoke(store, Keys(self.namespace), id_, now=datetime.now(UTC))

    def secret(self, *scopes: str) -> str:
        return self.key("secret", scopes=scopes or SCOPES)[1]

    def publishable(self, *origins: str) -> str:
        return self.key("publishable", origins=origins or (ORIGIN,))[1]

    def signing(self) -> str:
        return self.key("signing")[1]

    def token(self, signing_key: str, *, made_s: int = 0, **changes: object) -> str:
        """Return a token of ``ana`` for everything, but for what is changed."""
        kid, secret = signing(signing_key)
        now_s = int(time.time()) + made_s
        claims: dict[str, Any] = {
            "kid": kid,
            "sub": "ana",
            "aud": self.namespace,
            "scope": " ".join(token.SCOPES),
            "iat": now_s,
            "exp": now_s + 900,
        }
        return token.mint(token.Claims(**claims | changes), secret)


FAR: Headers = {"X-Test-Address": "192.0.2.7"}
"""Of a request that comes from another machine."""


def from_anywhere(server: ASGIApp) -> ASGIApp:
    """Return a server that a request reaches from the address it says, or else from this machine.

    One client for all addresses, for a server lives on the loop of the client that started it.
    """

    async def placed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            told = dict(scope["headers"]).get(b"x-test-address", b"127.0.0.1")
            scope = {**scope, "client": (told.decode(), 1)}
        await server(scope, receive, send)

    return placed


def bearer(text: str) -> Headers:
    return {"Authorization": f"Bearer {text}"}


def page(text: str) -> Headers:
    return {"X-API-Key": text}


def bad(holders: Holders) -> dict[str, Headers]:
    """One of every credential that is not good."""
    secret, signing = holders.secret(), holders.signing()
    revoked_id, revoked = holders.key("secret", scopes=["recommend"])
    voided_id, voided = holders.key("signing")
    foreign = Holders(holders.store_url, f"{holders.namespace}-other")
    token = holders.token(signing)
    for id_ in (revoked_id, voided_id):
        holders.revoke(id_)
    return {
        "none": {},
        "unknown": bearer("sk_aaaaaaaa_" + "a" * 22),
        "unknown page": page("pk_aaaaaaaa_" + "a" * 22),
        "foreign": bearer(foreign.secret()),
        "foreign token": bearer(foreign.token(foreign.signing())),
        "revoked": bearer(revoked),
        "signed by a revoked key": bearer(holders.token(voided)),
        "for another shop": bearer(holders.token(signing, aud="another")),
        "expired": bearer(holders.token(signing, made_s=-1000)),
        "not yet": bearer(holders.token(signing, made_s=100)),
        "one bit of a key": bearer(secret[:-1] + chr(ord(secret[-1]) ^ 1)),
        "one bit of a token": bearer(token[:-1] + chr(ord(token[-1]) ^ 1)),
        "10 kB of a token": bearer(token + "A" * 10_240),
        "none of ours": {"Authorization": "Basic YTpi"},
    }
