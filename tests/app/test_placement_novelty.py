"""A placement's own novelty, where the request names the placement and no novelty."""

import pytest
from starlette.testclient import TestClient

from tests import shop
from tests.app.conftest import Serve

NEW = ["bread", "jam"]
"""Ana has bought butter and milk, the first two of her list."""


@pytest.fixture
def held(serve: Serve, store_url: str, namespace: str) -> TestClient:
    shop.publish(store_url, namespace, shop.tiny())
    return serve(placement_novelty={"email": "new_only", "home": 0.5})


def asked(client: TestClient, **request: object) -> list[str]:
    answer = client.post("/recommend", json={"customer_id": "ana", "limit": 2} | request)
    return [item["item_id"] for item in answer.json()["items"]]


def test_the_placement_decides_where_the_request_does_not(held: TestClient) -> None:
    assert asked(held, placement="email") == NEW
    assert asked(held, placement="home") == ["butter", "bread"]


def test_the_request_decides_where_it_says_something(held: TestClient) -> None:
    assert asked(held, placement="email", novelty="any") == ["butter", "milk"]
    assert asked(held, placement="email", novelty=0) == ["butter", "milk"]
    assert asked(held, placement="home", novelty="new_only") == NEW


def test_null_says_nothing(held: TestClient) -> None:
    assert asked(held, placement="email", novelty=None) == NEW


def test_other_placements_and_none_take_anything(held: TestClient) -> None:
    assert asked(held, placement="cart") == ["butter", "milk"]
    assert asked(held) == ["butter", "milk"]


def test_a_query_and_a_batch_are_answered_alike(held: TestClient) -> None:
    request = {"customer_id": "ana", "limit": 2, "placement": "email"}

    single = held.get("/recommend?customer_id=ana&limit=2&placement=email").json()
    batch = held.post("/recommend/batch", json={"requests": [request]}).json()["responses"][0]

    for answer in (single, batch["body"]):
        assert [item["item_id"] for item in answer["items"]] == NEW
