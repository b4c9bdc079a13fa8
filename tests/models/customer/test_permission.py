"""A contact that the customer has not allowed is refused, and for the right reason."""

from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import orjson
import pytest

from models.customer.permission import (
    DAY_MS,
    DETAILS,
    Permission,
    Reason,
    Window,
    is_quiet,
    objects,
    permission,
    quiet_until,
    targeting,
    told,
)
from models.customer.preferences import CHANNELS, Channel, Preferences, channel_of, zone
from models.errors import ArtifactCorrupt

QUIET = {"from": "21:00", "to": "08:00", "time_zone": "Europe/Madrid"}


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


NOON = ms("2026-01-14T12:00:00+00:00")


def said(**preferences: object) -> Preferences:
    """Preferences of who welcomes all channels, and what is given."""
    every = {"channels": dict.fromkeys(CHANNELS, True)}
    return Preferences.unpack(orjson.dumps(every | preferences))


def asked(
    preferences: Preferences | None,
    channel: Channel = "email",
    *,
    consent: dict[str, Any] | None = None,
    now_ms: int = NOON,
) -> Permission:
    return permission(preferences, channel=channel, consent=consent or {}, now_ms=now_ms)


def test_who_never_said_anything_allows_nothing() -> None:
    assert {asked(None, channel).refused for channel in CHANNELS} == {"preferences-unknown"}
    assert {asked(Preferences(), channel).refused for channel in CHANNELS} == {
        "preferences-unknown"
    }


def test_each_channel_is_allowed_by_itself() -> None:
    preferences = said(channels={"email": True, "sms": False, "push": None})

    assert asked(preferences, "email").refused is None
    assert asked(preferences, "sms").refused == "channel-refused"
    assert asked(preferences, "push").refused == "preferences-unknown"
    assert asked(preferences, "call").refused == "preferences-unknown"


@pytest.mark.parametrize(
    ("consent", "refused"),
    [
        ({}, "consent-refused"),
        ({"told": {"ads": True}}, "consent-refused"),
        ({"decided": {"ads": None}}, "consent-refused"),
        ({"decided": {"ads": False}}, "consent-refused"),
        ({"decided": {"ads": True}}, None),
        ({"decided": {"ads": True, "sale_opt_out": True}}, "consent-refused"),
        ({"decided": {"ads": True}, "told": {"ads": False}}, "consent-refused"),
        ({"decided": {"ads": True}, "told": {"sale_opt_out": True}}, "consent-refused"),
        ({"decided": {"ads": True}, "told": {"personalization": False}}, None),
    ],
)
def test_an_ad_needs_consent_that_the_customer_gave_and_nobody_took_back(
    consent: dict[str, Any], refused: str | None
) -> None:
    assert asked(said(), "ad", consent=consent).refused == refused
    assert asked(said(), "email", consent=consent).refused is None


@pytest.mark.parametrize(
    ("now", "is_quiet"),
    [
        ("2026-01-14T20:59:59.999+01:00", False),
        ("2026-01-14T21:00:00+01:00", True),
        ("2026-01-15T00:00:00+01:00", True),
        ("2026-01-15T07:59:59.999+01:00", True),
        ("2026-01-15T08:00:00+01:00", False),
        ("2026-01-14T20:30:00+00:00", True),  # half past nine in Madrid
        ("2026-07-14T19:30:00+00:00", True),  # likewise, in summer
        ("2026-07-14T06:30:00+00:00", False),  # half past eight
    ],
)
def test_quiet_hours_last_over_midnight_by_the_customers_own_clock(
    now: str, is_quiet: bool
) -> None:
    refused = asked(said(quiet_hours=QUIET), now_ms=ms(now)).refused

    assert (refused == "quiet-hours") is is_quiet


def test_quiet_hours_within_a_day_leave_the_night_open() -> None:
    siesta = said(quiet_hours=QUIET | {"from": "14:00", "to": "17:00"})

    quiet = [
        asked(siesta, now_ms=ms(f"2026-01-14T{clock}+01:00")).refused is not None
        for clock in ("13:59", "14:00", "16:59", "17:00", "00:00")
    ]

    assert quiet == [False, True, True, False, False]


def test_both_of_the_hours_that_a_clock_shows_twice_are_quiet() -> None:
    # on 25 October 2026 it is half past two twice in Madrid, at 00:30 and at 01:30 UTC
    night = said(quiet_hours=QUIET | {"from": "02:15", "to": "02:45"})

    quiet = [
        asked(night, now_ms=ms(f"2026-10-25T{clock}+00:00")).refused is not None
        for clock in ("00:30", "00:50", "01:30", "01:50")
    ]

    assert quiet == [True, False, True, False]


def test_an_hour_that_a_clock_leaves_out_is_nobodys() -> None:
    # on 29 March 2026 it is never half past two in Madrid: 01:59 is followed by 03:00
    night = said(quiet_hours=QUIET | {"from": "02:15", "to": "02:45"})
    begin = ms("2026-03-29T00:00:00+01:00")

    refused = {asked(night, now_ms=begin + minute * 60_000).refused for minute in range(240)}

    assert refused == {None}


