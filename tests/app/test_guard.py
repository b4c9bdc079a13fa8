"""Who is let in, by what their headers say."""

import httpx2
import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.errors import InvalidCredentials
from app.main import create_app, create_server
from app.settings import ServerSettings
from tests import shop
from tests.app.conftest import Serve
from tests.app.holders import FAR, Headers, Holders, bad, bearer, from_anywhere, page

ANYBODYS = "/recommend?limit=2"


@pytest.fixture
def holders(store_url: str, namespace: str) -> Holders:
    shop.publish(store_url, namespace, shop.tiny())
    return Holders(store_url, namespace)


def test_from_the_first_key_on_nobody_is_let_in_without_one(holders: Holders, serve: Serve) -> None:
    secret = holders.secret()
    client = serve()

    assert refused(client.get(ANYBODYS)) == (401, "invalid-credentials")
    assert client.get(ANYBODYS, headers=bearer(secret)).status_code == 200
    assert (
        client.get(ANYBODYS, headers=bearer(secret) | {"Host": "shop.example"}).status_code == 200
    )


def test_revoking_the_last_key_does_not_open_the_server(holders: Holders, serve: Serve) -> None:
    id_, _ = holders.key("secret", scopes=["recommend"])
    holders.revoke(id_)
    client = serve()

    assert client.get(ANYBODYS).status_code == 401


def test_the_application_without_its_guard_lets_nobody_in(
    holders: Holders, settings: ServerSettings
) -> None:
    async def unguarded(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "cartera.notes": {}}, receive, send)

    app = create_app(settings)
    with TestClient(unguarded, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        assert client.get(ANYBODYS).status_code == 401
        assert client.get("/releases").status_code == 401
        assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json", "/docs"])
def test_what_is_public_takes_no_credential_and_heeds_none(
    holders: Holders, serve: Serve, path: str
) -> None:
    holders.secret()
    client = serve()

    assert client.get(path).status_code == 200
    assert client.get(path, headers=bearer("sk_wrong")).status_code == 200


def test_metrics_are_read_on_this_machine_or_with_a_key_for_them(
    holders: Holders, settings: ServerSettings
) -> None:
    metrics, other = holders.secret("metrics"), holders.secret("recommend")
    server = from_anywhere(create_server(settings))

    with TestClient(server, base_url="http://localhost") as client:

        def status(headers: Headers) -> int:
            return client.get("/metrics", headers=headers).status_code

        assert status({}) == 200
        assert status({"Host": "evil.example"}) == 401
        assert status(bearer(other)) == 403
        assert status(FAR) == 401
        assert status(FAR | bearer(other)) == 403
        assert status(FAR | bearer(metrics)) == 200


def test_every_credential_has_one_place(holders: Holders, serve: Serve) -> None:
    secret, publishable = holders.secret(), holders.publishable()
    token = holders.token(holders.signing())
    client = serve()

    for headers in (page(publishable), bearer(secret), bearer(token)):
        assert client.get(ANYBODYS, headers=headers).status_code == 200
    for headers in (
        bearer(publishable),
        page(secret),
        page(token),
        {"Authorization": f"Basic {secret}"},
        {"Authorization": secret},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer  {secret}"},
        {"Authorization": f"Bearer {secret} "} | {"X-API-Key": ""},
    ):
        assert client.get(ANYBODYS, headers=headers).status_code == 401, headers


def test_a_header_that_comes_twice_is_no_credential(holders: Holders, serve: Serve) -> None:
    secret, publishable = holders.secret(), holders.publishable()
    client = serve()

    for name, value in (("Authorization", f"Bearer {secret}"), ("X-API-Key", publishable)):
        twice = httpx2.Headers([(name, value), (name, value)])
        assert client.get(ANYBODYS, headers=twice).status_code == 401


def test_where_two_credentials_come_both_must_be_good_and_the_bearer_counts(
    holders: Holders, serve: Serve
) -> None:
    publishable, signing = holders.publishable(), holders.signing()
    token, old = holders.token(signing), holders.token(signing, made_s=-2000)
    client, own = serve(), "/recommend?customer_id=ana"

    assert client.get(own, headers=page(publishable)).status_code == 403
    assert client.get(own, headers=page(publishable) | bearer(token)).status_code == 200
    assert client.get(own, headers=page(publishable) | bearer(old)).status_code == 401
    assert client.get(own, headers=page("pk_wrong") | bearer(token)).status_code == 401


def test_every_bad_credential_gets_the_same_words(holders: Holders, serve: Serve) -> None:
    credentials, client = bad(holders), serve()

    answers = {name: client.get(ANYBODYS, headers=sent) for name, sent in credentials.items()}

    expected = InvalidCredentials().document()
    for name, answer in answers.items():
        told = answer.json()
        told.pop("instance")
        assert answer.status_code == 401, name
        assert told == {part: said for part, said in expected.items() if part != "instance"}, name
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_no_credential_stands_in_the_log(
    holders: Holders, serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    secret, publishable = holders.secret(), holders.publishable()
    token = holders.token(holders.signing())
    client = serve()

    for headers in (bearer(secret), page(publishable), bearer(token), bearer(token + "x")):
        client.get(ANYBODYS, headers=headers)
        client.get("/nonesuch", headers=headers)

    written = "".join(capfd.readouterr())
    assert "nonesuch" not in written
    for text in (secret, publishable, token):
        assert text.rpartition("_")[2][-20:] not in written


def test_refusals_for_bad_credentials_are_limited_by_address(
    holders: Holders, settings: ServerSettings
) -> None:
    secret = holders.secret()
    server = from_anywhere(create_server(settings))

    with TestClient(server, base_url="http://shop.example") as client:
        statuses = [client.get(ANYBODYS, headers=FAR).status_code for _ in range(61)]
        limited = client.get(ANYBODYS, headers=FAR)

        assert statuses == [401] * 60 + [429]
        assert 1 <= int(limited.headers["retry-after"]) <= 60
        assert client.get(ANYBODYS, headers=FAR | bearer(secret)).status_code == 200
        assert client.get(ANYBODYS).status_code == 401


def test_a_key_that_asks_too_often_is_told_when_to_come_again(
    holders: Holders, serve: Serve
) -> None:
    first, second = holders.secret(), holders.secret()
    client = serve(rate_key="2/minute")

    statuses = [client.get(ANYBODYS, headers=bearer(first)).status_code for _ in range(3)]
    limited = client.get(ANYBODYS, headers=bearer(first))

    assert statuses == [200, 200, 429]
    assert limited.json()["code"] == "rate-limited"
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    assert client.get(ANYBODYS, headers=bearer(second)).status_code == 200


def test_whoever_is_let_in_without_a_key_is_not_limited(holders: Holders, serve: Serve) -> None:
    client = serve(rate_key="1/minute", rate_subject="1/minute", rate_address="1/minute")

    assert [client.get(ANYBODYS).status_code for _ in range(3)] == [200] * 3


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
