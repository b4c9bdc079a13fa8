"""Scripts that the store runs for requests: what is done at once or not at all.

A script is sent by its digest, and in full where the store does not know it yet. Nothing is sent
twice: a reply that is lost leaves the caller to say so, unless the script itself bears repetition.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from typing import Any

import hiredis
import structlog
from redis.exceptions import NoScriptError, ResponseError

from app.process import Process
from app.replies import said
from app.store import Store, StoreAway

log = structlog.get_logger(__name__)

Argument = bytes | str | int
Call = tuple[Sequence[str], Sequence[Argument]]
"""Keys, and what else a script is given."""

_MOST_CALLS = 256
"""In one pipeline: the last of them must make the deadline too, on a slow machine as well."""


class StoreRefused(Exception):
    """The store answers, and does not take it: it is full, read-only, or its disk is."""


@dataclass(frozen=True)
class Script:
    """A Lua script."""

    text: str

    @cached_property
    def digest(self) -> str:
        """What the store knows it by."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()


class Scripts:
    """Runs scripts in the store that holds the events."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        patience_s: float | None = None,
        failed: Callable[[str], None] = lambda _kind: None,
    ) -> None:
        """Prepare; what is asked before ``start`` starts it.

        Args:
            url: Where the store is.
            timeout_s: The deadline of one pipeline.
            patience_s: The longest that a call may wait in all, where many come at a time; six
                deadlines if absent.
            failed: Told the kind of each failure, for the metrics.
        """
        self._process = Process()
        self._store = Store(
            url,
            timeout_s=timeout_s,
            patience_s=patience_s or 6 * timeout_s,
            most=_MOST_CALLS,
            reply=said,
            welcome=self._process.meet,
            failed=failed,
        )
        self._failed = failed
        self._refusal: str | None = None
        """How the store refuses at present, so that each new way is logged once."""

    @property
    def away(self) -> bool:
        """Whether the store does not answer, so that nothing is asked of it."""
        return self._store.away

    def when_replaced(self, call: Callable[[], None]) -> None:
        """Have ``call`` called whenever another process answers than before, before it is asked.

        The one before has died, or a replica took its place: it may lack what was done last.
        """
        self._process.when_replaced.append(call)

    async def look(self) -> None:
        """See whether the store answers, so that its death is noticed when nobody asks."""
        await self._store.look()

    async def start(self) -> None:
        """Connect, or begin trying to."""
        await self._store.start()

    async def stop(self) -> None:
        """Let go of the connections."""
        await self._store.stop()

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[Argument]) -> Any:  # noqa: ANN401  # whatever the script returns
        """Return what ``script`` returns.

        Raises:
            StoreAway: No answer came in time; whether it ran is not known.
            StoreRefused: The store did not run it.
        """
        (reply,) = await self.run_each(script, [(keys, args)])
        if isinstance(reply, StoreAway | StoreRefused):
            raise reply
        return reply

    async def run_each(self, script: Script, calls: Sequence[Call]) -> list[Any]:
        """Return what ``script`` returns of each call, or the ``StoreAway`` or ``StoreRefused``."""
        await self._store.start()
        parts = [calls[n : n + _MOST_CALLS] for n in range(0, len(calls), _MOST_CALLS)]
        if len(parts) == 1:
            return await self._run_together(script, calls)
        replies = await asyncio.gather(*(self._run_together(script, part) for part in parts))
        return [reply for part in replies for reply in part]

    async def _run_together(self, script: Script, calls: Sequence[Call]) -> list[Any]:
        try:
            commands = b"".join([_by_digest(script, *call) for call in calls])
            replies = await self._store.leave(commands, len(calls))
            unknown = [n for n, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if unknown:
                commands = _in_full(script, *calls[unknown[0]])
                commands += b"".join([_by_digest(script, *calls[n]) for n in unknown[1:]])
                again = await self._store.leave(commands, len(unknown))
                for n, reply in zip(unknown, again, strict=True):
                    replies[n] = reply
        except StoreAway as problem:
            return [problem] * len(calls)
        return [self._answer(reply) for reply in replies]

    def _answer(self, reply: Any) -> Any:  # noqa: ANN401  # whatever the script returns
        refusal = None
        if isinstance(reply, ResponseError):
            refusal, reply = type(reply).__name__, StoreRefused(str(reply))
            self._failed("refused")
        if refusal != self._refusal:
            log.warning("store refuses scripts" if refusal else "store takes scripts", why=refusal)
            self._refusal = refusal
        return reply


def _by_digest(script: Script, keys: Sequence[str], args: Sequence[Argument]) -> bytes:
    return _packed("EVALSHA", script.digest, len(keys), *keys, *args)


def _in_full(script: Script, keys: Sequence[str], args: Sequence[Argument]) -> bytes:
    return _packed("EVAL", script.text, len(keys), *keys, *args)


def _packed(*parts: Argument) -> bytes:
    packed: bytes = hiredis.pack_command(parts)  # type: ignore[arg-type]  # declared as of one part
    return packed
