"""Item to item, reranking and batches of the tiny shop."""

from typing import Any

from starlette.testclient import TestClient


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def post(client: TestClient, path: str, body: dict[str, object]) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_similar_items_are_of_one_kind_and_of_like_taste(client: TestClient) -> None:
    """Butter is dairy like milk; bread and jam are bought by the same customers."""
    answer = post(client, "/items/similar", {"item_ids": ["milk"], "limit": 3})

    assert ids(answer) == ["butter", "bread", "jam"]
    assert answer["items"][0]["reason"] == "alike"
    assert answer["release"] == "r1"


def test_similar_items_meet_the_filter(client: TestClient) -> None:
    answer = post(
        client, "/items/similar", {"item_ids": ["milk"], "filter": {"eq": ["category", "drinks"]}}
    )

    assert ids(answer) == ["wine"]  # beer shares neither kind nor customers with milk


def test_items_the_release_does_not_know_are_named(client: TestClient) -> None:
    answer = post(client, "/items/similar", {"item_ids": ["nonesuch"]})

    assert answer["items"] == []
    assert answer["unknown"] == ["nonesuch"]


def test_an_item_that_nobody_bought_is_answered_by_its_kind(client: TestClient) -> None:
    assert ids(post(client, "/items/similar", {"item_ids": ["truffle"]})) == ["jam"]


def test_bought_together_is_what_shares_a_basket(client: TestClient) -> None:
    answer = post(client, "/items/bought-together", {"item_ids": ["bread"]})

    assert [(item["item_id"], item["score"]) for item in answer["items"]] == [
        ("butter", 0.9),
        ("jam", 0.6),
    ]


def test_several_items_speak_together(client: TestClient) -> None:
    """Jam goes with bread (.6) and with butter (.5); the two themselves are left out."""
    answer = post(client, "/items/bought-together", {"item_ids": ["bread", "butter"]})

    assert ids(answer) == ["jam"]


def test_rerank_puts_a_list_in_the_customers_order(client: TestClient) -> None:
    answer = post(
        client, "/rerank", {"customer_id": "ana", "items": ["nonesuch", "jam", "milk", "butter"]}
    )

    assert ids(answer) == ["butter", "milk", "jam", "nonesuch"]
    assert [item["known"] for item in answer["items"]] == [True, True, True, False]
    assert (answer["level"], answer["personalized"]) == (0, True)


def test_rerank_for_nobody_is_by_what_sells(client: TestClient) -> None:
    answer = post(client, "/rerank", {"items": ["truffle", "wine", "milk"]})

    assert ids(answer) == ["milk", "wine", "truffle"]
    assert (answer["level"], answer["personalized"]) == (3, False)


def test_rerank_leaves_nothing_out(client: TestClient) -> None:
    items = ["z-1", "cream", "beer", "z-2"]

    answer = post(client, "/rerank", {"customer_id": "ben", "items": items})

    assert sorted(ids(answer)) == sorted(items)
    assert ids(answer)[-2:] == ["z-1", "z-2"]


def test_rerank_takes_each_item_once(client: TestClient) -> None:
    response = client.post("/rerank", json={"items": ["milk", "milk"]})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/items"


def test_a_batch_answers_each_in_its_place(client: TestClient) -> None:
    answer = post(
        client,
        "/recommend/batch",
        {
            "requests": [
                {"customer_id": "ana", "limit": 1},
                {"limit": 0},
                {"customer_id": "ben", "limit": 1},
                {"objective": "profit"},
            ]
        },
    )

    first, second, third, fourth = answer["responses"]
    assert (first["status"], ids(first["body"])) == (200, ["butter"])
    assert (second["status"], second["body"]["code"]) == (422, "validation")
    assert second["body"]["errors"][0]["pointer"] == "/limit"
    assert (third["status"], ids(third["body"])) == (200, ["beer"])
    assert (fourth["status"], fourth["body"]["code"]) == (422, "no-margins")


def test_a_batch_has_1_to_100_requests(client: TestClient) -> None:
    assert client.post("/recommend/batch", json={"requests": [{}] * 100}).status_code == 200
    assert client.post("/recommend/batch", json={"requests": [{}] * 101}).status_code == 422
    assert client.post("/recommend/batch", json={"requests": []}).status_code == 422