def test_an_ad_calls_on_nobody_and_knows_no_quiet_hours() -> None:
    night, agreed = ms("2026-01-14T23:00:00+01:00"), {"decided": {"ads": True}}

    refused = {
        channel: asked(said(quiet_hours=QUIET), channel, consent=agreed, now_ms=night).refused
        for channel in CHANNELS
    }

    assert refused == dict.fromkeys(CHANNELS, "quiet-hours") | {"ad": None}


def test_caps_of_the_channel_and_of_all_become_windows_that_slide() -> None:
    caps = [
        {"channel": "email", "at_most": 2, "per": "week"},
        {"channel": "sms", "at_most": 1, "per": "day"},
        {"channel": None, "at_most": 9, "per": "month"},
    ]

    found = asked(said(frequency=caps))

    assert found.windows == (
        Window("email", NOON - 7 * DAY_MS, 2),
        Window(None, NOON - 30 * DAY_MS, 9),
    )


def test_never_is_a_frequency_too() -> None:
    never = said(frequency=[{"at_most": 0, "per": "day"}])

    assert asked(never).refused == "frequency-cap"


def test_every_reason_is_told_in_words() -> None:
    assert set(DETAILS) == set(get_args(Reason))
    assert told("quiet-hours") == {"reason": "quiet-hours", "detail": DETAILS["quiet-hours"]}
    assert Permission().told is None


@pytest.mark.parametrize(
    ("placement", "channel"),
    [
        ("email", "email"),
        ("push-evening", "push"),
        ("ad_1", "ad"),
        ("sms_a-b", "sms"),
        ("emails", None),
        ("home-email", None),
        ("-email", None),
        ("", None),
        (None, None),
    ],
)
def test_a_placement_is_a_contact_by_its_first_word(
    placement: str | None, channel: str | None
) -> None:
    assert channel_of(placement) == channel


def test_topics_that_are_not_wanted_are_told() -> None:
    assert said(topics={"wine": False, "bread": True, "beer": False}).refused_topics == [
        "beer",
        "wine",
    ]


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"[]",
        b"{",
        b'{"frequency": [{"per": "week"}]}',
        b'{"quiet_hours": {"from": "21:00"}}',
        b'{"quiet_hours": {"from": "9", "to": "08:00", "time_zone": "UTC"}}',
        b'{"quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "Mars/Phobos"}}',
    ],
)
def test_preferences_that_are_not_ours_to_read_are_refused(packed: bytes) -> None:
    with pytest.raises(ArtifactCorrupt):
        Preferences.unpack(packed)


@pytest.mark.parametrize("name", ["Europe/Madrid", "UTC", "America/Argentina/Ushuaia", "Etc/GMT+5"])
def test_zones_of_the_list_are_known(name: str) -> None:
    assert zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Phobos", "Europe", "", "../etc/passwd", "/etc/passwd", "Europe/../UTC", "utc\n",
        "posix/UTC", "right/UTC", "posixrules", "localtime", "Factory", "a" * 300, "CET/", "é",
    ],
)  # fmt: skip
def test_zones_that_are_on_no_list_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="IANA list"):
        zone(name)


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        (("21:00", "08:00"), "2026-01-14T22:00:00+01:00", "2026-01-15T08:00:00+01:00"),
        (("21:00", "08:00"), "2026-01-15T02:00:00+01:00", "2026-01-15T08:00:00+01:00"),
        (("13:00", "15:30"), "2026-01-14T13:00:00+01:00", "2026-01-14T15:30:00+01:00"),
        (("23:00", "02:30"), "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"),
        (("23:00", "02:30"), "2026-10-25T01:00:00+02:00", "2026-10-25T02:30:00+02:00"),
        (("23:00", "02:30"), "2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+01:00"),
    ],
    ids=["over midnight", "after midnight", "siesta", "left out", "first of two", "second of two"],
)
def test_quiet_hours_end_by_the_customers_own_clock(
    hours: tuple[str, str], now: str, ends: str
) -> None:
    quiet = said(
        quiet_hours={"from": hours[0], "to": hours[1], "time_zone": "Europe/Madrid"}
    ).quiet_hours
    assert quiet is not None

    assert quiet_until(quiet, now_ms=ms(now)) == ms(ends)
    assert not is_quiet(quiet, now_ms=ms(ends))


@pytest.mark.parametrize("who", ["told", "decided"])
@pytest.mark.parametrize(
    ("said", "objects_to_it"),
    [
        ({}, False),
        ({"ads": True, "personalization": True, "sale_opt_out": False}, False),
        ({"ads": None, "analytics": False}, False),
        ({"ads": False}, True),
        ({"personalization": False}, True),
        ({"sale_opt_out": True}, True),
    ],
)
def test_whoever_said_no_anywhere_objects_to_being_told_of(
    who: str, said: dict[str, bool | None], objects_to_it: bool
) -> None:
    assert objects({"else": {"ads": True}, who: said}) is objects_to_it


@pytest.mark.parametrize("word", [0, 1, "false", "yes", [], {}])
@pytest.mark.parametrize("matter", ["ads", "personalization", "sale_opt_out"])
def test_a_word_that_is_none_of_ours_is_a_refusal(matter: str, word: object) -> None:
    consent: dict[str, dict[str, object]] = {"decided": {"ads": True}, "told": {matter: word}}

    assert objects(consent)
    assert targeting(None, consent=consent) is not None
