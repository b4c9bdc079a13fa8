"""What this server knows of audiences: one as it stands now, and which builds make which of them.

Two ways to ask, for two kinds of askers:

    await audiences.get(id)      one audience, out of the store, with what was just written
    audiences.of_builds(builds)  what a customer's memberships mean, out of memory and at once

The store counts every change of an audience. About once a second that count is read, and where it
moved what was built of all audiences; what was asked of one, once. So a new build is known here a
second after it was written, as is that an audience was deleted. While the store is away what was
known stays known: a customer's memberships stand in the same store, so nobody is told anything
meanwhile. Audiences expire by the clock.

The scripts of audiences go over links of their own: a list of 20,000 seeds is no hindrance to the
counting of contacts, and has more time than that.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import structlog

from app.errors import NotReady
from app.scripts import Script, Scripts, StoreRefused
from app.store import StoreAway
from models.artifacts.audience import FIELDS, Asked, Audience, Built, has_expired
from models.artifacts.keys import Keys
from models.audience_told import Told, told
from models.errors import ArtifactCorrupt

POLL_S = 1.0
ANSWER_S = 1.0
"""The deadline of one script."""
_CHANGES = Script("return redis.call('GET', KEYS[1]) or ''")
_IDS = Script("return redis.call('ZREVRANGE', KEYS[1], 0, -1)")
_GET = Script("""
local found = {}
for n, key in ipairs(KEYS) do
  found[n] = redis.call('HMGET', key, unpack(ARGV))
