"""A server without keys: whom it answers, and who cannot make it answer from elsewhere."""

import httpx2
import pytest
from starlette.testclient import TestClient

from app.main import create_server
from app.settings import ServerSettings
from tests import shop
from tests.app.conftest import Serve
from tests.app.holders import FAR, Headers, Holders, bearer, from_anywhere
from training.embedded import EmbeddedStore
from training.processes import wait_for

ANYBODYS = "/recommend?limit=2"
EVENT = {"event": "view_item", "anonymous_id": "v-1"}
OTHER_PAGES: list[Headers] = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8000@evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"},
]
PROXIES: list[Headers] = [
    {"X-Forwarded-For": "192.0.2.7"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=192.0.2.7"},
    {"X-Real-IP": "192.0.2.7"},
]


@pytest.fixture
def holders(store_url: str, namespace: str) -> Holders:
    shop.publish(store_url, namespace, shop.tiny())
    return Holders(store_url, namespace)


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_while_there_are_no_keys_this_machine_alone_is_let_in(
    holders: Holders, settings: ServerSettings
) -> None:
    server = from_anywhere(create_server(settings))

    with TestClient(server, base_url="http://localhost") as client:
        assert client.get(ANYBODYS).status_code == 200
        assert client.get(ANYBODYS, headers={"Host": "shop.example"}).status_code == 421
        assert refused(client.get(ANYBODYS, headers=FAR)) == (403, "insufficient-scope")
        assert refused(client.get("/livez", headers=FAR)) == (403, "insufficient-scope")


@pytest.mark.parametrize("headers", OTHER_PAGES, ids=repr)
def test_a_page_from_elsewhere_cannot_use_a_browser_of_this_machine(
    holders: Holders, serve: Serve, headers: Headers
) -> None:
    client = serve()
    text = headers | {"Content-Type": "text/plain"}

    asked = client.get(ANYBODYS, headers=headers)
    told = client.post("/events", content='{"event":"x","anonymous_id":"v"}', headers=text)
    watched = client.get("/metrics", headers=headers)
    asked_first = client.options(
        "/recommend", headers=headers | {"Access-Control-Request-Method": "POST"}
    )

    for answer in (asked, told, watched, asked_first):
        assert refused(answer) == (403, "insufficient-scope")
        assert "--origin" in answer.json()["detail"]
        assert "access-control-allow-origin" not in answer.headers
    assert client.get("/docs", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://[::1]:3000", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=repr,
)
def test_pages_of_this_machine_are_answered(
    holders: Holders, serve: Serve, headers: Headers
) -> None:
    client = serve()

    assert client.get(ANYBODYS, headers=headers).status_code == 200
    assert client.post("/events", json=EVENT, headers=headers).status_code == 202


@pytest.mark.parametrize("headers", PROXIES, ids=repr)
def test_a_proxy_on_this_machine_does_not_open_it_to_the_world(
    holders: Holders, serve: Serve, headers: Headers
) -> None:
    client = serve()

    for path in (ANYBODYS, "/metrics", "/livez"):
        answer = client.get(path, headers=headers)
        assert refused(answer) == (403, "insufficient-scope")
        assert "cartera keys create" in answer.json()["detail"]


def test_with_keys_a_proxy_may_stand_before_it_and_opens_no_metrics(
    holders: Holders, serve: Serve
) -> None:
    secret = holders.secret("recommend")
    client = serve()

    for headers in PROXIES:
        assert client.get(ANYBODYS, headers=headers | bearer(secret)).status_code == 200
        assert client.get("/livez", headers=headers).status_code == 200
        assert refused(client.get("/metrics", headers=headers)) == (401, "invalid-credentials")


@pytest.mark.faults
@pytest.mark.slow
def test_nobody_is_let_in_before_the_store_has_said_that_there_are_no_keys(
    settings: ServerSettings, own_store: EmbeddedStore
) -> None:
    away = settings.model_copy(update={"redis_url": own_store.url})
    own_store.stop()
    server = from_anywhere(create_server(away))

    with TestClient(server, base_url="http://localhost") as client:
        for headers in ({}, FAR, {"Host": "shop.example"}, {"X-Forwarded-For": "192.0.2.7"}):
            asked = client.get(ANYBODYS, headers=headers)
            told = client.post("/events", json=EVENT, headers=headers)

            assert refused(asked) == refused(told) == (503, "not-ready")
            assert asked.headers["retry-after"]
            assert client.get("/readyz", headers=headers).status_code == 503
            assert client.get("/livez", headers=headers).status_code == 200
        assert client.get("/metrics").status_code == 200
        assert client.get("/metrics", headers=FAR).status_code == 503

        own_store.start()

        assert wait_for(lambda: client.post("/events", json=EVENT).status_code == 202, limit_s=10)
