"""Every route, asked with every kind of credential: the table of who may do what holds.

The table says of each route what the documents of the interface promise, in their words, and is
never made from the code. A route that is not in it fails the first test.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from types import MappingProxyType
from typing import NamedTuple

import httpx2
import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.main import create_app, create_server
from app.routed import flat
from app.settings import ServerSettings
from models.credentials.key import SCOPES
from models.credentials.token import SCOPES as TOKEN_SCOPES
from tests import shop
from tests.app.holders import Headers, Holders, bad, bearer, page

ANA, BEN = {"customer_id": "ana"}, {"customer_id": "ben"}


class Row(NamedTuple):
    """What a route needs, in the words of the table, and a request that it answers."""

    needs: str
    """``pk``, ``token`` or ``sk SCOPE``, separated by semicolons; or ``none``."""
    body: dict[str, object] | None = None
    names_customer: bool = True
    """Whether the request below says which customer it is for, so that it may be another's."""
    headers: Mapping[str, str] = MappingProxyType({})
    query: Mapping[str, str] = MappingProxyType({})


ITEMS: dict[str, object] = {"item_ids": ["milk"]}
EVENT: dict[str, object] = {"event": "view_item", "items": [{"item_id": "milk"}]}
GROUP: dict[str, object] = {"type": "group", "group": "high"}
TABLE = {
    ("GET", "/recommend"): Row("pk; token; sk recommend"),
    ("POST", "/recommend"): Row("pk; token; sk recommend", {}),
    ("POST", "/recommend/batch"): Row("sk recommend", {"requests": [{}]}, names_customer=False),
    ("POST", "/items/similar"): Row("pk; token; sk recommend", ITEMS, names_customer=False),
    ("POST", "/items/bought-together"): Row("pk; token; sk recommend", ITEMS, names_customer=False),
    ("POST", "/rerank"): Row("token; sk recommend", {"items": ["milk"]}),
    ("POST", "/events"): Row("pk; token; sk events", EVENT),
    ("POST", "/feedback"): Row("token; sk events", {"kind": "satisfaction", "value": 4}),
    ("GET", "/customers/{customer_id}"): Row("token; sk customers"),
    ("GET", "/customers/{customer_id}/preferences"): Row("token; sk preferences"),
    ("PUT", "/customers/{customer_id}/preferences"): Row(
        "token; sk preferences", {}, headers={"If-Match": "*"}
    ),
    ("POST", "/customers/{customer_id}/identities"): Row(
        "token; sk customers", {"anonymous_id": "v-of-ana"}
    ),
    ("DELETE", "/customers/{customer_id}/identities/{anonymous_id}"): Row("token; sk customers"),
    ("PUT", "/customers/{customer_id}/identifiers"): Row(
        "sk customers", {"emails": ["a@shop.example"]}, names_customer=False
    ),
    ("DELETE", "/customers/{customer_id}/identifiers"): Row("sk customers", names_customer=False),
    ("GET", "/segments"): Row("sk segments", names_customer=False),
    ("GET", "/segments/{name}"): Row("sk segments", names_customer=False),
    ("POST", "/segments/lookup"): Row("sk segments", {"ids": ["ana"]}, names_customer=False),
    ("GET", "/portfolio"): Row("sk segments", names_customer=False),
    ("GET", "/audiences"): Row("sk audiences", names_customer=False),
    ("POST", "/audiences"): Row("sk audiences", GROUP, names_customer=False),
    ("GET", "/audiences/{audience_id}"): Row("sk audiences", names_customer=False),
    ("DELETE", "/audiences/{audience_id}"): Row("sk audiences", names_customer=False),
    ("GET", "/audiences/{audience_id}/members"): Row(
        "sk audiences:export", names_customer=False, query={"purpose": "a walk"}
    ),
    ("GET", "/audiences/{audience_id}/exports"): Row("sk audiences", names_customer=False),
    ("GET", "/feeds/abandoned-carts"): Row(
        "sk feeds", names_customer=False, query={"channel": "email"}
    ),
    ("GET", "/feeds/browse-abandonment"): Row(
        "sk feeds", names_customer=False, query={"channel": "email"}
    ),
    ("GET", "/releases"): Row("sk releases", names_customer=False),
    ("GET", "/attribution"): Row("sk metrics", names_customer=False),
    ("GET", "/metrics"): Row("sk metrics", names_customer=False),
    ("GET", "/livez"): Row("none", names_customer=False),
    ("GET", "/readyz"): Row("none", names_customer=False),
    ("GET", "/openapi.json"): Row("none", names_customer=False),
    ("GET", "/docs"): Row("none", names_customer=False),
    ("GET", "/docs/oauth2-redirect"): Row("none", names_customer=False),
}
ROUTES = sorted(TABLE)
NOT_THERE = {(404, "not-found"), (404, "unknown-audience")}
BARRED = [route for route in ROUTES if TABLE[route].needs != "none"]
OF_CUSTOMERS = [route for route in BARRED if TABLE[route].names_customer]


