"""Which rung an answer comes from, and whether it says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis
from starlette.testclient import TestClient

from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.keys import Keys, shard_of
from tests import shop
from tests.app.conftest import Serve, refusals
from training.embedded import EmbeddedStore
from training.processes import wait_for


def rung(client: TestClient, path: str = "/recommend?customer_id=ana&limit=2") -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    body = response.json()
    return {
        "items": [item["item_id"] for item in body["items"]],
        "level": body["level"],
        "degraded": body["degraded"],
        "personalized": body["personalized"],
    }


def test_a_customer_seen_before_is_remembered_while_the_store_is_away(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    in_health = rung(client)

    own_store.stop()

    assert in_health == {
        "items": ["butter", "milk"], "level": 0, "degraded": False, "personalized": True,
    }  # fmt: skip
    assert rung(client) == in_health | {"level": 1, "degraded": True}


def test_purchases_read_before_are_remembered_too(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    rung(client, "/recommend?customer_id=ana&novelty=new_only")
    rung(client)

    own_store.stop()

    assert rung(client, "/recommend?customer_id=ana&limit=2&novelty=new_only") == {
        "items": ["bread", "jam"], "level": 1, "degraded": True, "personalized": True,
    }  # fmt: skip


def test_a_customer_never_seen_gets_what_sells_and_is_told_that_it_might_be_better(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)

    own_store.stop()

    assert rung(client) == {
        "items": ["milk", "bread"], "level": 3, "degraded": True, "personalized": False,
    }  # fmt: skip
    assert rung(client, "/recommend?customer_id=ana&item_ids=beer&limit=1")["level"] == 2


def test_a_visitor_loses_nothing_when_the_store_is_away(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)

    own_store.stop()

    assert rung(client, "/recommend?limit=1") == {
        "items": ["milk"], "level": 3, "degraded": False, "personalized": False,
    }  # fmt: skip


def test_a_store_that_lost_its_data_is_not_taken_for_a_shop_without_customers(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    client = serve()
    rung(client)
    keys = Keys(namespace)

    with redis.Redis.from_url(store_url) as store:
        store.delete(keys.current, keys.releases, keys.records("r1", shard_of("ana")))

    assert wait_for(lambda: rung(client)["level"] == 1, limit_s=5)
    assert rung(client, "/recommend?customer_id=never-seen")["degraded"]


def test_a_server_that_refuses_the_current_release_remembers_the_customers_of_its_own(
    serve: Serve, store_url: str, namespace: str
) -> None:
    """The store keeps three releases; then the customers of the one that serves are gone."""
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    in_health = rung(client)
    made = shop.tiny("r2")
    later = replace(made.loaded.manifest, format=made.loaded.manifest.format + 1)

    shop.publish(
        store_url,
        namespace,
        replace(made, loaded=replace(made.loaded, manifest=later)),
        content=b"",
    )
    with redis.Redis.from_url(store_url) as store:
        for customer_id in ("ana", "ben"):
            store.unlink(Keys(namespace).records("r1", shard_of(customer_id)))

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert rung(client) == in_health | {"level": 1, "degraded": True}
    assert rung(client, "/recommend?customer_id=ben&limit=2") == {
        "items": ["milk", "bread"], "level": 3, "degraded": True, "personalized": False,
    }  # fmt: skip


ANA, ANAS_HISTORY = shop.tiny().customers["ana"]


@pytest.mark.parametrize(
    ("record", "history"),
    [
        (replace(ANA, rows=np.array([0, 1, 2, 3, 999], np.int32)), ANAS_HISTORY),
        (replace(ANA, vector=np.ones(5, np.float16)), ANAS_HISTORY),
        (replace(ANA, reasons=np.full(5, 9, np.uint8)), ANAS_HISTORY),
        (replace(ANA, vector=np.array([np.nan, 1], np.float16)), ANAS_HISTORY),
        (ANA, replace(ANAS_HISTORY, rows=np.array([0, 999], np.int32))),
    ],
)
def test_a_customer_of_another_release_is_no_customer_of_this_one(
    serve: Serve, store_url: str, namespace: str, record: CustomerRecord, history: History
) -> None:
    """The checksum fits: only the release can tell."""
    shop.publish(store_url, namespace, shop.tiny())
    keys, shard = Keys(namespace), shard_of("ana")
    with redis.Redis.from_url(store_url) as store:
        store.hset(keys.records("r1", shard), "ana", record.pack())
        store.hset(keys.histories("r1", shard), "ana", history.pack())
    client = serve()

    assert rung(client, "/recommend?customer_id=ana&limit=2&explain=true") == {
        "items": ["milk", "bread"], "level": 3, "degraded": True, "personalized": False,
    }  # fmt: skip
    assert "cartera_corrupt_records_total 1.0" in client.get("/metrics").text
    reranked = client.post("/rerank", json={"customer_id": "ana", "items": ["milk"]})
    assert (reranked.status_code, reranked.json()["degraded"]) == (200, True)


@pytest.mark.parametrize("damaged", [b"", b"CR", b"nonsense" * 20])
def test_damaged_bytes_are_no_record_and_are_counted(
    serve: Serve, store_url: str, namespace: str, damaged: bytes
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    with redis.Redis.from_url(store_url) as store:
        store.hset(Keys(namespace).records("r1", shard_of("ana")), "ana", damaged)
    client = serve()

    assert rung(client) == {
        "items": ["milk", "bread"], "level": 3, "degraded": True, "personalized": False,
    }  # fmt: skip
    assert "cartera_corrupt_records_total 1.0" in client.get("/metrics").text


def test_a_key_of_the_wrong_type_spoils_nobody_else(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    key = Keys(namespace).records("r1", shard_of("ana"))
    with redis.Redis.from_url(store_url) as store:
        store.delete(key)
        store.set(key, "not a hash")
    client = serve()

    assert rung(client)["level"] == 3
    assert rung(client, "/recommend?customer_id=ben")["level"] == 0


def test_without_a_release_the_merchants_list_is_shown(serve: Serve, tmp_path: Path) -> None:
    chosen = tmp_path / "list.txt"
    chosen.write_text("p-1\n\n p-2 \np-1\np-3\n", encoding="utf-8")
    client = serve(merchant_list=chosen)

    assert rung(client, "/recommend?customer_id=ana&exclude_item_ids=p-2") == {
        "items": ["p-1", "p-3"], "level": 5, "degraded": True, "personalized": False,
    }  # fmt: skip
    assert client.get("/readyz").status_code == 200
    assert client.get("/recommend?category=dairy").json()["items"] == []


def test_without_a_release_and_a_list_the_server_is_not_ready(serve: Serve) -> None:
    client = serve()

    for response in (
        client.get("/recommend"),
        client.get("/readyz"),
        client.post("/items/similar", json={"item_ids": ["milk"]}),
        client.post("/rerank", json={"items": ["milk"]}),
    ):
        assert response.status_code == 503
        assert response.json()["code"] == "not-ready"
        assert response.json()["retryable"]
        assert int(response.headers["retry-after"]) > 0
    assert client.get("/livez").status_code == 200


def test_ready_says_whether_the_store_answers(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    assert client.get("/readyz").json() == {"ready": True, "release": "r1", "store": "ok"}

    own_store.stop()

    assert wait_for(lambda: client.get("/readyz").json()["store"] == "away", limit_s=5)
    assert client.get("/releases").json()["store"] == "away"
