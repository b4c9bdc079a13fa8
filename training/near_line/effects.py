"""What events change: counts and touches by attribution, and the renewed records of customers.

Events of one customer or visitor come in their order. A customer is renewed once for all their
events of a turn, as of when the last of them was stored (or happened, where a page's clock is
ahead), from the release's record and the live state: so doing it again, after a worker was killed,
makes the same record.

Nothing is learned of who refused to be personalised; they are counted all the same, unless they
refused that too, in which case an event does not say whose it was.

A customer whom a visitor turned out to be gets what that visitor was shown, once all that the
visitor did before is applied: it may be another worker's to apply. Until then the customer's shard
waits, but no longer than ``LONGEST_WAIT_S``.

For the feeds of what was left behind it is noted when each customer last had to do with their cart,
and when they last looked at an item; whether anything is left, their live state says.

An event that cannot be applied is left unacknowledged and comes again. After ``MAX_TRIES`` it is
put aside, with the reason, where a person will find it (``ns:{s017}:dead``).
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.event import FEEDBACK, JOINED, PARTED, Event
from models.artifacts.keys import shard_of
from models.artifacts.live_state import WEIGHING, Happened, LiveState
from models.artifacts.touches import Touches
from models.attribution import Known, attribute, matters
from models.carts import CART, LOOKED
from models.errors import ArtifactCorrupt
from models.loaded import Loaded
from training.near_line.applying import Dead, Effects
from training.near_line.current import Current
from training.near_line.reading import NOTHING, RENEWED, TOUCHES, Found, Reading, live_key
from training.near_line.streams import Entry, Moment

MAX_TRIES = 5
"""Of one worker; that an event was read, but not tried, for a store was away, does not count."""
LONGEST_WAIT_S = 10.0


_MOST_NOTED = 10_000


class Renew(Protocol):
    """Makes a renewed record: ``models.renewal.renewed``."""

    def __call__(
        self,
        loaded: Loaded,
        *,
        record: CustomerRecord | None,
        history: History | None,
        live: LiveState,
        now_ms: int,
    ) -> CustomerRecord | None:
        """Return the record as it is after the events of ``live``; None where there is none."""
        ...


class Given(NamedTuple):
    """An event, and the entry that brought it."""

    entry: Entry
    event: Event


@dataclass(frozen=True, slots=True)
class Worked:
    """What a turn's events change, and how it went; filled event by event."""

    of_shards: defaultdict[int, Effects] = field(default_factory=lambda: defaultdict(Effects))
    faults: list[str] = field(default_factory=list)
    """The kind of what went wrong, once an event."""
    waiting: set[int] = field(default_factory=set)
    """Shards of which not all was tried, because a visitor's is not that far."""
    tries: Counter[tuple[int, bytes]] = field(default_factory=Counter)
    """How often each event of late has failed."""

    def fail(self, entry: Entry, problem: Exception) -> None:
        """Leave an event for later, or put it aside where it has failed too often."""
        self.faults.append(type(problem).__name__)
        of_it = entry.shard, entry.id
        self.tries[of_it] += 1
        if self.tries[of_it] >= MAX_TRIES or entry.packed is None:
            self.bury(entry, f"{type(problem).__name__}: {problem}")

    def bury(self, entry: Entry, reason: str) -> None:
        """Put an event aside."""
        effects = self.of_shards[entry.shard]
        effects.dead.append(Dead(entry.id, entry.packed or b"", reason))
        effects.acknowledged.append(entry.id)

    def set(self, shard: int, key: str, name: bytes, value: bytes) -> None:
        """Let a field of a live state hold ``value``."""
        self.of_shards[shard].live.setdefault(key, {})[name] = value


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Works out what events change."""

    reading: Reading
    current: Current
    renew: Renew
    _tries: Counter[tuple[int, bytes]] = field(default_factory=Counter)
    _waited_s: dict[tuple[int, bytes], float] = field(default_factory=dict)
    """Since when events wait for another shard."""

    def work_out(self, entries: Sequence[Entry]) -> Worked:
        """Return what some entries change; nothing is written.

        Args:
            entries: Of each shard in the order in which they were stored.

        Raises:
            StoreError: What is needed for it could not be read.
        """
        if max(len(self._tries), len(self._waited_s)) > _MOST_NOTED:
            self._tries.clear()
            self._waited_s.clear()
        worked = Worked(tries=self._tries)
        given = self._come(_unpacked(entries, worked), worked)
        loaded = self.current.loaded
        found = self._read(given, loaded)
        if loaded is not None:
            given = self._renewed(given, found, loaded, worked)
        self._attributed(given, found, worked)
        for shard, effects in worked.of_shards.items():
            done = {*effects.acknowledged}
            failed = [id_ for of, id_ in self._tries if of == shard and id_ not in done]
            effects.failed.extend(failed)
        return worked

    def applied(self, of_shards: Mapping[int, Effects]) -> None:
        """Forget what was noted of events that are acknowledged now."""
        for shard, effects in of_shards.items():
            for id_ in effects.acknowledged:
                self._tries.pop((shard, id_), None)
                self._waited_s.pop((shard, id_), None)

    def _come(self, given: Sequence[Given], worked: Worked) -> list[Given]:
        """Return the events but those of a shard that come with or after one that has to wait."""
        needs = {one.entry: moment for one in given if (moment := _needed(one)) is not None}
        behind = self.reading.waiting({*needs.values()})
        come = []
        for one in given:
            if needs.get(one.entry) in behind:
                self._wait(one.entry, worked)
            if one.entry.shard not in worked.waiting:
                come.append(one)
        return come

    def _wait(self, entry: Entry, worked: Worked) -> None:
        now_s = time.monotonic()
        if now_s - self._waited_s.setdefault((entry.shard, entry.id), now_s) < LONGEST_WAIT_S:
            worked.waiting.add(entry.shard)
        elif entry.shard not in worked.waiting:
            worked.faults.append("WaitedTooLong")

    def _read(self, given: Sequence[Given], loaded: Loaded | None) -> Found:
        keys: set[str] = set()
        customers: set[str] = set()
        for _, event in given:
            key = self._key(event)
            if key is not None and (matters(event) or _renews(event) or event.event == JOINED):
                keys.add(key)
            if event.event == JOINED and event.anonymous_id is not None:
                keys.add(self.reading.keys.live_of_visitor(event.anonymous_id))
            if loaded is not None and event.customer_id is not None and _renews(event):
                customers.add(event.customer_id)
        version = loaded.version if loaded is not None else ""
        return self.reading.of(sorted(keys), sorted(customers), version)

    def _renewed(
        self, given: Sequence[Given], found: Found, loaded: Loaded, worked: Worked
    ) -> list[Given]:
        """Renew customers; return the events but those of whom that failed."""
        of_customer: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry, event in given:
            if event.customer_id is not None and _renews(event):
                of_customer[event.customer_id].append(entry)
        failed: set[Entry] = set()
        for customer_id, entries in of_customer.items():
            try:
                self._renew(customer_id, entries[-1], found, loaded, worked)
            except Exception as problem:  # noqa: BLE001  # whatever it is, others' events go on
                failed.update(entries)
                for entry in entries:
                    worked.fail(entry, problem)
        return [one for one in given if one.entry not in failed]

    def _renew(
        self, customer_id: str, last: Entry, found: Found, loaded: Loaded, worked: Worked
    ) -> None:
        key = self.reading.keys.live_of_customer(customer_id)
        live = found.live(key)
        record, history = found.bought[customer_id].unpacked(loaded)
        now_ms = max(last.stored_ms, *(happened.at_ms for happened in live.events), 0)
        renewed = self.renew(loaded, record=record, history=history, live=live, now_ms=now_ms)
        if renewed is not None:
            packed = loaded.version.encode() + b"\n" + renewed.pack()
            worked.set(last.shard, key, RENEWED, packed)
        elif live.renewed is not None:
            worked.set(last.shard, key, RENEWED, NOTHING)

    def _attributed(self, given: Sequence[Given], found: Found, worked: Worked) -> None:
        known = Known(releases=self.current.codes, margin=self.current.margin)
        now: dict[str, Touches] = {}
        for entry, event in given:
            effects = worked.of_shards[entry.shard]
            try:
                self._note(event, found, effects)
                key = self._key(event)
                if key is not None and (matters(event) or event.event == JOINED):
                    before = now[key] if key in now else found.touches(key)
                    if event.event == JOINED:
                        after = before.joined_with(self._of_visitor(event, found, now))
                    else:
                        after, counts = attribute(
                            event, before, known=known, stored_ms=entry.stored_ms
                        )
                        effects.counts.update(counts)
                    now[key] = after
                    if after != before:
                        worked.set(entry.shard, key, TOUCHES, after.pack())
            except Exception as problem:  # noqa: BLE001  # likewise
                worked.fail(entry, problem)
            else:
                effects.acknowledged.append(entry.id)

    def _note(self, event: Event, found: Found, effects: Effects) -> None:
        """Note when a customer last did what feeds ask for; what a visitor did, once joined."""
        customer_id = event.customer_id
        if customer_id is None or event.consent.personalization is False:
            return
        did = [Happened(event.event, event.at_ms, [])]
        if event.event == JOINED:
            did = [*found.live(self.reading.keys.live_of_customer(customer_id)).events]
        for kinds, latest in ((CART, effects.carts), (LOOKED, effects.browsed)):
            at_ms = [one.at_ms for one in did if one.event in kinds]
            if at_ms:
                latest[customer_id] = max(*at_ms, latest.get(customer_id, 0))

    def _of_visitor(self, event: Event, found: Found, now: dict[str, Touches]) -> Touches:
        if event.anonymous_id is None:
            return Touches()
        key = self.reading.keys.live_of_visitor(event.anonymous_id)
        return now[key] if key in now else found.touches(key)

    def _key(self, event: Event) -> str | None:
        return live_key(event, self.reading.keys)


def _unpacked(entries: Sequence[Entry], worked: Worked) -> list[Given]:
    given = []
    for entry in entries:
        try:
            if entry.packed is None:
                raise ArtifactCorrupt("the entry holds no event")
            given.append(Given(entry, Event.unpack(entry.packed)))
        except Exception as problem:  # noqa: BLE001  # a poisoned event may do anything
            worked.fail(entry, problem)
    return given


def _needed(given: Given) -> Moment | None:
    """Return how far another shard has to be, whose visitor an event joins to a customer."""
    entry, event = given
    if event.event != JOINED or event.anonymous_id is None:
        return None
    shard = shard_of(event.anonymous_id)
    return Moment(shard, entry.stored_ms, event.anonymous_id) if shard != entry.shard else None


def _renews(event: Event) -> bool:
    """Whether a customer's record is to be made anew: what of it may be learned, it asks itself."""
    if event.event == FEEDBACK:
        return event.feedback is not None and event.feedback.kind == "not_interested"
    refuses = event.consent.personalization is False
    return refuses or event.event in WEIGHING or event.event in {JOINED, PARTED}
