"""Which keys a server knows, when, and from where."""

import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import redis
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.credentials import Credentials
from app.errors import InvalidCredentials
from app.settings import ServerSettings
from models.artifacts.keys import Keys
from models.credentials import copy
from tests import shop
from tests.app.conftest import Serve
from tests.app.holders import Headers, Holders, bad, bearer
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = pytest.mark.anyio
ANYBODYS = "/recommend?limit=2"
Knowing = Callable[..., AbstractAsyncContextManager[Credentials]]


@pytest.fixture
def holders(store_url: str, namespace: str) -> Holders:
    shop.publish(store_url, namespace, shop.tiny())
    return Holders(store_url, namespace)


@pytest.fixture
def knowing(settings: ServerSettings) -> Knowing:
    """Start the credentials of a server, and no more of it."""

    @asynccontextmanager
    async def started(url: str = settings.redis_url) -> AsyncIterator[Credentials]:
        known = Credentials(url, Keys(settings.namespace), data_dir=settings.data_dir)
        await known.start()
        yield known
        await known.stop()

    return started


def opens(known: Credentials, text: str) -> bool:
    try:
        known.caller_of(api_key=None, bearer=text)
    except InvalidCredentials:
        return False
    return True


def status(client: TestClient, text: str | None = None) -> int:
    return client.get(ANYBODYS, headers=bearer(text) if text else {}).status_code


@pytest.mark.slow
def test_a_new_key_and_a_revoked_one_are_known_within_two_seconds(
    holders: Holders, serve: Serve
) -> None:
    client = serve()
    assert status(client) == 200

    id_, text = holders.key("secret", scopes=["recommend"])

    assert wait_for(lambda: status(client) == 401, limit_s=2)
    assert status(client, text) == 200

    holders.revoke(id_)

    assert wait_for(lambda: status(client, text) == 401, limit_s=2)


async def test_a_token_is_void_when_its_key_is_revoked(holders: Holders, knowing: Knowing) -> None:
    id_, signing = holders.key("signing")
    token = holders.token(signing)
    async with knowing() as known:
        assert opens(known, token)
        holders.revoke(id_)
        await known.refresh()

        assert not opens(known, token)


@pytest.mark.faults
async def test_keys_stay_good_while_the_store_is_away_and_after_a_restart_without_it(
    own_store: EmbeddedStore, namespace: str, knowing: Knowing
) -> None:
    holders = Holders(own_store.url, namespace)
    secret, token = holders.secret(), holders.token(holders.signing())
    async with knowing(own_store.url) as known:
        own_store.stop()
        await known.refresh()

        assert opens(known, secret)
        assert opens(known, token)

    async with knowing(own_store.url) as again:
        assert again.exist
        assert not again.answered
        assert opens(again, secret)
        assert opens(again, token)


@pytest.mark.faults
async def test_a_store_that_was_emptied_opens_nothing(holders: Holders, knowing: Knowing) -> None:
    secret = holders.secret()
    async with knowing() as known:
        with redis.Redis.from_url(holders.store_url) as store:
            store.delete(Keys(holders.namespace).credentials)
        with capture_logs() as lines:
            await known.refresh()
            await known.refresh()

        assert [line["event"] for line in lines] == [
            "the store has no keys any more; those that it had stay good"
        ]
        assert known.exist
        assert opens(known, secret)
        another = holders.secret()
        await known.refresh()

        assert opens(known, another)
        assert not opens(known, secret)


def test_a_token_that_was_good_is_void_when_its_time_is_over(
    holders: Holders, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = holders.token(holders.signing())
    client = serve()
    assert status(client, token) == 200

    at = time.time() + 931
    monkeypatch.setattr("app.tokens.time.time", lambda: at)

    assert status(client, token) == 401


def test_the_copy_is_for_the_servers_own_user_alone(
    holders: Holders, serve: Serve, settings: ServerSettings
) -> None:
    secret = holders.secret()
    serve()

    place = copy.place(settings.data_dir, settings.namespace)

    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert secret not in place.read_text()
    assert [path.name for path in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("content", [b"", b"{}", b"{", b"[]", b"\xff", b'{"a":1}'])
async def test_a_damaged_copy_still_says_that_there_were_keys(
    settings: ServerSettings, knowing: Knowing, content: bytes
) -> None:
    place = copy.place(settings.data_dir, settings.namespace)
    place.parent.mkdir()
    place.write_bytes(content)

    async with knowing("redis://127.0.0.1:1/0") as known:
        assert known.exist


def test_a_key_that_cannot_be_read_opens_nothing_and_closes_the_server(
    holders: Holders, serve: Serve
) -> None:
    with redis.Redis.from_url(holders.store_url) as store:
        store.hset(Keys(holders.namespace).credentials, "aaaaaaaa", b"{}")

    client = serve()

    assert status(client) == 401


@pytest.mark.faults
@pytest.mark.slow
def test_a_server_that_starts_without_the_store_answers_the_holders_of_its_copy(
    holders: Holders, serve: Serve, tmp_path: Path
) -> None:
    secret = holders.secret()
    serve()
    merchants = tmp_path / "list.txt"
    merchants.write_text("milk\n")

    client = serve(redis_url="redis://127.0.0.1:1/0", merchant_list=merchants)

    assert status(client, secret) == 200
    assert status(client) == 401
    assert client.get("/readyz").status_code == 200


def test_a_server_without_keys_says_so_at_its_start(serve: Serve) -> None:
    with capture_logs() as lines:
        serve()

    warned = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert len(warned) == 1
    assert "cartera keys create" in warned[0]


async def test_that_the_store_cannot_say_which_keys_there_are_is_told(knowing: Knowing) -> None:
    with capture_logs() as lines:
        async with knowing("redis://127.0.0.1:1/0") as known:
            assert not known.answered

    assert [line["event"] for line in lines] == [
        "the store does not say which keys there are: until then nobody is let in"
    ]


def test_a_server_with_keys_says_nothing_of_them_but_how_many(
    holders: Holders, serve: Serve
) -> None:
    secret = holders.secret()

    with capture_logs() as lines:
        serve()

    assert [line["keys"] for line in lines if "there are keys" in line["event"]] == [1]
    assert not any(line["log_level"] == "warning" for line in lines)
    assert secret not in str(lines)


async def test_every_bad_credential_takes_the_same_time(holders: Holders, knowing: Knowing) -> None:
    sent = bad(holders)

    def took_us(known: Credentials, headers: Headers) -> float:
        api_key = headers.get("X-API-Key")
        told = headers.get("Authorization", "").removeprefix("Bearer ") or None
        times = []
        for _ in range(200):
            began = time.perf_counter()
            with pytest.raises(InvalidCredentials):
                known.caller_of(api_key=api_key, bearer=told)
            times.append(time.perf_counter() - began)
        return statistics.median(times) * 1e6

    async with knowing() as known:
        took = {name: took_us(known, headers) for name, headers in sent.items()}

    assert max(took.values()) - min(took.values()) < 150, took  # a network hides a hundredfold
