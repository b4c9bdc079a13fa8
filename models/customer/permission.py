"""May this customer be contacted on this channel, now? What they have not allowed is refused.

    no preferences, or none for the channel       preferences-unknown
    the channel is not wanted                     channel-refused
    ``ad`` without consent to the use for ads     consent-refused
    their quiet hours, by their own clock         quiet-hours     (not ``ad``: it calls on nobody)
    as many contacts as they allow, lately        frequency-cap

Contacts are counted where they are recorded, by the store (``app.contact``); so a permission is
given with the windows that the count must keep to. A window slides: "2 a week" are at most 2 within
any 7 days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from models.customer.preferences import DAYS, Cap, Channel, Preferences, QuietHours

DAY_MS = 86_400_000

Reason = Literal[
    "preferences-unknown",
    "channel-refused",
    "frequency-cap",
    "quiet-hours",
    "consent-refused",
    "personalization-refused",
    "dissatisfied",
    "store-away",
    "subject-unknown",
]
DETAILS: Mapping[Reason, str] = {
    "preferences-unknown": "the customer has not said whether this channel is welcome, or changed "
    "their preferences just now; unknown means no",
    "channel-refused": "the customer does not want this channel",
    "frequency-cap": "the customer has had as many contacts as they allow in this time",
    "quiet-hours": "it is a time at which the customer wants to be left alone",
    "consent-refused": "the customer has not agreed to the use of their data for ads",
    "personalization-refused": "the customer does not want their data to be used for what they see",
    "dissatisfied": "the customer is dissatisfied: service comes before selling",
    "store-away": "the store that knows what the customer allows does not answer; unknown means no",
    "subject-unknown": "a contact needs the id of a customer; a visitor has allowed nothing",
}
"""Why not, for a person; no more is told of the customer than whoever sends the contact needs."""


class Window(NamedTuple):
    """A stretch of time in which contacts are counted, up to now."""

    channel: Channel | None
    """None where those of all channels count."""
    since_ms: int
    """Contacts after this moment count."""
    at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What the customer allows."""

    refused: Reason | None = None
    """Why not; None where the contact is permitted, as far as it was looked into."""
    windows: tuple[Window, ...] = ()
    """Where it is permitted unless one of these is full."""

    @property
    def told(self) -> dict[str, str] | None:
        """Why not, as callers see it."""
        return None if self.refused is None else told(self.refused)


def told(reason: Reason) -> dict[str, str]:
    """Return a reason as callers see it."""
    return {"reason": reason, "detail": DETAILS[reason]}


def permission(
    preferences: Preferences | None,
    *,
    channel: Channel,
    consent: Mapping[str, Mapping[str, Any]],
    now_ms: int,
) -> Permission:
    """Return whether a customer may be contacted, but for what only the store can count.

    Args:
        preferences: Theirs; None where they never put any.
        channel: What the contact comes by.
        consent: The ``k`` of their live state: what was told by events and decided by them.
        now_ms: Milliseconds since 1970.
    """
    reason = _refusal(preferences, channel, consent, now_ms)
    if reason is not None or preferences is None:
        return Permission(refused=reason)
    caps = [cap for cap in preferences.caps if cap.channel in (None, channel)]
    if any(cap.at_most == 0 for cap in caps):
        return Permission(refused="frequency-cap")
    return Permission(windows=tuple(_window(cap, now_ms) for cap in caps))


def _refusal(
    preferences: Preferences | None,
    channel: Channel,
    consent: Mapping[str, Mapping[str, Any]],
    now_ms: int,
) -> Reason | None:
    wanted = None if preferences is None else preferences.channels.get(channel)
    if preferences is None or wanted is None:
        return "preferences-unknown"
    if not wanted:
        return "channel-refused"
    if channel == "ad":
        return None if _agrees_to_ads(consent) else "consent-refused"
    quiet = preferences.quiet_hours
    return "quiet-hours" if quiet is not None and is_quiet(quiet, now_ms=now_ms) else None


def targeting(
    preferences: Preferences | None, *, consent: Mapping[str, Mapping[str, Any]]
) -> Reason | None:
    """Return why a customer may not be told to ad networks and bidders; None where they may.

    That is no contact: nobody is called on, and what the networks do with it, no cap of ours
    counts. So it takes their consent to ads and nothing that speaks against it; unknown means no.

    Args:
        preferences: Theirs; None where they never put any.
        consent: The ``k`` of their live state.
    """
    if preferences is not None and preferences.channels.get("ad") is False:
        return "channel-refused"
    if any(_refuses(said, "personalization") for said in consent.values()):
        return "personalization-refused"
    return None if _agrees_to_ads(consent) else "consent-refused"


def objects(consent: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether somebody has said that they are not to be told of to ad networks and bidders.

    A word that is none of ours counts as a refusal.

    Args:
        consent: The ``k`` of their live state, be it a customer's or a visitor's.
    """
    return any(_refuses(said, "personalization") or _refuses_ads(said) for said in consent.values())


def is_quiet(hours: QuietHours, *, now_ms: int) -> bool:
    """Whether a moment lies within the hours by the clock of their zone.

    When that clock is put back, both hours of one name are as quiet as the name; what it leaves out
    when put forward is nobody's hour.
    """
    local = datetime.fromtimestamp(now_ms / 1000, hours.zone).time()
    if hours.begin < hours.end:
        return hours.begin <= local < hours.end
    return local >= hours.begin or local < hours.end


def quiet_until(hours: QuietHours, *, now_ms: int) -> int:
    """Return the next moment, in ms since 1970, at which the hours end by the clock of their zone.

    Where that clock is put back over their end, it is the first of the two; where it leaves their
    end out, it is at most as much later as the clock leaves out.
    """
    today = datetime.fromtimestamp(now_ms / 1000, hours.zone).date()
    ends = [
        datetime.combine(today + timedelta(days=day), hours.end, hours.zone).replace(fold=fold)
        for day in range(3)
        for fold in (0, 1)
    ]
    moments = [int(end.timestamp() * 1000) for end in ends]
    return min(at for at in moments if at > now_ms and not is_quiet(hours, now_ms=at))


def _window(cap: Cap, now_ms: int) -> Window:
    return Window(cap.channel, now_ms - DAYS[cap.per] * DAY_MS, cap.at_most)


def _agrees_to_ads(consent: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether they have decided so themselves, and no event since has said otherwise."""
    if consent.get("decided", {}).get("ads") is not True:
        return False
    return not any(map(_refuses_ads, consent.values()))


def _refuses_ads(said: Mapping[str, Any]) -> bool:
    sale = said.get("sale_opt_out")
    return _refuses(said, "ads") or not (sale is None or sale is False)


def _refuses(said: Mapping[str, Any], matter: str) -> bool:
    """Whether a word is anything but yes or nothing at all."""
    word = said.get(matter)
    return not (word is None or word is True)
