"""What was put on disk is in the store once that takes it again, once each."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import structlog

from app.errors import NotDurable
from app.ingest.frames import framed
from app.ingest.recent import Recent
from app.ingest.replay import Replay
from app.ingest.spool import Spool
from app.ingest.writer import Writer
from app.scripts import Scripts
from models.artifacts.event import Consent, order_digest
from models.artifacts.keys import Keys, shard_of
from tests.app.ingest.happening import NOW_MS, ORDER, Store, event, eventually, taking
from tests.faults.proxy import Link
from training.embedded import EmbeddedStore

pytestmark = [pytest.mark.anyio, pytest.mark.faults]


@pytest.fixture
def own(own_store: EmbeddedStore, namespace: str) -> Iterator[Store]:
    store = Store(own_store.url, namespace)
    yield store
    store.client.close()


@pytest.fixture
def link(own_store: EmbeddedStore) -> Iterator[Link]:
    with Link(own_store.url) as link:
        yield link


def n_files(folder: Path) -> int:
    return len(list(folder.glob("*")))


def answers(held: Store) -> bool:
    try:
        return bool(held.client.ping())
    except redis.RedisError:
        return False


async def test_what_comes_while_the_store_is_away_is_stored_when_it_is_back(
    link: Link, own: Store, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    async with taking(link.url, namespace, folder) as ingest:
        link.be("reset")
        sent = [event(customer_id=f"c-{n}") for n in range(20)]
        taken = [await ingest.accept([one]) for one in sent]
        assert own.ids() == []

        link.be("pass")
        await eventually(lambda: n_files(folder) == 0)

    assert taken == [[True]] * 20
    assert own.ids() == sorted(one.event_id for one in sent)
    assert len(own.customer("c-7").events) == 1


async def test_an_event_whose_reply_was_lost_is_stored_once(
    link: Link, own: Store, namespace: str, tmp_path: Path
) -> None:
    folder, sent = tmp_path / "spool", event(customer_id="ana")
    async with taking(link.url, namespace, folder, timeout_s=0.1) as ingest:
        await ingest.accept([event(customer_id="ana", event_id="first")])
        link.be("deaf")
        for _ in range(5):
            await ingest.accept([sent])
        assert own.ids() == sorted([sent.event_id, "first"])

        link.be("pass")
        await eventually(lambda: n_files(folder) == 0)

    assert own.ids() == sorted([sent.event_id, "first"])
    assert len(own.customer("ana").events) == 2


async def test_what_a_process_left_that_died_is_replayed_by_the_next(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    sent = event(customer_id="ana")
    torn = framed(b"e" + event(customer_id="ana").pack())[:-5]
    (folder / "left.spool").write_bytes(framed(b"e" + sent.pack()) + torn)

    async with taking(own_store.url, namespace, folder):
        await eventually(lambda: n_files(folder) == 0)

    assert own.events() == [sent]


async def test_what_is_damaged_is_set_aside_and_the_rest_is_stored(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    sent = event(customer_id="ana")
    (folder / "left.spool").write_bytes(framed(b"e{}") + framed(b"e" + sent.pack()))

    async with taking(own_store.url, namespace, folder):
        await eventually((folder / "left.damaged").exists)

    assert own.events() == [sent]


async def test_an_order_is_claimed_when_it_is_replayed(
    link: Link, own: Store, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    async with taking(link.url, namespace, folder) as ingest:
        link.be("reset")
        await ingest.accept([event(**ORDER, anonymous_id="v")])
        both = {"customer_id": "ana", "anonymous_id": "v"}
        await ingest.accept([event(**ORDER, **both, source="backend")])
        await ingest.accept([event(**ORDER, anonymous_id="v")])
        link.be("pass")
        await eventually(lambda: n_files(folder) == 0)

    assert sorted((one.source, one.confirms) for one in own.events()) == [
        ("backend", True),
        ("page", False),
    ]


async def test_what_is_nobodys_is_nobodys_on_disk_too(
    link: Link, own: Store, namespace: str, tmp_path: Path
) -> None:
    folder, refused = tmp_path / "spool", Consent(analytics=False, personalization=False)
    async with taking(link.url, namespace, folder) as ingest:
        link.be("reset")
        await ingest.accept([event(customer_id="ana", session_id="secret", consent=refused)])
        (file,) = folder.iterdir()
        assert b"secret" not in file.read_bytes()

        link.be("pass")
        await eventually(lambda: n_files(folder) == 0)

    assert [one.customer_id for one in own.events()] == [None]
    assert not own.customer("ana").may_personalize


async def test_nobodys_orders_are_told_to_be_one_from_disk_too(
    link: Link, own: Store, namespace: str, tmp_path: Path
) -> None:
    folder, refused = tmp_path / "spool", Consent(analytics=False)
    async with taking(link.url, namespace, folder) as ingest:
        link.be("reset")
        for source in ("page", "page", "backend", "backend"):
            said = {"source": source, "consent": refused, "event_id": f"{source}-{NOW_MS}"}
            await ingest.accept([event(**ORDER, customer_id="ana", **said)])
        await ingest.accept([event(**ORDER, customer_id="ana", source="backend", consent=refused)])
        link.be("pass")
        await eventually(lambda: n_files(folder) == 0)

    assert sorted((one.source, one.order) for one in own.events()) == [
        ("backend", order_digest("t-1")),
        ("page", order_digest("t-1")),
    ]


async def test_what_neither_store_nor_disk_takes_again_is_in_the_log(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    """What comes behind it is brought into the store all the same."""
    own.client.set(own.keys.events(shard_of("ana")), "in the way")
    entries = [b"e" + event(customer_id="ana").pack() for _ in range(250)]
    entries.append(b"e" + event(customer_id="ben", event_id="last").pack())
    scripts, spool = Scripts(own_store.url, timeout_s=0.5), Spool(tmp_path / "spool", max_bytes=1)
    writer = Writer(scripts, Keys(namespace))
    replay = Replay(spool, writer, Recent(), replayed=lambda _n: None)

    with structlog.testing.capture_logs() as lines:
        await replay.again(entries)
    await spool.stop()
    await scripts.stop()
    own.client.delete(own.keys.events(shard_of("ana")))

    (told,) = [one for one in lines if one["log_level"] == "error"]
    assert told["n"] == 250
    assert own.ids() == ["last"]


async def test_a_full_spool_refuses_the_whole_request(
    link: Link, own: Store, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    async with taking(link.url, namespace, folder, max_bytes=500) as ingest:
        link.be("reset")
        await ingest.accept([event(customer_id="ana", event_id="first")])
        with pytest.raises(NotDurable):
            await ingest.accept([event(customer_id=f"c-{n}") for n in range(10)])
        link.be("pass")
        await eventually(lambda: n_files(folder) == 0)
        await ingest.accept([event(customer_id="ana", event_id="last")])

    assert own.ids() == ["first", "last"]


async def test_what_one_shard_refuses_waits_on_disk_and_the_rest_is_stored(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    folder, stream = tmp_path / "spool", own.keys.events(shard_of("ana"))
    own.client.set(stream, "in the way")
    async with taking(own_store.url, namespace, folder) as ingest:
        sent = [event(customer_id=name, event_id=name) for name in ("ana", "ben")]

        assert await ingest.accept(sent) == [True, True]
        own.client.delete(stream)
        await eventually(lambda: n_files(folder) == 0)

    assert own.ids() == ["ana", "ben"]


async def test_what_no_shard_takes_for_now_does_not_keep_up_other_files(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    folder, stream = tmp_path / "spool", own.keys.events(shard_of("ana"))
    folder.mkdir()
    own.client.set(stream, "in the way")
    for name in ("ana", "ben"):
        entry = framed(b"e" + event(customer_id=name, event_id=name).pack())
        (folder / f"{name}.spool").write_bytes(entry)

    async with taking(own_store.url, namespace, folder):
        await eventually(lambda: not (folder / "ben.spool").exists())
        own.client.delete(stream)

    assert (folder / "ana.spool").exists()


async def test_a_store_that_is_full_stores_and_forgets_nothing(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    async with taking(own_store.url, namespace, folder) as ingest:
        await ingest.accept([event(customer_id="ana", event_id="1")])
        own.client.config_set("maxmemory", "1mb")
        assert await ingest.accept([event(customer_id="ana", event_id="2")]) == [True]
        assert own.ids() == ["1"]
        own.client.config_set("maxmemory", "0")
        await eventually(lambda: n_files(folder) == 0)

    assert own.ids() == ["1", "2"]
    assert own.client.info("stats")["evicted_keys"] == 0


async def test_what_comes_from_disk_stands_behind_what_happened_since(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    async with taking(own_store.url, namespace, folder) as ingest:
        await ingest.accept([event(customer_id="ana", at_ms=NOW_MS)])
        folder.mkdir()
        unnamed = folder / "left"
        unnamed.write_bytes(framed(b"e" + event(customer_id="ana", at_ms=NOW_MS - 9).pack()))
        unnamed.rename(folder / "left.spool")
        await eventually(lambda: len(own.customer("ana").events) == 2)

    assert [one.at_ms - NOW_MS for one in own.customer("ana").events] == [-9, 0]


async def test_what_a_store_forgot_in_dying_is_told_it_again(
    own: Store, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    """As where its file had not been written yet: it writes none for the second event."""
    pid = own.client.info("server")["process_id"]
    async with taking(own_store.url, namespace, tmp_path / "spool") as ingest:
        await ingest.accept([event(customer_id="ana", event_id="1")])
        own.client.config_set("appendonly", "no")
        assert await ingest.accept([event(customer_id="ana", event_id="2")]) == [True]

        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: not own_store.alive())
        own_store.ensure_running()
        await eventually(lambda: answers(own) and own.ids() == ["1", "2"])

    assert len(own.customer("ana").events) == 2
