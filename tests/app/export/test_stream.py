"""A stream under way: who refuses meanwhile is in no later part, and a part is never the whole.

The members of every chunk are the same, so that a few customers make an audience that no buffer
between server and caller holds.
"""

import http.client
import io
import os
import signal
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import redis

from models.artifacts.keys import Keys
from tests import shop
from tests.app.export.sets import AGREES, ID, Sets
from tests.app.serving import Live, live
from training.embedded import EmbeddedStore
from training.processes import wait_for

PATH = f"/audiences/{ID}/members?purpose=x"
PARQUET = "application/vnd.apache.parquet"
MEMBERS = [f"{'c' * 200}-{n}" for n in range(500)]
N_CHUNKS = 80
"""Of 500 members and more than 200 bytes each: 9 MB."""


class Shop(NamedTuple):
    """A server in a process, its own store, and an audience."""

    live: Live
    sets: Sets


@contextmanager
def serving(store_url: str, data_dir: Path) -> Iterator[Shop]:
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    with redis.Redis.from_url(store_url) as store:
        sets = Sets(store, Keys(namespace))
        with live(store_url, namespace=namespace, data_dir=data_dir) as server:
            yield Shop(server, sets)


@pytest.fixture(scope="module")
def streaming(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with serving(store_url, tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def large(streaming: Shop) -> Iterator[Shop]:
    fill(streaming.sets)
    yield streaming
    streaming.sets.store.delete(streaming.sets.keys.audience_exports(ID))


def fill(sets: Sets) -> None:
    sets.customers(MEMBERS)
    sets.audience(MEMBERS * N_CHUNKS, of_chunk=len(MEMBERS))


@contextmanager
def begun(server: Live, *, accept: str = "*/*") -> Iterator[http.client.HTTPResponse]:
    """An answer of which little fits between server and caller, and nothing was read."""
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.settimeout(20)
        link.connect(("127.0.0.1", server.port))
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.sock = link
        connection.request("GET", PATH, headers={"Accept": accept})
        answer = connection.getresponse()
        with closing(answer):  # or the link stays open for it
            assert answer.status == 200
            yield answer


def entries(server: Live) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(server.get(f"/audiences/{ID}/exports")[1])["entries"]
    return found


@pytest.mark.slow
def test_who_refuses_or_is_erased_is_in_no_later_part_of_a_stream(large: Shop) -> None:
    with begun(large.live) as answer:
        first = answer.readline()
        large.sets.says(MEMBERS[1], AGREES | {"told": {"ads": False}})
        large.sets.erase(MEMBERS[2])
        lines = [first, *answer.read().splitlines()]

    found = [orjson.loads(line)["customer_id"] for line in lines]
    assert found.count(MEMBERS[0]) == N_CHUNKS
    assert 0 < found.count(MEMBERS[1]) < N_CHUNKS
    assert 0 < found.count(MEMBERS[2]) < N_CHUNKS
    assert found[-3:] == MEMBERS[-3:]
    assert {MEMBERS[1], MEMBERS[2]}.isdisjoint(found[-len(MEMBERS) :][:-2])


@pytest.mark.slow
@pytest.mark.faults
def test_a_stream_whose_members_go_away_breaks_off(large: Shop) -> None:
    last = large.sets.keys.audience_members(ID, 1, N_CHUNKS - 1)
    with begun(large.live) as answer:
        large.sets.store.delete(last)

        with pytest.raises(http.client.IncompleteRead):
            answer.read()

    ended, began = entries(large.live)
    assert (began["event"], ended["event"], ended["outcome"]) == ("began", "ended", "aborted")
    assert ended["members"] == len(MEMBERS) * (N_CHUNKS - 1)


@pytest.mark.slow
@pytest.mark.faults
def test_a_stream_whose_store_dies_breaks_off(own_store: EmbeddedStore, tmp_path: Path) -> None:
    with serving(own_store.url, tmp_path / "served") as served:
        fill(served.sets)
        with begun(served.live) as lines, begun(served.live, accept=PARQUET) as columns:
            os.kill(int((tmp_path / "store" / "store.pid").read_text()), signal.SIGKILL)

            with pytest.raises(http.client.IncompleteRead):
                lines.read()
            with pytest.raises(http.client.IncompleteRead) as broken:
                columns.read()

    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(io.BytesIO(broken.value.partial))


@pytest.mark.slow
def test_a_caller_who_leaves_is_noted(large: Shop) -> None:
    with begun(large.live) as answer:
        answer.readline()

    assert wait_for(lambda: len(entries(large.live)) == 2, limit_s=10)
    ended = entries(large.live)[0]
    assert ended["outcome"] == "aborted"
    assert 0 < ended["members"] < len(MEMBERS) * N_CHUNKS