class Shop(NamedTuple):
    """The server, and whoever holds something that it may take."""

    client: TestClient
    holders: Holders
    bad: dict[str, Headers]
    publishable: Headers
    signing: str
    secret: dict[str, Headers]
    """By its one scope, and by ``not`` the one that it lacks."""

    def ask(
        self, route: tuple[str, str], headers: Headers, *, customer: dict[str, str] | None = None
    ) -> httpx2.Response:
        """Ask from afar; ``customer`` is named where the route takes one."""
        (method, path), row = route, TABLE[route]
        body, who = row.body, customer or {}
        customer_id = who.get("customer_id", "ana")
        visitor = f"v-of-{customer_id}"
        path = path.format(
            customer_id=customer_id,
            anonymous_id=visitor,
            name="high",
            audience_id="aud_0123456789abcdef",
        )
        if body is not None and "anonymous_id" in body:
            body = body | {"anonymous_id": visitor}
        if row.names_customer and "{" not in route[1]:
            body = body | who if body is not None else None
        return self.client.request(
            method,
            path,
            params=who
            if row.names_customer and row.body is None and "{" not in route[1]
            else row.query,
            json=body,
            headers={**row.headers, **headers},
        )

    def own_token(self, *, scope: str = " ".join(TOKEN_SCOPES)) -> Headers:
        """Return what the page of ``ana`` sends."""
        return bearer(self.holders.token(self.signing, anon="v-of-ana", scope=scope))


