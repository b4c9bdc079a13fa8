"""The keys that open the interface: what each looks like, and what is kept of it.

    pk_<id>_<random>    publishable: stands in a shop's pages, for anybody to read
    sk_<id>_<random>    secret: a backend's, for what its scopes name
    sig_<id>_<random>   signing: signs customers' tokens, and is sent to nobody

The last part of a publishable and of a secret key are 22 characters of base62, 131 bits of chance,
so that they can be kept as a plain SHA-256: no list of likely ones could be tried against it. Of a
signing key the last part is base64url of 32 bytes, and these are kept themselves, for whoever
checks a signature needs what made it.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes
from typing import Literal

import orjson

from models.errors import CredentialError

Kind = Literal["publishable", "secret", "signing"]
PREFIXES: Mapping[Kind, str] = {"publishable": "pk", "secret": "sk", "signing": "sig"}
SCOPES = (
    "recommend",
    "offers",
    "events",
    "customers",
    "preferences",
    "privacy",
    "audiences",
    "audiences:export",
    "feeds",
    "segments",
    "catalog",
    "releases",
    "metrics",
)
"""All that a secret key can be for."""
LONGEST = 64
"""Characters: no key of ours has more."""

N_SIGNING = 32
"""Bytes that a signing key signs with."""

_TEXT = re.compile(r"(pk|sk|sig)_([0-9A-Za-z]{8})_([0-9A-Za-z_-]{22,43})", re.ASCII)
_NOBODYS = sha256(token_bytes()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is kept of a key."""

    id: str
    kind: Kind
    name: str
    """The shop's own word for it."""
    sha256: str | None = None
    """Of the whole text of a publishable or a secret key, in hexadecimal digits."""
    secret: str | None = None
    """Of a signing key: what it signs with, as base64url."""
    scopes: tuple[str, ...] = ()
    """Of a secret key."""
    origins: tuple[str, ...] = ()
    """Of a publishable key: those of the pages that it stands in, like ``https://shop.example``."""
    created_at: str
    revoked_at: str | None = None
    """Both RFC 3339 in UTC."""

    @property
    def is_live(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None

    @property
    def shown(self) -> str:
        """As much of its text as anybody may see again."""
        return f"{PREFIXES[self.kind]}_{self.id}_…"

    @property
    def signs_with(self) -> bytes:
        """The bytes that a signing key signs with."""
        return urlsafe_b64decode(f"{self.secret}=")

    def pack(self) -> bytes:
        """Return the key as JSON, without its id."""
        kept = asdict(self)
        del kept["id"]
        return orjson.dumps({name: part for name, part in kept.items() if part not in (None, ())})

    @classmethod
    def unpack(cls, id_: str, packed: bytes) -> "Key":
        """Read what ``pack`` wrote.

        Raises:
            CredentialError: It is none of ours.
        """
        try:
            kept = orjson.loads(packed)
            for name in ("scopes", "origins"):
                kept[name] = tuple(kept.get(name, ()))
            found = cls(**kept, id=id_)
            if found.kind == "signing":
                well = len(found.signs_with) == N_SIGNING
            else:
                well = found.kind in PREFIXES and len(bytes.fromhex(found.sha256 or "")) == 32
        except (AttributeError, TypeError, ValueError):
            well = False
        if not well:
            raise CredentialError(
                "a key's bytes are not one of ours; create another with `cartera keys create`"
            )
        return found


def opened(text: str, kind: Kind, keys: Mapping[str, Key]) -> Key | None:
    """Return the live key whose text this is, or None: whatever is wrong, after the same work.

    Args:
        text: What somebody sent.
        kind: Publishable or secret.
        keys: All that there are, by id.
    """
    told = text[:LONGEST].encode(errors="replace")
    parts = _TEXT.fullmatch(text[:LONGEST])
    key = keys.get(parts[2]) if parts is not None else None
    kept = key.sha256 if key is not None else None
    is_its = compare_digest(sha256(told).hexdigest(), kept or _NOBODYS)
    if not is_its or key is None or key.kind != kind or not key.is_live or len(text) > LONGEST:
        return None
    return key


def signing(text: str) -> tuple[str, bytes]:
    """Return the id of a signing key and what it signs with, from the text that was shown.

    Raises:
        CredentialError: It is no signing key.
    """
    parts = _TEXT.fullmatch(text)
    if parts is None or parts[1] != "sig" or len(parts[3]) != 43:  # 32 bytes
        raise CredentialError(
            "this is no signing key; expected sig_…, as `cartera keys create --kind signing` "
            "printed it"
        )
    return parts[2], urlsafe_b64decode(f"{parts[3]}=")
