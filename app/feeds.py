"""Who left something behind, page by page, and what to show beside it.

Near-line workers note who did something with a cart or looked at an item, and when
(``app.feed_index``). What is left of it, and whether they mind, is asked of what is known at this
moment (``app.feed_found``). So many are looked into for one page, and only so long: it may hold
fewer than were asked for, even none, though more come after it.

Nothing is counted as a contact here: whoever sends one asks for the list, and that counts it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.asked import RecommendRequest
from app.caller import Caller
from app.contact import would_be
from app.deps import Server
from app.errors import NotReady
from app.feed_asked import FeedQuery
from app.feed_cursor import Place
from app.feed_found import Feed, Found, Judge, Judged, Suppressed, if_permitted
from app.feed_index import (
    FEWEST_SHARDS,
    MOST_SHARDS,
    TOGETHER,
    Candidate,
    Candidates,
    Window,
    candidates,
)
from app.listing import Read, made, read
from app.store import StoreAway
from models.artifacts.keys import N_SHARDS

MOST_ROUNDS = 8
N_SHOWN = 4
"""Items beside what was left."""
_SPARE = 8
"""Customers who are looked into together, besides twice as many as are wanted."""


@dataclass(slots=True, kw_only=True)
class Page:
    """Some customers, how many were left out and why, and where the next page begins."""

    next: Place | None
    """None after the last."""
    limit: int
    customers: list[Found] = field(default_factory=list)
    suppressed: Counter[Suppressed] = field(default_factory=Counter)

    @property
    def n_wanted(self) -> int:
        """How many more it takes."""
        return self.limit - len(self.customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeding:
    """What is asked of a feed, and by whom."""

    server: Server
    feed: Feed
    asked: FeedQuery
    caller: Caller

    async def page(self, place: Place) -> Page:
        """Return a page; where the store goes away in the midst of it, what was found so far.

        Args:
            place: Where to begin.

        Raises:
            NotReady: The store does not answer, or has lost the release.
        """
        clock = asyncio.get_running_loop().time
        until_s = clock() + self.server.settings.request_timeout_ms / 1000
        page, n_shards, n_rounds = Page(next=place, limit=self.asked.limit), FEWEST_SHARDS, 0
        while page.next is not None and page.n_wanted and n_rounds < MOST_ROUNDS:
            if n_rounds and clock() > until_s:
                break
            try:
                some = await self._candidates(page.next, n_shards)
                await self._take(page, some)
            except StoreAway:
                if page.customers or page.suppressed:
                    break
                raise NotReady(
                    "who left what stands in the store, which does not answer; ask again"
                ) from None
            n_rounds += 1
            if len(some.found) < TOGETHER // 2:
                n_shards = min(4 * n_shards, MOST_SHARDS)
        return page

    def _window(self, as_of_ms: int) -> Window:
        begin_ms = max(as_of_ms - self.asked.max_age_ms, self.asked.since or 0)
        return Window(begin_ms, as_of_ms - self.asked.min_age_ms)

    async def _candidates(self, at: Place, n_shards: int) -> Candidates:
        return await candidates(
            self.server,
            [self.feed.index(self.server.keys, shard) for shard in range(N_SHARDS)],
            at=at,
            window=self._window(at.as_of_ms),
            n_shards=n_shards,
        )

    async def _take(self, page: Page, some: Candidates) -> None:
        """Put on the page who of some is to be on it, until it is full."""
        assert page.next is not None
        together = some.found[: min(TOGETHER, 2 * page.n_wanted + _SPARE)]
        judged = await self._judged(together, self._window(page.next.as_of_ms))
        for candidate, (found, suppressed) in zip(together, judged, strict=True):
            if not page.n_wanted:
                return
            if found is not None:
                page.customers.append(self._with_list(found))
                await asyncio.sleep(0)  # others' answers come between
            elif suppressed is not None:
                page.suppressed[suppressed] += 1
            page.next = candidate.after
        if len(together) == len(some.found):
            page.next = some.next

    async def _judged(self, together: Sequence[Candidate], window: Window) -> list[Judged]:
        """Return what becomes of each.

        Raises:
            StoreAway: It is not known of all of them.
        """
        judge = Judge(
            feed=self.feed,
            window=window,
            min_value=self.asked.min_value or 0.0,
            now_ms=time.time_ns() // 1_000_000,
        )
        reads = await asyncio.gather(
            *(read(self.server, self._list_of(one.customer_id), self.caller) for one in together)
        )
        judged = [
            judge.judged(one.customer_id, of) for one, of in zip(together, reads, strict=True)
        ]
        contacts = [one.found.contact for one in judged if one.found is not None]
        permitted = iter(await would_be(self.server, contacts))
        return [one if one.found is None else if_permitted(one, next(permitted)) for one in judged]

    def _list_of(self, customer_id: str) -> RecommendRequest:
        return RecommendRequest(
            customer_id=customer_id, placement=self.asked.channel, limit=N_SHOWN
        )

    def _with_list(self, found: Found) -> Found:
        """Return the same with what to show; nothing of what was left is in it."""
        known = found.known
        left = known.loaded.catalogue.ids.rows_of(found.item_ids)
        query = replace(known.query, exclude=np.concatenate([known.query.exclude, left]))
        reading = Read(known._replace(query=query), found.contact)
        asked = self._list_of(found.customer_id)
        return replace(found, show=made(self.server, asked, reading, notes=None))