@pytest.fixture(scope="module")
def walked(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    holders = Holders(store_url, namespace)
    publishable, signing, refused = holders.publishable(), holders.signing(), bad(holders)
    secret = {scope: bearer(holders.secret(scope)) for scope in SCOPES}
    for scope in SCOPES:
        others = (other for other in SCOPES if other != scope)
        secret[f"not {scope}"] = bearer(holders.secret(*others))
    server = create_server(
        ServerSettings(
            redis_url=store_url,
            namespace=namespace,
            data_dir=tmp_path_factory.mktemp("served"),
            redis_timeout_ms=500,
        )
    )
    numbers = count()

    async def from_afar(scope: Scope, receive: Receive, send: Send) -> None:
        """Let every request come from an address of its own, for refusals are limited by it."""
        n = next(numbers)
        await server({**scope, "client": (f"198.51.{n // 256}.{n % 256}", 1)}, receive, send)

    with ExitStack() as stack:
        client = stack.enter_context(TestClient(from_afar, base_url="https://api.shop.example"))
        yield Shop(client, holders, refused, page(publishable), signing, secret)


def is_answered(answer: httpx2.Response) -> bool:
    """Whether the caller was let in; what is not there was looked for."""
    return answer.status_code in (200, 202, 204) or code(answer) in NOT_THERE


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_table_has_every_route_and_no_other() -> None:
    routes = list(flat(create_app(ServerSettings()).routes))

    found = {
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    others = [route for route in routes if not isinstance(route, Route)]

    assert {*ROUTES} == found
    assert [route.path for route in others if isinstance(route, Mount)] == ["/static-offline-docs"]
    assert len(others) == 1


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_is_let_in_but_to_what_is_public(walked: Shop, route: tuple[str, str]) -> None:
    expected = 200 if TABLE[route].needs == "none" else 401

    for name, headers in walked.bad.items():
        assert walked.ask(route, headers).status_code == expected, name


@pytest.mark.parametrize("path", ["/nonesuch", "/", "/recommend/", "/docs/", "/livez/x"])
def test_that_nothing_is_there_is_told_to_holders_alone(walked: Shop, path: str) -> None:
    assert code(walked.client.get(path)) == (401, "invalid-credentials")
    assert walked.client.get(path, headers=walked.secret["recommend"]).status_code == 404


@pytest.mark.parametrize("route", BARRED)
def test_a_publishable_key_opens_what_is_for_pages(walked: Shop, route: tuple[str, str]) -> None:
    answer = walked.ask(route, walked.publishable, customer={"anonymous_id": "v-1"})

    if "pk" in TABLE[route].needs:
        assert is_answered(answer), answer.text
    else:
        assert code(answer) == (403, "insufficient-scope")


@pytest.mark.parametrize("route", BARRED)
def test_a_token_opens_what_is_its_customers_own(walked: Shop, route: tuple[str, str]) -> None:
    answer = walked.ask(route, walked.own_token(), customer=ANA)

    if "token" in TABLE[route].needs:
        assert is_answered(answer), answer.text
    else:
        assert code(answer) == (403, "insufficient-scope")


@pytest.mark.parametrize("route", BARRED)
def test_a_token_opens_only_what_it_is_for(walked: Shop, route: tuple[str, str]) -> None:
    needed = TABLE[route].needs.rpartition("sk ")[2]
    other = "offers" if needed != "offers" else "privacy"

    answer = walked.ask(route, walked.own_token(scope=other), customer=ANA)

    assert code(answer) == (403, "insufficient-scope")


@pytest.mark.parametrize("route", OF_CUSTOMERS)
def test_a_token_opens_nothing_of_another_customers(walked: Shop, route: tuple[str, str]) -> None:
    answer = walked.ask(route, walked.own_token(), customer=BEN)

    if route == ("POST", "/events"):
        assert answer.status_code == 422
        assert [fault["code"] for fault in answer.json()["errors"]] == ["subject-mismatch"]
    else:
        assert code(answer) == (403, "subject-mismatch")


@pytest.mark.parametrize("route", [one for one in OF_CUSTOMERS if "pk" in TABLE[one].needs])
def test_a_publishable_key_opens_nothing_of_a_customers(
    walked: Shop, route: tuple[str, str]
) -> None:
    answer = walked.ask(route, walked.publishable, customer=ANA)

    if route == ("POST", "/events"):
        assert answer.status_code == 422
        assert [fault["code"] for fault in answer.json()["errors"]] == ["subject-mismatch"]
    else:
        assert code(answer) == (403, "subject-mismatch")


@pytest.mark.parametrize("route", BARRED)
def test_a_secret_key_opens_what_its_scopes_name(walked: Shop, route: tuple[str, str]) -> None:
    needed = TABLE[route].needs.rpartition("sk ")[2]

    allowed = walked.ask(route, walked.secret[needed], customer=BEN)
    refused = walked.ask(route, walked.secret[f"not {needed}"], customer=BEN)

    assert is_answered(allowed), allowed.text
    assert code(refused) == (403, "insufficient-scope")


def test_the_document_says_of_each_operation_what_the_table_says(walked: Shop) -> None:
    document = walked.client.get("/openapi.json").json()

    described = {route: row for route, row in TABLE.items() if route[1] in document["paths"]}
    assert {*BARRED, ("GET", "/livez"), ("GET", "/readyz")} == {*described}
    for (method, path), row in described.items():
        scope = row.needs.rpartition("sk ")[2]
        expected: list[dict[str, list[str]]] = []
        expected += [{"publishable_key": []}] if "pk" in row.needs else []
        expected += [{"customer_token": [scope]}] if "token" in row.needs else []
        expected += [{"secret_key": [scope]}] if "sk" in row.needs else []
        operation = document["paths"][path][method.lower()]
        assert sorted(operation["security"], key=str) == sorted(expected, key=str), (method, path)
    assert {*document["components"]["securitySchemes"]} == {
        "publishable_key", "customer_token", "secret_key",
    }  # fmt: skip


@pytest.mark.parametrize("route", [one for one in BARRED if one != ("POST", "/events")])
def test_a_body_of_text_opens_nothing_else(walked: Shop, route: tuple[str, str]) -> None:
    assert walked.ask(route, {"Content-Type": "text/plain"}).status_code == 401
