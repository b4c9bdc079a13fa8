"""How contacts are counted: by a window that slides, and by what is allowed at that moment."""

from typing import Any

import orjson
import pytest
import redis

from app.contact import consider, permitted, record, would_be
from app.deps import Server
from app.settings import ServerSettings
from models.artifacts.keys import Keys
from models.customer.permission import DAY_MS

EMAIL = {"channels": {"email": True}}
NOW = 1_760_000_000_000


def contacts(settings: ServerSettings, customer: str = "ana") -> list[list[Any]]:
    """What is remembered of a customer's contacts."""
    with redis.Redis.from_url(settings.redis_url) as store:
        held: Any = store.hget(Keys(settings.namespace).live_of_customer(customer), "c")
    return list(orjson.loads(held)) if held else []


@pytest.fixture
def parts(settings: ServerSettings) -> Server:
    """The parts of a server, without the server."""
    return Server.of(settings)


def preferences(settings: ServerSettings, **said: object) -> None:
    with redis.Redis.from_url(settings.redis_url) as store:
        key = Keys(settings.namespace).live_of_customer("ana")
        store.hset(key, "p", orjson.dumps(EMAIL | said))


@pytest.mark.anyio
async def test_windows_slide(parts: Server, settings: ServerSettings) -> None:
    preferences(settings, frequency=[{"channel": "email", "at_most": 2, "per": "week"}])
    hour, week = DAY_MS // 24, 7 * DAY_MS
    moments = [0, hour, 2 * hour, week - 1, week, week + 1, week + hour, week + 2 * hour]

    try:
        refused = [
            (await permitted(parts, "ana", "email", now_ms=NOW + moment)).refused
            for moment in moments
        ]
    finally:
        await parts.scripts.stop()

    full = "frequency-cap"
    assert refused == [None, None, full, full, None, full, None, full]


@pytest.mark.anyio
async def test_no_more_contacts_are_remembered_than_are_counted(
    parts: Server, settings: ServerSettings
) -> None:
    preferences(settings, channels={"email": True, "sms": True})
    old = [["sms", NOW - 31 * DAY_MS], ["sms", NOW - 31 * DAY_MS + 1]]
    many = [["email", NOW - 1000 + place] for place in range(150)]
    with redis.Redis.from_url(settings.redis_url) as store:
        key = Keys(settings.namespace).live_of_customer("ana")
        store.hset(key, "c", orjson.dumps(old + many))

    try:
        await permitted(parts, "ana", "email", now_ms=NOW)
    finally:
        await parts.scripts.stop()

    assert contacts(settings) == [old[1], *many[50:], ["email", NOW]]


@pytest.mark.anyio
async def test_what_was_changed_while_a_list_was_made_is_heeded(
    parts: Server, settings: ServerSettings
) -> None:
    preferences(settings)
    try:
        contact = await consider(parts, "ana", "email", now_ms=NOW)
        preferences(settings, channels={"email": False})
        found = await record(parts, contact)
    finally:
        await parts.scripts.stop()

    assert not contact.is_refused
    assert found.refused == "preferences-unknown"
    assert contacts(settings) == []


@pytest.mark.anyio
async def test_whether_contacts_would_be_permitted_is_said_of_each_and_counts_none(
    parts: Server, settings: ServerSettings
) -> None:
    preferences(settings, frequency=[{"at_most": 1, "per": "day"}])

    try:
        open_ = await consider(parts, "ana", "email", now_ms=NOW)
        unknown = await consider(parts, "ben", "email", now_ms=NOW)
        before = [one.refused for one in await would_be(parts, [open_, unknown, open_])]
        counted = len(contacts(settings))
        await record(parts, open_)
        after = [one.refused for one in await would_be(parts, [unknown, open_])]
        tomorrow = await would_be(parts, [open_.at(NOW + DAY_MS)])
        preferences(settings, topics={"wine": False})
        changed = await would_be(parts, [open_])
    finally:
        await parts.scripts.stop()

    assert before == [None, "preferences-unknown", None]
    assert counted == 0
    assert after == ["preferences-unknown", "frequency-cap"]
    assert tomorrow[0].refused is None
    assert changed[0].refused == "preferences-unknown"
