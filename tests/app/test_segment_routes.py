"""The tiny shop's customers in groups: all of them, one, and the matrix of their value."""

import pytest
from starlette.testclient import TestClient

from app.routes.segments import PortfolioResponse, SegmentResponse, SegmentsResponse
from models.customer import told
from models.customer.summary import GONE, NEWCOMERS
from tests import known
from tests.app.conftest import Serve, got


def test_every_group_is_answered(client: TestClient) -> None:
    response = client.get("/segments")

    assert response.json() == told.groups(known.summary(), release="r1")
    assert response.headers["cache-control"] == "no-cache"
    assert SegmentsResponse.model_validate(response.json()).segments[0].name == "high"


def test_one_group_is_answered_without_its_members(client: TestClient) -> None:
    body = got(client, "/segments/high")

    assert body == told.group(known.summary().groups[0], known.summary(), release="r1")
    read = SegmentResponse.model_validate(body)
    assert read.model_dump(exclude_unset=True) == body


def test_the_matrix_is_answered(client: TestClient) -> None:
    body = got(client, "/portfolio")

    assert body == told.portfolio(known.summary(), release="r1")
    assert PortfolioResponse.model_validate(body).model_dump(by_alias=True) == body


def test_every_name_in_the_document_is_one_of_a_group(client: TestClient) -> None:
    document = got(client, "/openapi.json")
    schemas = document["components"]["schemas"]
    (name, *_) = document["paths"]["/segments/{name}"]["get"]["parameters"]
    moved = schemas["Movements"]["properties"]
    named = [
        *(name.get("examples") or name["schema"]["examples"]),
        *schemas["Segment"]["properties"]["name"]["examples"],
        *(one for way in moved.values() for example in way["examples"] for one in example),
    ]

    asked = {one: client.get(f"/segments/{one}").status_code for one in named}

    assert {one for one, status in asked.items() if status != 200} == {NEWCOMERS, GONE}
    assert len(asked) > len({NEWCOMERS, GONE})


@pytest.mark.parametrize("path", ["/segments", "/segments/client", "/portfolio"])
def test_whoever_has_the_answer_is_told_so(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]

    again = client.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("name", ["zq-none", "High-Value", "ñ"])
def test_a_group_that_there_is_not_is_named_so(client: TestClient, name: str) -> None:
    response = client.get(f"/segments/{name}")

    assert response.status_code == 404
    assert response.json()["code"] == "unknown-segment"
    assert name not in response.text


def test_without_a_release_there_are_no_groups_yet(serve: Serve) -> None:
    client = serve()

    for path in ("/segments", "/segments/client", "/portfolio"):
        assert client.get(path).json()["code"] == "not-ready"
