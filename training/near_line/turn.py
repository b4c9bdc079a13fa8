"""One round of a worker: keep the leases, read, work out, apply; ``training.worker`` goes round.

What was read before and not acknowledged comes first, when a shard is taken and every second: a
dead worker's events, those that could not be applied, and those that a worker read just when it
lost its shard. A shard's new events wait until there is none of the former left unread.

Events are worked out some at a time. If that took long, or if the lease was gone by then, it is
fewer the next time: whatever a page sends, a worker gets on.
"""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from training.near_line.applying import Applying, Refused
from training.near_line.effects import Learning, Worked
from training.near_line.leases import Leases
from training.near_line.reading import RENEWED
from training.near_line.streams import TOGETHER, Entry, Streams

LOADING_S = 0.01
AT_ONCE = 128
"""Events that are worked out and applied together, if that takes no longer than an eighth of a
lease."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long what takes, in ms."""

    lease_ms: int = 3000
    """How long a worker may be silent before others have its shards; it is heard of four times as
    often, so that three times may go wrong."""
    wait_ms: int = 100
    """The longest wait for a first event."""
    again_ms: int = 1000
    """After this, what was not acknowledged is read again."""
    follow_ms: int = 500
    """How often to look which release serves."""


@dataclass(slots=True)
class Done:
    """What was done since somebody last asked."""

    applied: int = 0
    renewed: int = 0
    dead: int = 0
    longest_ms: int = 0
    """From an event's being stored to its being applied; by two clocks where there are two."""
    faults: Counter[str] = field(default_factory=Counter)
    """How often what went wrong."""


@dataclass(slots=True, kw_only=True)
class Turns:
    """The rounds of one worker; ``turn`` raises ``StoreError`` where a store fails."""

    leases: Leases
    streams: Streams
    learning: Learning
    applying: Applying
    timing: Timing
    done: Done = field(default_factory=Done)
    _unread: set[int] = field(default_factory=set)
    """Shards that may have events which were read before."""
    _unprepared: bool = False
    _at_once: int = AT_ONCE
    _due_s: dict[str, float] = field(default_factory=dict)

    def turn(self) -> int:
        """Go round once; return how many events were read."""
        if self._is_due("renew", self.timing.lease_ms // 4):
            self._renew_leases()
        current = self.learning.current
        if not current.is_known or self._is_due("follow", self.timing.follow_ms):
            current.follow()
        if not current.is_known:
            time.sleep(LOADING_S)
            return 0
        if self._is_due("again", self.timing.again_ms):
            self._unread = set(self.leases.words)
        n_again = self._learn_again()
        shards = self.leases.words.keys() - self._unread
        if not shards and not n_again:
            time.sleep(self.timing.wait_ms / 1000)
        new = self.streams.new(shards, wait_ms=1 if n_again else self.timing.wait_ms)
        self._learn(new)
        return n_again + len(new)

    def start_over(self) -> None:
        """Trust nothing that was known of the store: it has failed, and may have forgotten."""
        self._unread = set(self.leases.words)
        self._unprepared = True
        self._due_s.clear()

    def _is_due(self, what: str, every_ms: int) -> bool:
        now_s = time.monotonic()
        if now_s < self._due_s.get(what, 0.0):
            return False
        self._due_s[what] = now_s + every_ms / 1000
        return True

    def _renew_leases(self) -> None:
        taken, lost = self.leases.renew()
        self.streams.prepare(set(self.leases.words) if self._unprepared else taken)
        self._unprepared = False
        self._unread = (self._unread | taken) - lost
        if taken or lost:
            held = len(self.leases.words)
            log.info("shards moved", taken=len(taken), lost=len(lost), held=held)

    def _learn_again(self) -> int:
        entries = self.streams.unacknowledged(self._unread)
        n_of = Counter(entry.shard for entry in entries)
        self._unread = {shard for shard, n in n_of.items() if n == TOGETHER}
        self._learn(entries)
        return len(entries)

    def _learn(self, entries: Sequence[Entry]) -> None:
        stopped: set[int] = set()
        while entries:
            some, entries = entries[: self._at_once], entries[self._at_once :]
            if self._is_due("renew", self.timing.lease_ms // 4):
                self._renew_leases()
            ours = self.leases.words.keys() - stopped
            stopped |= self._learn_some([entry for entry in some if entry.shard in ours])
        self._unread |= stopped

    def _learn_some(self, entries: Sequence[Entry]) -> set[int]:
        """Learn some events; return the shards whose later ones must wait."""
        if not entries:
            return set()
        began_s, words = time.monotonic(), dict(self.leases.words)
        worked = self.learning.work_out(entries)
        if self._is_due("renew", self.timing.lease_ms // 4):
            self._renew_leases()
        refused = self._apply(worked, words)
        self._note(entries, worked, refused)
        uncounted = {shard for shard, n in refused.items() if n == Refused.NOT_COUNTED}
        moved = refused.keys() - uncounted
        if moved:
            self._due_s.clear()  # whose are they?
        took_ms = (time.monotonic() - began_s) * 1000
        is_slow = moved or took_ms > self.timing.lease_ms / 8
        self._at_once = max(1, self._at_once // 2) if is_slow else min(AT_ONCE, 2 * self._at_once)
        for entry in entries:
            if entry.shard in uncounted and entry.shard not in moved | worked.waiting:
                moved |= self._learn_alone(entry, words)
        return moved | worked.waiting

    def _learn_alone(self, entry: Entry, words: Mapping[int, str]) -> set[int]:
        """Learn an event of several that cannot be counted together, or put it aside."""
        worked = self.learning.work_out([entry])
        refused = self._apply(worked, words)
        if refused.get(entry.shard) == Refused.NOT_COUNTED:
            worked = Worked()
            worked.bury(entry, "NOT_COUNTED: a count is no number, or would be too large")
            refused = self._apply(worked, words)
        self._note([entry], worked, refused)
        return {*refused} | worked.waiting

    def _apply(self, worked: Worked, words: Mapping[int, str]) -> dict[int, int]:
        """Apply what was worked out; return the shards where that was refused, and why."""
        effects = {shard: of for shard, of in worked.of_shards.items() if of.acknowledged}
        applied = self.applying.apply(effects, words)
        refused = {shard: n for shard, n in applied.items() if n < 0}
        done = effects.keys() - refused
        self.learning.applied({shard: effects[shard] for shard in done})
        self.done.faults.update(Refused(n).name for n in refused.values())
        return refused

    def _note(self, entries: Sequence[Entry], worked: Worked, refused: Collection[int]) -> None:
        done, now_ms = self.done, time.time_ns() // 1_000_000
        done.faults.update(worked.faults)
        for shard, effects in worked.of_shards.items():
            if shard not in refused:
                done.applied += len(effects.acknowledged)
                done.dead += len(effects.dead)
                done.renewed += sum(RENEWED in fields for fields in effects.live.values())
        longest_ms = max(now_ms - entry.stored_ms for entry in entries)
        done.longest_ms = max(done.longest_ms, longest_ms)