end
return found
""")
_AT_ONCE = 100
"""Audiences of one script: all of a thousand would keep the store for some milliseconds."""
_N_KEPT = 2048

Packed = Sequence[bytes | None]
"""The values of some fields."""

log = structlog.get_logger(__name__)


class Ready(NamedTuple):
    """An audience whose members may be read."""

    audience_id: str
    expires_ms: int | None


class Audiences:
    """The audiences of one namespace."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        *,
        failed: Callable[[str], None] = lambda _kind: None,
        corrupt: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing connects before ``start``.

        Args:
            url: The store that holds the events.
            keys: Of the namespace.
            failed: Told the kind of each failure of the store, for the metrics.
            corrupt: Told of each audience that cannot be read, for the metrics.
        """
        self.known = False
        """Whether the store has said, since the start, which audiences there are."""
        self.ready: Mapping[int, Ready] = {}
        """By the number of their build; those that expired since may be among them."""
        self.scripts = Scripts(url, timeout_s=ANSWER_S, patience_s=2 * ANSWER_S, failed=failed)
        self._keys = keys
        self._corrupt = corrupt
        self._expires: Mapping[str, int | None] = {}
        """When each audience is forgotten: that is said once, when it is asked for."""
        self._read: bytes | None = None
        """The count of changes when all were read last."""
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Learn which audiences there are, or begin trying to."""
        await self.scripts.start()
        self.scripts.when_replaced(self._doubt)
        await self.refresh()
        self._task = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Let go of the connections."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.scripts.stop()

    def of_builds(self, builds: Mapping[int, int]) -> list[tuple[str, int]]:
        """Return the audiences that builds make, the best fit first, then by id.

        Builds that no audience names any more are left out, and so are audiences that expired.

        Args:
            builds: As ``models.artifacts.audience.memberships`` reads them: how well a customer
                fits each, 0 to 100.
        """
        now_ms = time.time() * 1000
        found = [
            (ready.audience_id, fit)
            for build, fit in builds.items()
            if (ready := self.ready.get(build)) is not None
            and not has_expired(ready.expires_ms, now_ms=now_ms)
        ]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    async def get(self, audience_id: str) -> Audience | None:
        """Return one audience as it stands now; None where there is none, or no longer.

        Raises:
            NotReady: The store did not answer in time, or what it has cannot be read.
        """
        (packed,) = await self._packed([audience_id], FIELDS)
        try:
            return _lasting(Audience.of(audience_id, [*packed]))
        except ArtifactCorrupt as problem:
            raise self._unreadable(problem) from None

    async def told(self, audience_id: str) -> Told | None:
        """Return what is known of one audience; all else is as ``get`` has it."""
        audience = await self.get(audience_id)
        try:
            return None if audience is None else told(audience)
        except ArtifactCorrupt as problem:
            raise self._unreadable(problem) from None

    async def all_told(self) -> list[Told]:
        """Return what is known of every audience, the latest first.

        Those that cannot be read are told to the log.

        Raises:
            NotReady: The store did not answer in time.
        """
        return await asyncio.to_thread(self._understood, await self._all())  # of a thousand, 30 ms

    async def expired(self) -> list[str]:
        """Return the ids of audiences that have expired, and that no worker has cleared away yet.

        Raises:
            NotReady: The store did not answer in time.
        """
        expires, now_ms = self._when_they_expire(await self._all()), time.time() * 1000
        return [id_ for id_, at_ms in expires.items() if has_expired(at_ms, now_ms=now_ms)]

    async def refresh(self) -> None:
        """See whether anything changed; where the store does not answer, what was known stays."""
        try:
            changes = await self._run(_CHANGES, self._keys.audience_changes)
            if changes != self._read:
                await self._read_builds()
                self._read, self.known = changes, True
        except NotReady:
            log.debug("audiences not read; the store does not answer")

    def _doubt(self) -> None:
        """Read all again: another process answers, and may count anew what it lacks."""
        self._read, self._expires = None, {}

    async def _keep_fresh(self) -> None:
        # asyncio.wait_for of Python 3.11, which redis-py uses, may lose a cancellation.
        while not self._stopping:
            await asyncio.sleep(POLL_S)
            try:
                await self.refresh()
            except Exception:  # whatever it is, what is known stays known
                log.exception("asking for audiences failed")

    def _understood(self, packed: Mapping[str, Packed]) -> list[Told]:
        documents = []
        for audience_id, fields in packed.items():
            try:
                audience = _lasting(Audience.of(audience_id, [*fields]))
                if audience is not None:
                    documents.append(told(audience))
            except ArtifactCorrupt as problem:
                self._refuse(problem)
        return documents

    async def _read_builds(self) -> None:
        """Read what was built of each audience, and what was asked of those that are new."""
        ids = await self._ids()
        built = dict(zip(ids, await self._packed(ids, (b"built",)), strict=True))
        new = [id_ for id_ in ids if id_ not in self._expires and built[id_][0]]
        asked = zip(new, await self._packed(new, (b"asked",)), strict=True)
        expires = {**self._expires, **self._when_they_expire(dict(asked))}
        self._expires = {id_: expires[id_] for id_ in ids if id_ in expires}
        self.ready = dict(self._by_build({id_: built[id_] for id_ in self._expires}))

    def _when_they_expire(self, packed: Mapping[str, Packed]) -> Mapping[str, int | None]:
        """Return when those expire of which it can be read; what was asked comes first."""
        expires: dict[str, int | None] = {}
        for audience_id, (asked, *_) in packed.items():
            if asked:
                try:
                    expires[audience_id] = Asked.unpack(asked).expires_ms
                except ArtifactCorrupt as problem:
                    self._refuse(problem)
        return expires

    def _by_build(self, packed: Mapping[str, Packed]) -> Iterable[tuple[int, Ready]]:
        for audience_id, (built, *_) in packed.items():
            if built:
                try:
                    yield _build(built), Ready(audience_id, self._expires[audience_id])
                except ArtifactCorrupt as problem:
                    self._refuse(problem)

    async def _ids(self) -> Sequence[str]:
        """Return the ids of all audiences, the latest first."""
        listed = await self._run(_IDS, self._keys.audience_ids)
        return [one.decode("ascii", "replace") for one in listed]

    async def _all(self) -> dict[str, Packed]:
        """Return every audience as the store has it, by its id, the latest first."""
        ids = await self._ids()
        return dict(zip(ids, await self._packed(ids, FIELDS), strict=True))

    async def _packed(self, ids: Sequence[str], fields: Sequence[bytes]) -> list[Packed]:
        names = [self._keys.audience(id_) for id_ in ids]
        parts = [names[n : n + _AT_ONCE] for n in range(0, len(names), _AT_ONCE)]
        replies = await self.scripts.run_each(_GET, [(part, fields) for part in parts])
        return [one for reply in replies for one in _answered(reply)]

    async def _run(self, script: Script, key: str) -> Any:  # noqa: ANN401  # whatever it returns
        (reply,) = await self.scripts.run_each(script, [([key], [])])
        return _answered(reply)

    def _refuse(self, problem: ArtifactCorrupt) -> None:
        self._corrupt()
        log.error("audience refused", reason=str(problem))

    def _unreadable(self, problem: ArtifactCorrupt) -> NotReady:
        self._refuse(problem)
        return NotReady(
            "the audience cannot be read by this server; it was damaged or is a newer Cartera's: "
            "ask a server of that, or delete it and ask for it anew"
        )


def _answered(reply: Any) -> Any:  # noqa: ANN401  # whatever the script returns
    if isinstance(reply, StoreAway | StoreRefused):
        raise NotReady("audiences stand in the store, which does not answer; ask again")
    return reply


def _lasting(audience: Audience | None) -> Audience | None:
    """Return an audience unless it has expired: then there is none."""
    if audience is None or audience.has_expired(now_ms=time.time() * 1000):
        return None
    return audience


@lru_cache(_N_KEPT)
def _build(built: bytes) -> int:
    """Return the build whose members may be read; remembered, for others change every second."""
    return Built.unpack(built).build
