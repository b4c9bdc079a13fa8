"""Who took members of an audience, in which form, how many and why: a stream in the store for each.

Every export and every page has two entries: one before anything is given, without which nothing is,
and one after the last member, which says what was given. Each reads on its own. The id of the first
names the export. Where there is no second, a server was ended in the midst of it, or could not say:
then as much as all may have been given. No entry names a customer.

Field ``e`` of an entry is JSON: all of ``Entry``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

import orjson
import structlog

from app.export.rows import Format
from app.scripts import Script, Scripts
from models.artifacts.keys import Keys

_TOGETHER = 200
"""Entries read and understood before others have their turn: in a millisecond."""
_FIRST = (0, 0)
"""Of an id; no entry is older."""
_WRITE = Script("return redis.call('XADD', KEYS[1], '*', 'e', ARGV[1])")
_READ = Script("return redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])")
"""ARGV: where to begin, and how many entries to read."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is noted of an export when it begins, or when it has ended."""

    event: Literal["began", "ended"]
    export_id: str | None = None
    """The id of the entry of its beginning; None in that one."""
    audience_id: str
    build: int
    key_id: str
    """Of whoever took them; empty where no keys are configured."""
    format: Format
    media_type: str
    purpose: str
    extent: Literal["whole", "page"]
    outcome: Literal["complete", "aborted"] | None = None
    """How it ended."""
    members: int = 0
    """Given so far."""
    rows: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    """Members that were not given, by reason."""


class Noted(NamedTuple):
    """Some entries, newest first, and the id before which older ones stand, if there are any."""

    entries: list[tuple[str, Entry]]
    next: str | None


class Audit:
    """The exports of one namespace."""

    def __init__(self, scripts: Scripts, keys: Keys) -> None:
        """Prepare; nothing is asked yet."""
        self._scripts = scripts
        self._keys = keys

    async def write(self, entry: Entry) -> str:
        """Write an entry; return its id.

        Raises:
            StoreAway: The store did not say that it did.
            StoreRefused: It did not.
        """
        key, packed = self._keys.audience_exports(entry.audience_id), orjson.dumps(asdict(entry))
        return bytes(await self._scripts.run(_WRITE, [key], [packed])).decode()

    async def read(self, audience_id: str, *, before: str | None, limit: int) -> Noted:
        """Return the latest entries of an audience.

        Args:
            audience_id: Whose.
            before: Only entries older than that of this id; None is the latest.
            limit: How many at most.

        Raises:
            StoreAway: The store did not answer in time.
            StoreRefused: It answers, and cannot say.
        """
        key = self._keys.audience_exports(audience_id)
        found: list[tuple[str, Entry]] = []
        while len(found) < limit:
            if before is not None and _parts(before) == _FIRST:
                return Noted(found, None)
            together = min(_TOGETHER, limit - len(found))
            begin = "+" if before is None else f"({before}"
            read = await self._scripts.run(_READ, [key], [begin, together])
            for id_, fields in read:
                before, entry = id_.decode(), _unpacked(fields)
                if entry is not None:
                    found.append((before, entry))
            if len(read) < together:
                return Noted(found, None)
        return Noted(found, before)


def at_ms(entry_id: str) -> int:
    """Return when an entry was written, in ms since 1970, by the clock of the store."""
    return _parts(entry_id)[0]


def _parts(entry_id: str) -> tuple[int, int]:
    milliseconds, _, n = entry_id.partition("-")
    return int(milliseconds), int(n)


def _unpacked(fields: list[bytes]) -> Entry | None:
    """Return an entry; None, told to the log, where it is none of ours."""
    try:
        told: dict[str, Any] = orjson.loads(dict(zip(fields[::2], fields[1::2], strict=True))[b"e"])
        return Entry(**told)
    except (KeyError, TypeError, ValueError):
        log.error("entry of an export cannot be read")
        return None
