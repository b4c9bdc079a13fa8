"""Who has lately told this worker that they are not to be known by what they do.

The store says so too, once it has the event. But it may be away, so that the event lies on disk, or
what is remembered of a customer may be older than their refusal. So a refusal holds from the moment
it is heard, until a live state is read that has that word or a later one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

import orjson

from app.memory import MAX_AGE_S, Happening
from models.artifacts.event import Event
from models.artifacts.live_state import FIELDS

N_MOST = 50_000
"""Refusals that are kept, some 300 bytes each; of more the oldest go."""
_CONSENT = FIELDS.index(b"k")
_Subject = tuple[str | None, str | None]


class Refusers:
    """Who refused lately, and when each said so."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: OrderedDict[_Subject, tuple[int, float]] = OrderedDict()

    def hear(self, event: Event) -> None:
        """Note that an event's customer and visitor refuse."""
        for subject in ((event.customer_id, None), (None, event.anonymous_id)):
            if subject == (None, None):
                continue
            before, _ = self._heard.pop(subject, (0, 0.0))
            self._heard[subject] = max(before, event.at_ms), self._clock()
        while len(self._heard) > N_MOST:
            self._heard.popitem(last=False)

    def holds(
        self,
        live: Happening | None,
        *,
        customer_id: str | None = None,
        anonymous_id: str | None = None,
    ) -> bool:
        """Whether somebody refuses, whatever their live state says.

        Args:
            live: Theirs, read now or remembered; None where it is neither.
            customer_id: The customer.
            anonymous_id: The visitor, where it is one.
        """
        subject = customer_id, anonymous_id
        heard = self._heard.get(subject)
        if heard is None:
            return False
        at_ms, heard_s = heard
        if _told_ms(live) < at_ms and self._clock() - heard_s <= MAX_AGE_S:
            return True
        del self._heard[subject]
        return False


def _told_ms(live: Happening | None) -> int:
    """Return when consent was last told, as a live state has it; before all time where it is not.

    One whose bytes are damaged says nothing; whoever unpacks it will notice.
    """
    packed = live[_CONSENT] if live and len(live) > _CONSENT else None
    if packed is None:
        return -1
    try:
        return int(orjson.loads(packed)["told"]["at"])
    except (KeyError, TypeError, ValueError):
        return -1
