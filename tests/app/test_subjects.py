"""Of whom a credential may ask: its own customer and visitor, and nobody else."""

from collections.abc import Callable

import httpx2
import pytest

from tests import shop
from tests.app.conftest import Serve
from tests.app.holders import Holders, bearer, page


@pytest.fixture
def holders(store_url: str, namespace: str) -> Holders:
    shop.publish(store_url, namespace, shop.tiny())
    return Holders(store_url, namespace)


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/recommend", True),
        ("/recommend?anonymous_id=v-1", True),
        ("/recommend?customer_id=ben", False),
    ],
)
def test_a_publishable_key_never_touches_a_customers_profile(
    holders: Holders, serve: Serve, path: str, answered: bool
) -> None:
    publishable = holders.publishable()
    client = serve()

    answer = client.get(path, headers=page(publishable))

    assert answer.status_code == (200 if answered else 403)
    assert answered or answer.json()["code"] == "subject-mismatch"


def test_a_token_speaks_for_its_own_customer_alone(holders: Holders, serve: Serve) -> None:
    token = holders.token(holders.signing())
    client = serve()
    rerank: Callable[..., httpx2.Response] = lambda **asked: client.post(  # noqa: E731
        "/rerank", json={"items": ["milk", "bread"]} | asked, headers=bearer(token)
    )

    own, other = rerank(customer_id="ana"), rerank(customer_id="ben")
    unnamed, other_profile = rerank(), client.get("/customers/ben", headers=bearer(token))

    assert own.json()["personalized"]
    assert unnamed.json()["items"] == own.json()["items"]
    assert refused(other) == refused(other_profile) == (403, "subject-mismatch")


@pytest.mark.parametrize("named", [{}, {"customer_id": "ana"}, {"user_id": "ana"}], ids=repr)
def test_a_token_names_no_visitor_but_its_own(
    holders: Holders, serve: Serve, named: dict[str, str]
) -> None:
    signing = holders.signing()
    own, without = holders.token(signing, anon="v-1"), holders.token(signing)
    client = serve()

    def asked(token: str, visitor: str) -> list[tuple[int, str | None]]:
        body, headers = named | {"anonymous_id": visitor}, bearer(token)
        answers = [
            client.get("/recommend", params=body, headers=headers),
            client.post("/recommend", json=body, headers=headers),
            client.post("/rerank", json={"items": ["milk"], **body}, headers=headers),
        ]
        return [(answer.status_code, answer.json().get("code")) for answer in answers]

    assert asked(own, "v-1") == [(200, None)] * 3
    assert asked(own, "v-2") == [(403, "subject-mismatch")] * 3
    assert asked(without, "v-1") == [(403, "subject-mismatch")] * 3


@pytest.mark.parametrize(("joined", "is_followed"), [("ana", True), ("ben", False)])
def test_a_token_follows_its_visitor_to_its_own_customer_alone(
    holders: Holders, serve: Serve, joined: str, is_followed: bool
) -> None:
    secret, token = holders.secret(), holders.token(holders.signing(), anon="v-1")
    client, visitor = serve(), {"anonymous_id": "v-1"}

    def is_known(credential: str) -> list[bool]:
        headers = bearer(credential)
        listed = client.post("/recommend", json=visitor, headers=headers)
        ranked = client.post("/rerank", json={"items": ["milk"], **visitor}, headers=headers)
        return [answer.json()["personalized"] for answer in (listed, ranked)]

    assert is_known(token) == [False, False]
    client.post(f"/customers/{joined}/identities", json=visitor, headers=bearer(secret))

    assert is_known(secret) == [True, True]
    assert is_known(token) == [is_followed, is_followed]


def test_customers_are_told_less_of_themselves_than_the_shop_is(
    holders: Holders, serve: Serve
) -> None:
    secret, token = holders.secret(), holders.token(holders.signing())
    client = serve()

    whole = client.get("/customers/ana", headers=bearer(secret))
    own = client.get("/customers/ana", headers=bearer(token))

    assert own.json().items() <= whole.json().items()
    assert {*own.json()} == {
        "customer_id", "orders", "first_purchase", "last_purchase", "average_order_value",
        "currency", "categories", "next_purchase", "satisfaction", "release",
    }  # fmt: skip
    assert own.headers["etag"] != whole.headers["etag"]


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
