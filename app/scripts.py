"""Scripts that the store runs for requests: what is done at once or not at all.

A script is sent by its digest, and in full where the store does not know it yet. Nothing is sent
twice: a reply that is lost leaves the caller to say so, unless the script itself bears repetition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from app.deadline import within
from app.store import StoreAway

Argument = bytes | str | int


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

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = redis.asyncio.Redis.from_url(
            url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1.0, socket_timeout=timeout_s
        )

    async def stop(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[Argument]) -> Any:  # noqa: ANN401  # whatever the script returns
        """Return what ``script`` returns.

        Raises:
            StoreAway: No answer came in time; whether it ran is not known.
            StoreRefused: The store did not run it.
        """
        try:
            async with within(self._timeout_s):
                try:
                    return await self._client.evalsha(script.digest, len(keys), *keys, *args)
                except NoScriptError:
                    return await self._client.eval(script.text, len(keys), *keys, *args)
        except ResponseError as problem:
            raise StoreRefused(str(problem)) from problem
        except (RedisError, OSError, TimeoutError) as problem:
            raise StoreAway from problem
