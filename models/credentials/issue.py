"""New keys: each made of chance, checked before, and shown once."""

import re
import string
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from secrets import choice, token_bytes
from typing import NamedTuple
from urllib.parse import urlsplit

from models.credentials.key import N_SIGNING, PREFIXES, SCOPES, Key, Kind
from models.errors import CredentialError

_BASE62 = string.digits + string.ascii_letters
_N_ID, _N_RANDOM = 8, 22
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", re.ASCII)


class Issued(NamedTuple):
    """A new key, and the text that is shown once."""

    key: Key
    text: str


def issue(
    kind: Kind,
    *,
    name: str,
    scopes: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
    now: datetime,
) -> Issued:
    """Make a new key; it opens nothing before it is kept where servers look.

    Args:
        kind: What it is for.
        name: 1 to 64 letters, digits, spaces, dots, dashes and underscores.
        scopes: Of a secret key, at least one of ``SCOPES``.
        origins: Of a publishable key, at least one.
        now: Aware.

    Raises:
        CredentialError: A part is not what it should be, or not for a key of this kind.
    """
    _check(kind, name=name, scopes=scopes, origins=origins)
    id_ = _chosen(_N_ID)
    if kind == "signing":
        random = urlsafe_b64encode(token_bytes(N_SIGNING)).decode().rstrip("=")
    else:
        random = _chosen(_N_RANDOM)
    text = f"{PREFIXES[kind]}_{id_}_{random}"
    key = Key(
        id=id_,
        kind=kind,
        name=name,
        sha256=None if kind == "signing" else sha256(text.encode()).hexdigest(),
        secret=random if kind == "signing" else None,
        scopes=tuple(dict.fromkeys(scopes)),
        origins=tuple(dict.fromkeys(origins)),
        created_at=now.astimezone(UTC).isoformat(timespec="seconds"),
    )
    return Issued(key, text)


def _chosen(n: int) -> str:
    return "".join(choice(_BASE62) for _ in range(n))


def _check(kind: Kind, *, name: str, scopes: tuple[str, ...], origins: tuple[str, ...]) -> None:
    if not _NAME.fullmatch(name):
        raise CredentialError(
            "the name of a key is 1 to 64 letters, digits, spaces, dots, dashes and underscores, "
            "beginning with a letter or digit; name what will hold it, as in --name shop"
        )
    if bool(scopes) != (kind == "secret"):
        raise CredentialError(
            f"a {kind} key takes {'at least one' if kind == 'secret' else 'no'} --scope; only "
            "secret keys have scopes"
        )
    if bool(origins) != (kind == "publishable"):
        raise CredentialError(
            f"a {kind} key takes {'at least one' if kind == 'publishable' else 'no'} --origin; "
            "only publishable keys have origins"
        )
    if unknown := sorted({*scopes} - {*SCOPES}):
        raise CredentialError(
            f"{len(unknown)} of the scopes is none of ours; known: {' '.join(SCOPES)}"
        )
    for origin in origins:
        _check_origin(origin)


def _check_origin(origin: str) -> None:
    """Refuse what no browser sends as ``Origin``."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    plain = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    usual = {"http": 80, "https": 443}
    if origin != plain or usual.get(parts.scheme, port) == port or not host or "*" in host:
        raise CredentialError(
            "an origin is what a browser sends: https://shop.example, in small letters, with the "
            "port where it is not the usual one, without a path"
        )
