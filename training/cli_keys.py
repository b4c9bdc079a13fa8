"""``cartera keys …`` and ``cartera token mint``: who may call the server.

A key is shown once, on stdout and alone, so that a script can take it; everything else is said on
stderr. No secret is ever an argument, where every user of the machine could read it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import redis
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from models.artifacts.keys import Keys
from models.credentials import key, token
from models.credentials.issue import issue
from training import keys as kept
from training.budget import Budget
from training.errors import TrainingError
from training.in_words import in_words, settings_told
from training.settings import TrainerSettings
from training.stores import open_store

keys = typer.Typer(
    no_args_is_help=True, help="Make, show and revoke the keys that callers of the server show."
)
tokens = typer.Typer(no_args_is_help=True, help="Say who a signed-in customer is.")

_TOLD = Console(stderr=True, highlight=False, soft_wrap=True)
_USE = {
    "publishable": "stands in the pages of its origins, sent as X-API-Key",
    "secret": "is for a backend, sent as Authorization: Bearer",
    "signing": "signs customers' tokens in the shop's backend, and is sent to nobody",
}


@keys.command()
def create(
    kind: Annotated[
        key.Kind, typer.Option(help="publishable (pages), secret (backends), signing (tokens).")
    ],
    name: Annotated[str, typer.Option(help="Your own word for whoever holds it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What a secret key is for; repeat it. {' '.join(key.SCOPES)}."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="Where the pages of a publishable key come from; repeat it."),
    ] = None,
) -> None:
    """Make a key and print it, once: only what checks it is kept.

    A name may have two secret keys at a time, so that the new one is in use before the old one is
    revoked. From the first key on the server lets in nobody without one.

    Examples:

    `cartera keys create --kind secret --name shop --scope recommend --scope events`

    `cartera keys create --kind publishable --name pages --origin https://shop.example`

    `cartera keys create --kind signing --name shop > signing.key`
    """
    with in_words(), _store() as (store, settings):
        issued = issue(
            kind,
            name=name,
            scopes=tuple(scope or ()),
            origins=tuple(origin or ()),
            now=datetime.now(UTC),
        )
        kept.put(store, Keys(settings.namespace), issued)
    _TOLD.print(f"{issued.key.shown} {_USE[kind]}. It is shown this once:")
    typer.echo(issued.text)


@keys.command("list")
def list_() -> None:
    """Show every key: what it is for and whether it is live, never the key itself.

    Example: `cartera keys list`
    """
    with in_words(), _store() as (store, settings):
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for head in ("id", "key", "name", "for", "made (UTC)", "state"):
            table.add_column(head, overflow="fold")
        for one in kept.everyone(store, Keys(settings.namespace)):
            state = "live" if one.revoked_at is None else f"revoked {_minute(one.revoked_at)}"
            what = " ".join(one.scopes or one.origins)
            table.add_row(one.id, one.shown, one.name, what, _minute(one.created_at), state)
        Console(width=None if sys.stdout.isatty() else 160).print(table)


@keys.command()
def revoke(
    id_: Annotated[str, typer.Argument(metavar="ID", help="One of `cartera keys list`.")],
) -> None:
    """Let a key open nothing any more, within two seconds on every server.

    Of a signing key, every token that it signed is void.

    Example: `cartera keys revoke 4fT0aZ9q`
    """
    with in_words(), _store() as (store, settings):
        found = kept.revoke(store, Keys(settings.namespace), id_, now=datetime.now(UTC))
    typer.echo(f"{found.shown} of {found.name} is revoked, since {found.revoked_at}")


@tokens.callback()
def _tokens() -> None:
    """Say who a signed-in customer is."""


@tokens.command()
def mint(
    customer: Annotated[str, typer.Option(help="The shop's own id of the customer.")],
    scope: Annotated[
        list[str], typer.Option(help=f"What it is for; repeat it. {' '.join(token.SCOPES)}.")
    ],
    ttl: Annotated[str, typer.Option(help="How long it holds: 90s, 15m, 1h at most.")] = "15m",
    anonymous: Annotated[
        str | None, typer.Option(help="The visitor that they were before they signed in.")
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(help="Holds the signing key; - is stdin. Default: CARTERA_SIGNING_KEY."),
    ] = None,
) -> None:
    """Print a customer's token; the store is not asked.

    A shop's backend does the same by itself: `ct1.`, the claims as JSON in base64url, a dot, and
    the HMAC-SHA256 of all before that dot in base64url, both without `=`. It is made with the 32
    bytes that the last part of the signing key is base64url of; the part before it is `kid`.

    Claims: `kid`; `sub`, the customer; `anon`, their visitor's id, may be absent; `aud`, the
    namespace (CARTERA_NAMESPACE, `cartera`); `scope`, separated by spaces; `iat` and `exp`, seconds
    since 1970, at most an hour apart. Any other makes it void.

    Examples:

    `cartera token mint --customer c-1042 --scope recommend --scope events --key-file signing.key`

    `cartera token mint --customer c-1042 --anonymous v-5f0c --scope customers --ttl 1h`
    """
    with in_words():
        settings = settings_told()
        kid, secret = key.signing(_signing_key(key_file, settings))
        now_s = int(datetime.now(UTC).timestamp())
        claims = token.Claims(
            kid=kid,
            sub=customer,
            anon=anonymous,
            aud=settings.namespace,
            scope=" ".join(dict.fromkeys(scope)),
            iat=now_s,
            exp=now_s + _seconds(ttl),
        )
        typer.echo(token.mint(claims, secret))


def _signing_key(file: Path | None, settings: TrainerSettings) -> str:
    if file is not None:
        return (sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")).strip()
    if settings.signing_key is None:
        raise TrainingError(
            "no signing key was given; put what `cartera keys create --kind signing` printed into "
            "CARTERA_SIGNING_KEY, or name a file that holds it with --key-file"
        )
    return settings.signing_key.get_secret_value()


def _seconds(ttl: str) -> int:
    try:
        return int(Budget.of(ttl).seconds)
    except ValueError as problem:
        raise typer.BadParameter(
            "expected a time such as 90s or 15m", param_hint="--ttl"
        ) from problem


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


@contextmanager
def _store() -> Iterator[tuple[redis.Redis, TrainerSettings]]:
    settings = settings_told()
    with open_store(settings.redis_url, settings.data_dir) as store:
        yield store, settings
