"""Who has lately told this worker that they are not to be known by what they do, or not for ads.

The store says so too, once it has the event. But it may be away, or take nothing, so that the event
lies on disk, or what is remembered of a customer may be older than their refusal. So a refusal
holds from the moment it is heard, until a live state is read that has that word or a later one.

Two ways to ask, for there are two kinds of refusal:

    refusers.holds(live, customer_id=…)        are they not to be known by what they do?
    refusers.objects(consent, customer_id=…)   are they not to be told of to ad networks?

The second takes the ``k`` of the live state as it was read for this answer, packed as it was, None
or empty where there is none. Ask it besides ``models.customer.permission``: either may say no.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

import orjson

from app.memory import MAX_AGE_S, Happening
from models.artifacts.event import Consent, Event
from models.artifacts.live_state import FIELDS

N_MOST = 50_000
"""Refusals of a kind that are kept, some 300 bytes each; of more the oldest go."""
_CONSENT = FIELDS.index(b"k")
_Subject = tuple[str | None, str | None]
_Book = OrderedDict[_Subject, tuple[int, float]]
"""Of each who refused, when it was said and when it was heard."""


class Refusers:
    """Who refused lately, and when each said so."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._unknown: _Book = OrderedDict()
        self._untold: _Book = OrderedDict()

    def hear(self, event: Event, said: Consent) -> None:
        """Note what an event's customer and visitor refuse.

        Args:
            event: Whose it is, and of when.
            said: What it said itself, if anything.
        """
        if said.personalization is False:
            self._note(self._unknown, event)
        if said.personalization is False or said.ads is False or said.sale_opt_out is True:
            self._note(self._untold, event)

    def holds(
        self,
        live: Happening | None,
        *,
        customer_id: str | None = None,
        anonymous_id: str | None = None,
    ) -> bool:
        """Whether somebody refuses to be known by what they do, whatever their live state says.

        Args:
            live: Theirs, read now or remembered; None where it is neither.
            customer_id: The customer.
            anonymous_id: The visitor, where it is one.
        """
        consent = live[_CONSENT] if live and len(live) > _CONSENT else None
        return self._refuses(self._unknown, consent, (customer_id, anonymous_id))

    def objects(
        self,
        consent: bytes | None,
        *,
        customer_id: str | None = None,
        anonymous_id: str | None = None,
    ) -> bool:
        """Whether somebody is not to be told of to ad networks, whatever their live state says.

        Args:
            consent: The ``k`` of their live state, read now; None or empty where there is none.
            customer_id: The customer.
            anonymous_id: The visitor, where it is one.
        """
        return self._refuses(self._untold, consent, (customer_id, anonymous_id))

    def _note(self, book: _Book, event: Event) -> None:
        for subject in ((event.customer_id, None), (None, event.anonymous_id)):
            if subject == (None, None):
                continue
            before, _ = book.pop(subject, (0, 0.0))
            book[subject] = max(before, event.at_ms), self._clock()
        while len(book) > N_MOST:
            book.popitem(last=False)

    def _refuses(self, book: _Book, consent: bytes | None, subject: _Subject) -> bool:
        heard = book.get(subject)
        if heard is None:
            return False
        at_ms, heard_s = heard
        if _told_ms(consent) < at_ms and self._clock() - heard_s <= MAX_AGE_S:
            return True
        del book[subject]
        return False


def _told_ms(packed: bytes | None) -> int:
    """Return when consent was last told, as a live state has it; before all time where it is not.

    One whose bytes are damaged says nothing; whoever unpacks it will notice.
    """
    if not packed:
        return -1
    try:
        return int(orjson.loads(packed)["told"]["at"])
    except (KeyError, TypeError, ValueError):
        return -1
