"""Which keys there are, and who it is that sends one.

Twice a second the store is asked for the keys, so a revoked one opens nothing within two seconds on
every server. What the store said last is remembered while it is away, and kept in the data
directory, so that a server that starts without the store still knows whom to let in. That there are
none is in no copy: one who made a key meanwhile would find the server open. So where nothing is
known, nobody is let in until the store has answered.

Where there once was a key there never is none: a store that was emptied does not open the server
to everybody, but is not believed, until it has a key again. Whoever really wants to begin anew
removes the copy too.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Literal

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.caller import Caller
from app.deadline import within
from app.errors import InvalidCredentials
from app.key_copy import KeyCopy
from app.tokens import Tokens
from models.artifacts.keys import Keys
from models.credentials import token
from models.credentials.key import Key, opened
from models.errors import CredentialError

POLL_S = 0.5
_ANSWER_S = 0.9

log = structlog.get_logger(__name__)


class Credentials:
    """The keys of one namespace."""

    def __init__(self, url: str, keys: Keys, *, data_dir: Path) -> None:
        """Prepare; no key is known before ``start``."""
        self.answered = False
        """Whether the store has said, since the start, which keys there are."""
        self.origins: frozenset[str] = frozenset()
        """Of the pages that live publishable keys stand in."""
        self._place = keys.credentials
        self._copy = KeyCopy(data_dir, keys.namespace)
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_ANSWER_S,
            socket_timeout=_ANSWER_S,
            decode_responses=False,
        )
        self._packed: dict[str, bytes] = {}
        self._keys: dict[str, Key] = {}
        self._callers: dict[str, Caller] = {}
        self._tokens = Tokens(keys.namespace)
        self._closed = self._emptied = False
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def exist(self) -> bool:
        """Whether there ever was a key, be it revoked or unreadable: then only holders come in."""
        return self._closed

    async def start(self) -> None:
        """Learn the keys from the store, or from the copy where it cannot be asked."""
        await self._recall()
        await self.refresh()
        if not (self.exist or self.answered):
            log.warning("the store does not say which keys there are: until then nobody is let in")
        self._task = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Stop asking for keys."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()

    async def refresh(self) -> None:
        """Ask the store once; where it does not answer, what was known stays known."""
        try:
            async with within(_ANSWER_S):
                found: Any = await self._redis.hgetall(self._place)
        except (RedisError, OSError, TimeoutError):
            return
        if not isinstance(found, dict):
            return
        packed = {id_.decode(errors="replace"): key for id_, key in found.items()}
        if not packed and self.exist:
            if not self._emptied:
                log.warning("the store has no keys any more; those that it had stay good")
            self._emptied = True
            return
        if not (packed or self.answered):
            log.warning(
                "there are no keys: whoever is on this machine may do everything, and nobody else "
                "anything; `cartera keys create` makes one"
            )
        self.answered, self._emptied = True, False
        if packed != self._packed:
            self._take(packed)
            await self._keep()

    def caller_of(self, *, api_key: str | None, bearer: str | None) -> Caller:
        """Return who it is that sends these; what came as a bearer counts where both did.

        Args:
            api_key: A publishable key.
            bearer: A secret key or a customer's token.

        Raises:
            InvalidCredentials: One of them is not good, or there is none; nobody is told which.
        """
        page = self._holder(api_key, "publishable") if api_key is not None else None
        if bearer is None:
            found = page
        elif bearer.startswith(token.PREFIX):
            found = self._tokens.caller_of(bearer, page)
        else:
            found = self._holder(bearer, "secret")
        if found is None or (api_key is not None and page is None):
            raise InvalidCredentials
        return found

    def _holder(self, text: str, kind: Literal["publishable", "secret"]) -> Caller | None:
        key = opened(text, kind, self._keys)
        return self._callers[key.id] if key is not None else None

    def _take(self, packed: dict[str, bytes]) -> None:
        """Let in the holders of these from now on, and nobody else."""
        if not self.exist:
            log.info("there are keys: their holders are let in, and nobody else", keys=len(packed))
        self._closed = True
        keys = {}
        for id_, one in packed.items():
            try:
                keys[id_] = Key.unpack(id_, one)
            except CredentialError as problem:
                log.error("key refused", reason=str(problem))
        live = [key for key in keys.values() if key.is_live]
        self._packed, self._keys = packed, keys
        self._callers = {key.id: _holder_of(key) for key in live if key.kind != "signing"}
        signing = {key.id: key.signs_with for key in live if key.kind == "signing"}
        self._tokens.sign_with(signing)
        self.origins = frozenset(origin for key in live for origin in key.origins)

    async def _keep_fresh(self) -> None:
        # asyncio.wait_for of Python 3.11, which redis-py uses, may lose a cancellation.
        while not self._stopping:
            await asyncio.sleep(POLL_S)
            try:
                await self.refresh()
            except Exception:  # whatever it is, the keys that are known stay good
                log.exception("asking for keys failed")

    async def _recall(self) -> None:
        """Read the copy; one that cannot be read still says that there were keys."""
        try:
            packed = await asyncio.to_thread(self._copy.read)
        except (CredentialError, OSError) as problem:
            self._closed = True
            log.error("copy of the keys refused", reason=str(problem))
            return
        if packed is not None:
            self._take(packed)

    async def _keep(self) -> None:
        """Write the copy; a full disk must not keep a key from opening."""
        try:
            await asyncio.to_thread(self._copy.write, self._packed)
        except OSError as problem:
            log.warning("copy of the keys not kept", problem=problem.strerror)


def _holder_of(key: Key) -> Caller:
    return Caller(
        kind="publishable" if key.kind == "publishable" else "secret",
        key_id=key.id,
        scopes=frozenset(key.scopes),
        origins=frozenset(key.origins) if key.kind == "publishable" else None,
    )
