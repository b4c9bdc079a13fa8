"""What is to be done next of audiences."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from models.artifacts.audience import Asked, Audience, Built, Stands, Status
from models.artifacts.keys import Keys
from tests.training.audiences.asking import Store, ask, found
from training.audiences.waiting import Waiting, forget, is_due, read
from training.audiences.written import Written

NOW_MS = 1_000_000


def audience(status: Status = "queued", **asked: object) -> Audience:
    return Audience(
        id="aud_1",
        asked=Asked(type="group", group="high", created_ms=1, created_by="", **asked),  # type: ignore[arg-type]
        stands=Stands(status=status, at_ms=1, release="r1"),
        built=Built(build=5, release="r1", members=0, chunks=1, at_ms=1),
    )


def waiting(written: dict[int, Written], *, unreadable: tuple[str, ...] = ()) -> Waiting:
    return Waiting(
        audiences=[audience("ready")], unreadable=unreadable, written=written, youngest=9, word="w"
    )


@pytest.mark.parametrize(
    ("one", "release", "due"),
    [
        (audience("queued"), "r1", True),
        (audience("queued"), None, False),
        (audience("building"), "r1", True),
        (audience("ready"), "r2", False),
        (audience("ready", refresh=True), "r2", True),
        (audience("ready", refresh=True), "r1", False),
        (audience("refused", refresh=True), "r2", True),
        (audience("failed"), "r2", False),
        (audience("queued", expires_ms=NOW_MS), "r1", False),
    ],
    ids=[
        "queued", "without a release", "its builder died", "built", "another release serves",
        "the same release serves", "refused for the release before", "failed", "expired",
    ],
)  # fmt: skip
def test_is_built(one: Audience, release: str | None, due: bool) -> None:
    assert is_due(one, release=release, now_ms=NOW_MS) is due


@pytest.mark.parametrize(
    ("one", "forgotten"),
    [
        (audience("ready", expires_ms=NOW_MS), True),
        (audience("ready", expires_ms=NOW_MS + 1), False),
        (audience("ready"), False),
    ],
    ids=["expired", "expires", "never expires"],
)
def test_is_forgotten(one: Audience, forgotten: bool) -> None:
    assert one.has_expired(now_ms=NOW_MS) is forgotten


@pytest.mark.parametrize(
    ("written", "is_stale"),
    [
        (Written(audience_id="aud_1", chunks=1), True),
        (Written(audience_id="aud_1", chunks=1, kept_until_ms=NOW_MS + 1), False),
        (Written(audience_id="aud_1", chunks=1, kept_until_ms=NOW_MS), True),
        (Written(audience_id="aud_2", chunks=1, kept_until_ms=NOW_MS + 1), True),
        (Written(audience_id="aud_3", chunks=1), False),
    ],
    ids=["never ended", "replaced", "replaced long ago", "deleted", "a newer Cartera's"],
)
def test_is_taken_back(written: Written, is_stale: bool) -> None:
    there = waiting({5: Written(audience_id="aud_1", chunks=1), 4: written}, unreadable=("aud_3",))

    assert [*there.stale(NOW_MS)] == ([4] if is_stale else [])


def test_the_next_thing_to_do_is_what_expires_first() -> None:
    kept = Written(audience_id="aud_1", chunks=1, kept_until_ms=NOW_MS + 7)
    soon = replace(waiting({4: kept}), audiences=[audience("ready", expires_ms=NOW_MS + 9)])

    assert soon.next_ms(NOW_MS) == NOW_MS + 7
    assert waiting({}).next_ms(NOW_MS) == float("inf")


def test_the_oldest_comes_first(store: Store, keys: Keys) -> None:
    ids = [ask(store, keys, type="group", group="high") for _ in range(3)]
    for age, audience_id in enumerate(reversed(ids)):
        store.zadd(keys.audience_ids, {audience_id: age})

    there = read(store, keys)

    assert [one.id for one in there.audiences] == [*reversed(ids)]


def test_an_audience_that_cannot_be_read_is_left_alone(store: Store, keys: Keys) -> None:
    broken = ask(store, keys, type="group", group="high")
    whole = ask(store, keys, type="group", group="high")
    store.hset(keys.audience(broken), "asked", b'{"of":"the future"}')

    there = read(store, keys)

    assert [one.id for one in there.audiences] == [whole]
    assert there.unreadable == [broken]


@pytest.mark.parametrize("number", [b"4", b"none", b"\xff"])
def test_a_note_that_is_not_ours_keeps_no_other_from_being_read(
    store: Store, keys: Keys, number: bytes
) -> None:
    ours = Written(audience_id="aud_1", chunks=1)
    store.hset(keys.audience_written, mapping={b"3": ours.pack(), number: b"of a newer Cartera's"})

    with capture_logs() as lines:
        there = read(store, keys)

    assert there.written == {3: ours}
    assert [line["log_level"] for line in lines] == ["error"]


def test_what_is_forgotten_is_gone_and_that_is_counted_as_a_change(
    store: Store, keys: Keys
) -> None:
    audience_id = ask(store, keys, type="group", group="high")

    forget(store, keys, audience_id)

    assert found(store, keys, audience_id) is None
    assert store.zcard(keys.audience_ids) == 0
    assert store.get(keys.audience_changes) == b"2"
