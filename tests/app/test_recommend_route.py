"""``/recommend`` answers of the tiny shop, each known by thought."""

from typing import Any, get_args
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.routes.recommend import RecommendResponse
from app.shown import RecommendedItem
from models.artifacts.customer_record import Reason
from tests import shop
from tests.app.conftest import Serve


def post(client: TestClient, **asked: object) -> dict[str, Any]:
    response = client.post("/recommend", json=asked)
    assert response.status_code == 200, response.text
    return dict(response.json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def test_a_known_customer_gets_the_list_of_their_record(client: TestClient) -> None:
    answer = post(client, customer_id="ana", limit=4)

    assert ids(answer) == ["butter", "milk", "bread", "jam"]
    assert [item["reason"] for item in answer["items"]] == ["repeat", "repeat", "taste", "taste"]
    assert [item["score"] for item in answer["items"]] == [1.0, 0.75, 0.5, 0.25]
    assert (answer["level"], answer["degraded"], answer["personalized"]) == (0, False, True)
    assert answer["release"] == "r1"


def test_an_item_shows_what_the_catalogue_says_of_it(client: TestClient) -> None:
    item = post(client, customer_id="ana", limit=1)["items"][0]

    assert item == {
        "item_id": "butter",
        "title": "butter r1",
        "category": "dairy",
        "price": 3.0,
        "score": 1.0,
        "reason": "repeat",
    }


def test_get_and_post_answer_the_same(client: TestClient) -> None:
    short = client.get(
        "/recommend",
        params={
            "customer_id": "ben",
            "limit": 3,
            "item_ids": ["beer", "wine"],
            "exclude_item_ids": "milk",
            "diversity": "0.5",
            "novelty": "0.5",
            "placement": "cart",
        },
    ).json()

    long = post(
        client,
        customer_id="ben",
        limit=3,
        item_ids=["beer", "wine"],
        exclude_item_ids=["milk"],
        diversity=0.5,
        novelty=0.5,
        placement="cart",
    )

    assert short["items"] == long["items"]
    assert len(short["items"]) == 3


def test_user_id_is_another_name_of_customer_id(client: TestClient) -> None:
    assert ids(post(client, user_id="ben", limit=2)) == ["beer", "wine"]
    assert ids(post(client, user_id="ben", customer_id="ben", limit=2)) == ["beer", "wine"]
    assert ids(client.get("/recommend?user_id=ben&limit=2").json()) == ["beer", "wine"]


def test_10_0_is_the_integer_10(client: TestClient) -> None:
    response = client.post(
        "/recommend", content=b'{"limit":2.0}', headers={"content-type": "application/json"}
    )

    assert len(response.json()["items"]) == 2


def test_a_visitor_gets_what_sells(client: TestClient) -> None:
    answer = post(client, anonymous_id="v-1", limit=3)

    assert ids(answer) == ["milk", "bread", "butter"]
    assert (answer["level"], answer["degraded"], answer["personalized"]) == (3, False, False)


def test_nobody_in_particular_is_answered_like_a_visitor(client: TestClient) -> None:
    assert ids(client.get("/recommend?limit=3").json()) == ["milk", "bread", "butter"]


def test_an_unknown_customer_is_no_error(client: TestClient) -> None:
    answer = post(client, customer_id="nobody", limit=1)

    assert ids(answer) == ["milk"]
    assert (answer["level"], answer["degraded"], answer["personalized"]) == (3, False, False)


def test_a_visitor_with_bread_in_view_is_shown_what_goes_with_bread(client: TestClient) -> None:
    answer = post(client, item_ids=["bread"], limit=2)

    assert ids(answer) == ["butter", "jam"]
    assert answer["level"] == 2
    assert answer["items"][0]["reason"] == "goes-with"


def test_out_of_stock_items_never_appear(client: TestClient) -> None:
    for asked in ({}, {"customer_id": "ana"}, {"filter": {"eq": ["category", "dairy"]}}):
        assert "cream" not in ids(post(client, limit=100, **asked))


def test_excluded_items_leave_and_the_rest_moves_up(client: TestClient) -> None:
    answer = post(client, customer_id="ana", exclude_item_ids=["butter", "nonesuch"], limit=2)

    assert ids(answer) == ["milk", "bread"]


def test_a_filter_is_answered_over_the_whole_catalogue(client: TestClient) -> None:
    """Ana's list has no drinks, and nobody bought the truffle; both are found."""
    drinks = post(client, customer_id="ana", filter={"eq": ["category", "drinks"]})
    dear = post(client, filter={"gt": ["price", 9]})

    assert set(ids(drinks)) == {"beer", "wine"}
    assert ids(dear) == ["truffle"]


def test_a_short_filter_names_several_categories_and_a_brand(client: TestClient) -> None:
    several = client.get("/recommend?category=drinks&category=bakery").json()
    both = client.get("/recommend?category=dairy&brand=Alba").json()

    assert set(ids(several)) == {"beer", "wine", "bread"}
    assert ids(both) == ["butter"]


def test_new_only_leaves_out_what_was_bought(client: TestClient) -> None:
    answer = post(client, customer_id="ana", novelty="new_only", limit=2)

    assert ids(answer) == ["bread", "jam"]


def test_full_diversity_shows_each_category_before_any_twice(client: TestClient) -> None:
    items = post(client, customer_id="ana", diversity=1, limit=4)["items"]

    assert len({item["category"] for item in items}) == 4


def test_an_explanation_counts_what_was_bought(client: TestClient) -> None:
    butter, milk = post(client, customer_id="ana", explain=True, limit=2)["items"]

    assert butter["explanation"] == {
        "text": "bought 6 times, last 12 days ago, usually every 14 days",
        "evidence": {
            "item_id": "butter",
            "times": 6,
            "last_bought": "2017-12-19",
            "counted_to": "2017-12-31",
            "usually_every_days": 14,
        },
    }
    assert milk["explanation"]["text"] == "bought once, last 30 days ago"


def test_an_explanation_names_the_item_in_view(client: TestClient) -> None:
    wine = client.get("/recommend?item_ids=beer&explain=true&limit=1").json()["items"][0]

    assert wine["item_id"] == "wine"
    assert wine["explanation"]["text"] == "bought together with beer r1, which is in view"


def test_profit_without_margins_is_refused_by_name(client: TestClient) -> None:
    response = client.post("/recommend", json={"objective": "profit"})

    assert response.status_code == 422
    assert response.json()["code"] == "no-margins"


def test_profit_puts_the_item_first_that_earns_most(
    serve: Serve, store_url: str, namespace: str
) -> None:
    """Half the price is margin: butter earns 1.0 × 1.50 for Ana, milk .75 × .50."""
    shop.publish(store_url, namespace, shop.tiny(margins=True))

    answer = post(serve(), customer_id="ana", objective="profit", limit=1)

    assert ids(answer) == ["butter"]


def test_an_answer_about_somebody_may_not_be_kept(client: TestClient) -> None:
    response = client.get("/recommend?customer_id=ana")

    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_every_reason_of_the_models_is_a_word_of_the_answer() -> None:
    words = get_args(RecommendedItem.model_fields["reason"].annotation)

    assert set(words) == {reason.code for reason in Reason} | {"merchant"}


def test_each_answer_has_a_name_of_its_own(client: TestClient) -> None:
    names = [post(client)["recommendation_id"] for _ in range(20)]

    assert len(set(names)) == 20
    assert {UUID(name).version for name in names} == {7}


@pytest.mark.parametrize("explain", [False, True])
def test_the_joined_bytes_are_what_the_model_of_the_answer_says(
    client: TestClient, explain: bool
) -> None:
    answer = post(client, customer_id="ana", item_ids=["bread"], explain=explain)

    assert RecommendResponse(**answer).model_dump(exclude_unset=True) == answer
