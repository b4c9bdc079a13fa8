"""Who may say that a visitor is a customer, and in which words."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from app.errors import NotDurable
from app.settings import ServerSettings
from tests.app.conftest import Serve, started
from tests.app.holders import Headers, Holders, bearer, page
from tests.app.serving import live
from training.embedded import EmbeddedStore

ANAS = "/customers/ana/identities"
VISITOR = {"anonymous_id": "v-1"}


def refused_item(client: TestClient, item_id: str, **whose: str) -> None:
    said = {"kind": "not_interested", "about": {"item_id": item_id}} | whose
    response = client.post("/feedback", json=said)
    assert response.status_code == 202, response.text


def joined(client: TestClient, path: str = ANAS, headers: Headers | None = None) -> int:
    return client.post(path, json=VISITOR, headers=headers).status_code


def parted(client: TestClient, path: str = f"{ANAS}/v-1", headers: Headers | None = None) -> int:
    return client.delete(path, headers=headers).status_code


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/anonymous_id"),
        ({"anonymous_id": ""}, "/anonymous_id"),
        ({"anonymous_id": "a\nb"}, "/anonymous_id"),
        ({"anonymous_id": "x" * 257}, "/anonymous_id"),
        ({"anonymous_id": 5}, "/anonymous_id"),
        ({"anonymous_id": "v-1", "customer_id": "ben"}, "/customer_id"),
    ],
)
def test_a_bad_body_is_refused(asking: TestClient, body: object, pointer: str) -> None:
    response = asking.post(ANAS, json=body)

    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_only_a_token_of_both_may_join_and_part(serve: Serve, settings: ServerSettings) -> None:
    holders = Holders(settings.redis_url, settings.namespace)
    signing = holders.signing()
    both = bearer(holders.token(signing, anon="v-1"))
    others = [
        bearer(holders.token(signing)),
        bearer(holders.token(signing, anon="v-2")),
        bearer(holders.token(signing, sub="ben", anon="v-1")),
    ]
    client = serve()

    assert [joined(client, headers=sent) for sent in others] == [403, 403, 403]
    assert [parted(client, headers=sent) for sent in others] == [403, 403, 403]
    assert joined(client, headers=both) == parted(client, headers=both) == 204


def test_secret_keys_need_the_scope_and_pages_may_not(
    serve: Serve, settings: ServerSettings
) -> None:
    holders = Holders(settings.redis_url, settings.namespace)
    customers, events = holders.secret("customers"), holders.secret("events")
    publishable = holders.publishable()
    client = serve()

    assert joined(client, headers=bearer(events)) == 403
    assert joined(client, headers=page(publishable)) == 403
    assert joined(client) == 401
    assert joined(client, headers=bearer(customers)) == 204


@pytest.mark.faults
def test_where_the_store_is_away_nothing_is_taken(
    own_store: EmbeddedStore, settings: ServerSettings
) -> None:
    with started(settings.model_copy(update={"redis_url": own_store.url})) as client:
        own_store.stop()

        response = client.post(ANAS, json=VISITOR)

    assert (response.status_code, response.json()["code"]) == (503, NotDurable.code)
    assert response.headers["retry-after"]


@pytest.mark.slow
def test_another_process_knows_with_the_very_next_answer(
    asking: TestClient, settings: ServerSettings, tmp_path: Path
) -> None:
    def shown(server: Any) -> bool:  # noqa: ANN401
        status, body = server.get("/recommend?customer_id=ana&limit=50")
        assert status == 200
        return hidden in [item["item_id"] for item in orjson.loads(body)["items"]]

    answer = asking.get("/recommend?customer_id=ana&limit=50").json()
    hidden = answer["items"][0]["item_id"]
    with live(
        settings.redis_url,
        namespace=settings.namespace,
        data_dir=tmp_path / "live",
        redis_timeout_ms=500,
    ) as other:
        refused_item(asking, hidden, **VISITOR)
        assert shown(other)

        joined(asking)
        after_joining = shown(other)
        parted(asking)

        assert not after_joining
        assert shown(other)
