"""Whoever asks for another server than this one is refused: loopback is the only wall there is."""

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8000",
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.9.9.9",
        "[::1]",
        "[::1]:80",
    ],
)
def test_a_host_that_names_this_machine_is_answered(client: TestClient, host: str) -> None:
    response = client.get("/recommend?customer_id=ana", headers={"Host": host})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "localhost:8000.evil.example",
        "192.0.2.7",
        "[2001:db8::1]",
        "[::1",
        "::1",
        "",
        "locålhost",
    ],
)
@pytest.mark.parametrize("path", ["/recommend?customer_id=ana", "/metrics", "/docs", "/nonesuch"])
def test_a_host_that_names_another_is_refused_by_name(
    client: TestClient, host: str, path: str
) -> None:
    response = client.get(path, headers={b"Host": host.encode()})

    assert response.status_code == 421
    assert response.json()["code"] == "unknown-host"
    assert "evil" not in response.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/recommend?customer_id=ana&limit=0"),
        ("POST", "/recommend"),
        ("DELETE", "/recommend"),
        ("GET", "/customers/zq-nobody"),
        ("GET", "/recommend?customer_id=%00"),
    ],
)
def test_no_refusal_may_be_kept_for_it_may_be_about_somebody(
    client: TestClient, method: str, path: str
) -> None:
    response = client.request(method, path)

    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "private, no-store"
