"""Which pages may use a key, and which may read what is answered (CORS)."""

import httpx2
import pytest

from tests import shop
from tests.app.conftest import Serve
from tests.app.holders import ORIGIN, Holders, bearer, page

ANYBODYS = "/recommend?limit=2"


@pytest.fixture
def holders(store_url: str, namespace: str) -> Holders:
    shop.publish(store_url, namespace, shop.tiny())
    return Holders(store_url, namespace)


def test_a_page_of_another_shop_may_not_use_a_key(holders: Holders, serve: Serve) -> None:
    publishable = holders.publishable()
    client = serve()

    def asked(**headers: str) -> httpx2.Response:
        return client.get(ANYBODYS, headers=page(publishable) | headers)

    assert asked().status_code == 200
    assert asked(Origin=ORIGIN).status_code == 200
    for origin in ("https://evil.example", "null", f"{ORIGIN}.evil.example", ORIGIN.upper(), ""):
        other = asked(Origin=origin)
        assert refused(other) == (403, "insufficient-scope")
        assert "access-control-allow-origin" not in other.headers


def test_only_the_pages_of_a_key_may_read_its_answers(holders: Holders, serve: Serve) -> None:
    ours, theirs = "https://ours.example", "https://theirs.example"
    first, _ = holders.publishable(ours), holders.publishable(theirs)
    client = serve()

    mine = client.get(ANYBODYS, headers=page(first) | {"Origin": ours})
    mistaken = client.get("/recommend?limit=0", headers=page(first) | {"Origin": ours})
    unread = client.post("/recommend", headers=page(first) | {"Origin": ours}, content=b"{")
    other = client.get(ANYBODYS, headers=page(first) | {"Origin": theirs})

    assert [mine.status_code, mistaken.status_code, unread.status_code] == [200, 422, 415]
    for answer in (mine, mistaken, unread):
        assert answer.headers["access-control-allow-origin"] == ours
        assert answer.headers["access-control-expose-headers"] == "ETag, Retry-After"
        assert "Origin" in answer.headers["vary"]
        assert "access-control-allow-credentials" not in answer.headers
    assert other.status_code == 403
    assert "access-control-allow-origin" not in other.headers
    assert "Origin" in other.headers["vary"]


def test_a_page_can_read_that_its_customers_token_is_void(holders: Holders, serve: Serve) -> None:
    publishable, signing = holders.publishable(), holders.signing()
    old = holders.token(signing, made_s=-2000)
    client = serve()

    answer = client.get(ANYBODYS, headers=page(publishable) | bearer(old) | {"Origin": ORIGIN})
    elsewhere = client.get(ANYBODYS, headers=bearer(old) | {"Origin": "https://evil.example"})

    assert answer.status_code == elsewhere.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in elsewhere.headers


def test_a_secret_key_is_for_no_page(holders: Holders, serve: Serve) -> None:
    secret, _ = holders.secret(), holders.publishable()
    client = serve()

    answer = client.get(ANYBODYS, headers=bearer(secret) | {"Origin": ORIGIN})

    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_a_browser_that_asks_first_is_told_for_the_pages_of_a_key_alone(
    holders: Holders, serve: Serve
) -> None:
    holders.publishable()
    client = serve()

    def asked(origin: str) -> httpx2.Response:
        return client.options(
            "/recommend", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        )

    ours, other = asked(ORIGIN), asked("https://evil.example")

    assert ours.status_code == 204
    assert ours.headers["access-control-allow-origin"] == ORIGIN
    assert "X-API-Key" in ours.headers["access-control-allow-headers"]
    assert "PUT" in ours.headers["access-control-allow-methods"]
    assert refused(other) == (403, "insufficient-scope")
    assert "access-control-allow-origin" not in other.headers


def test_the_answer_to_an_ordinary_caller_says_nothing_of_origins(
    holders: Holders, serve: Serve
) -> None:
    secret = holders.secret()
    client = serve()

    answer = client.get(ANYBODYS, headers=bearer(secret))

    assert not [name for name in answer.headers if name.startswith("access-control")]


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
