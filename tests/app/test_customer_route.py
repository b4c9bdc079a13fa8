"""What is known of one customer of the tiny shop, and what is said where it is not known."""

from dataclasses import replace
from urllib.parse import quote

import pytest
import redis
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.routes.customers import CustomerResponse
from app.settings import ServerSettings
from models.artifacts.customer_profile import pack
from models.artifacts.keys import Keys, shard_of
from models.customer import told
from tests import known, shop
from tests.app.conftest import Serve, started
from training.embedded import EmbeddedStore
from training.processes import wait_for

ODD_IDS = ["a/b", "a%2Fb", "//", "..", "ñandú 牛乳", "{id}", "x?y#z", "a+b", "a b", "/", "x" * 256]


def publish(settings: ServerSettings, made: shop.Shop) -> None:
    shop.publish(settings.redis_url, settings.namespace, made)


def put(settings: ServerSettings, customer_id: str, profile: bytes, version: str = "r1") -> None:
    key = Keys(settings.namespace).profiles(version, shard_of(customer_id))
    with redis.Redis.from_url(settings.redis_url) as store:
        store.hset(key, customer_id, profile)


def test_all_that_is_known_of_a_customer_is_answered(client: TestClient) -> None:
    response = client.get("/customers/ana")

    loaded = shop.tiny().loaded
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "private, no-store"
    body = response.json()
    assert body["satisfaction"]["evidence"].pop("lately") == []
    assert body == told.customer(
        "ana",
        known.ana(),
        summary=known.summary(),
        categories=loaded.catalogue.categories,
        release="r1",
    )
    assert body["categories"][0]["category"] == "dairy"


@pytest.mark.parametrize("customer", ["ana", "ben", "cleo"])
def test_the_answer_is_what_the_document_describes(client: TestClient, customer: str) -> None:
    body = client.get(f"/customers/{customer}").json()

    read = CustomerResponse.model_validate(body, strict=True)

    assert read.model_dump(exclude_unset=True) == body


def test_who_never_bought_is_known_and_who_was_never_named_is_not(client: TestClient) -> None:
    assert client.get("/customers/cleo").json()["stage"] == {"name": "prospect"}

    response = client.get("/customers/zq-nobody")

    assert response.status_code == 404
    assert response.json()["code"] == "unknown-customer"
    assert "zq-nobody" not in response.text


def test_whoever_has_the_answer_is_told_so(client: TestClient) -> None:
    first = client.get("/customers/ana")
    tag = first.headers["etag"]

    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/customers/ana", headers={"If-None-Match": asked})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "private, no-store"
    for asked in ('"other"', "x" * 9000, tag.strip('"'), ""):
        assert client.get("/customers/ana", headers={"If-None-Match": asked}).content == (
            first.content
        )
    assert client.get("/customers/ben").headers["etag"] != tag


def test_the_tag_may_stand_on_any_line_and_behind_as_much_as_a_request_may_hold(
    client: TestClient,
) -> None:
    tag = client.get("/customers/ana").headers["etag"]

    long = '"' + "x" * 9000 + '"'

    for lines in (['"other"', tag], [tag, '"other"'], [long, tag], [f"{long}, {tag}"]):
        headers = [("If-None-Match", line) for line in lines]
        assert client.get("/customers/ana", headers=headers).status_code == 304


def test_another_release_is_another_answer(settings: ServerSettings) -> None:
    publish(settings, shop.tiny())
    with started(settings) as client:
        before = client.get("/customers/ana").headers["etag"]
        publish(settings, shop.tiny("r2"))
    with started(settings) as client:
        after = client.get("/customers/ana")

    assert after.json()["release"] == "r2"
    assert after.headers["etag"] != before


@pytest.mark.parametrize("id_", ODD_IDS)
def test_an_id_of_any_characters_is_found(settings: ServerSettings, id_: str) -> None:
    publish(settings, shop.tiny())
    put(settings, id_, known.profiles()["ben"])

    with started(settings) as client:
        response = client.get("/customers/" + quote(id_, safe="").replace(".", "%2E"))

    assert response.status_code == 200, response.text
    assert response.json()["customer_id"] == id_


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/customers/" + "x" * 257, 422, "validation"),
        ("/customers/a%C2%85b", 422, "validation"),
        ("/customers/a%0Ab", 400, "malformed-url"),
        ("/customers/a%FFb", 400, "malformed-url"),
        ("/customers/", 404, "not-found"),
        ("/customers", 404, "not-found"),
        ("/customers/a/b", 404, "not-found"),
        ("/customers/ana?full=true", 422, "validation"),
    ],
)
def test_a_path_that_names_nobody_is_refused(
    client: TestClient, path: str, status: int, code: str
) -> None:
    response = client.get(path)

    assert (response.status_code, response.json()["code"]) == (status, code)
    if status == 422 and "?" not in path:
        assert response.json()["errors"][0]["pointer"] == "/customer_id"


def test_only_reading_is_offered(client: TestClient) -> None:
    response = client.delete("/customers/a%2Fb")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET"


def test_without_a_release_nobody_is_known_yet(serve: Serve) -> None:
    response = serve().get("/customers/ana")

    assert response.status_code == 503
    assert response.json()["code"] == "not-ready"
    assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize("path", ["/customers/ana", "/segments", "/segments/client", "/portfolio"])
def test_a_release_of_before_customers_were_known_says_so(
    settings: ServerSettings, path: str
) -> None:
    made = shop.tiny()
    publish(settings, replace(made, loaded=replace(made.loaded, customers=None), profiles={}))

    with started(settings) as client:
        response = client.get(path)
        listed = client.get("/recommend?customer_id=ana")

    assert response.status_code == 404
    assert response.json()["code"] == "customers-not-known"
    assert response.json()["retryable"] is False
    assert "before customers were known" in response.json()["detail"]
    assert listed.json()["level"] == 0


def test_a_store_that_is_away_is_no_unknown_customer(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    assert client.get("/customers/ana").status_code == 200

    own_store.stop()
    response = client.get("/customers/ana")

    assert response.status_code == 503
    assert response.json()["code"] == "not-ready"
    assert response.headers["retry-after"] == "2"


def test_a_store_that_lost_the_release_is_no_unknown_customer(
    settings: ServerSettings, serve: Serve
) -> None:
    publish(settings, shop.tiny())
    client = serve()
    keys = Keys(settings.namespace)
    with redis.Redis.from_url(settings.redis_url) as store:
        store.delete(keys.current, keys.releases, keys.profiles("r1", shard_of("ana")))

    assert wait_for(lambda: client.get("/customers/ana").status_code == 503, limit_s=5)
    assert client.get("/customers/ana").json()["code"] == "not-ready"


OF_NO_CATEGORY = pack(known.profile(known.BEN, category=[4, -1, -1, -1, -1]))


@pytest.mark.parametrize("bad", [b"", b"nonsense", known.profiles()["ana"][:-1], OF_NO_CATEGORY])
def test_a_profile_that_cannot_be_used_is_an_error_of_ours_and_counted(
    settings: ServerSettings, serve: Serve, bad: bytes
) -> None:
    publish(settings, shop.tiny())
    put(settings, "ana", bad)
    client = serve()

    with capture_logs() as captured:
        response = client.get("/customers/ana")

    assert response.status_code == 500
    assert response.json()["code"] == "internal-error"
    assert "customer's bytes refused" in [line["event"] for line in captured]
    assert "ana" not in str(captured)
    assert "cartera_corrupt_records_total 1.0" in client.get("/metrics").text
