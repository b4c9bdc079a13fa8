"""The customer decides: on which channels, how often, when, of what, and with which data.

They are kept as one JSON text, as the customer put it; whatever they did not say is unknown, and
unknown means no (``models.customer.permission``).

    {"channels": {"email": true, "sms": false},
     "frequency": [{"channel": "email", "at_most": 2, "per": "week"}],
     "quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "Europe/Madrid"},
     "topics": {"wine": false},
     "consent": {"personalization": true, "ads": false}}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import orjson

from models.errors import ArtifactCorrupt

Channel = Literal["email", "sms", "push", "call", "ad"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
"""What a contact comes by; a placement is a contact where its first word is one of these."""
Period = Literal["day", "week", "month"]
DAYS: Mapping[Period, int] = {"day": 1, "week": 7, "month": 30}
"""Windows slide: "2 a week" is never more than 2 within any 7 days."""
MAX_AT_MOST = 100
"""So many contacts of a channel are remembered, so that what is allowed can be counted."""
ZONE = r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$"
_FIRST_WORD = re.compile(r"[-_]")
_NOT_CIVIL = ("posix", "right", "Factory", "localtime")
"""Zones that systems keep beside those of the IANA list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """So many contacts, and no more."""

    channel: Channel | None = None
    """None where contacts of all channels count together."""
    at_most: int
    per: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """When nobody is to be called on, by the customer's own clock; over midnight where need be."""

    begin: time
    end: time
    """No longer quiet."""
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a customer has decided."""

    channels: Mapping[str, bool | None] = field(default_factory=dict)
    caps: tuple[Cap, ...] = ()
    quiet_hours: QuietHours | None = None
    topics: Mapping[str, bool] = field(default_factory=dict)
    """By names of categories."""
    consent: Mapping[str, bool | None] = field(default_factory=dict)

    @classmethod
    def unpack(cls, packed: bytes) -> "Preferences":
        """Read the JSON text of ``p`` in a live state.

        Raises:
            ArtifactCorrupt: It is none of ours, or names a time zone that is not known here.
        """
        try:
            told = orjson.loads(packed)
            quiet = told.get("quiet_hours")
            return cls(
                channels=dict(told.get("channels") or {}),
                caps=tuple(Cap(**cap) for cap in told.get("frequency") or ()),
                quiet_hours=_quiet(**quiet) if quiet else None,
                topics=dict(told.get("topics") or {}),
                consent=dict(told.get("consent") or {}),
            )
        except (AttributeError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt("a customer's preferences are not ours to read") from problem

    @property
    def refused_topics(self) -> list[str]:
        """Return the categories of which nothing is to be shown in a contact."""
        return sorted(name for name, wanted in self.topics.items() if not wanted)


@lru_cache(1024)
def channel_of(placement: str | None) -> Channel | None:
    """Return the channel of a placement that is a contact: ``email``, ``push_evening``.

    Returns:
        None where the customer comes to the shop by themselves.
    """
    first = _FIRST_WORD.split(placement or "", maxsplit=1)[0]
    return next((channel for channel in CHANNELS if channel == first), None)


@lru_cache
def zone(name: str) -> ZoneInfo:
    """Return a time zone of the IANA list.

    Raises:
        ValueError: There is none of this name.
    """
    if not re.fullmatch(ZONE, name) or name.startswith(_NOT_CIVIL):
        raise ValueError("a time zone has a name of the IANA list, like Europe/Madrid")
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as problem:
        raise ValueError("this time zone is not on the IANA list") from problem


def _quiet(*, time_zone: str, to: str, **rest: Any) -> QuietHours:  # noqa: ANN401  # ``from`` is Python's own word
    return QuietHours(
        begin=time.fromisoformat(rest["from"]), end=time.fromisoformat(to), zone=zone(time_zone)
    )
