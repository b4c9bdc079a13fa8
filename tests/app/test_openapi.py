"""The OpenAPI document is whole: whoever has only that can use all there is."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from app import errors
from app.refusal import ApiError

ANSWERS = {
    ("post", "/events"): "202",
    ("post", "/feedback"): "202",
    ("get", "/customers/{customer_id}"): "200 304 404",
    ("get", "/customers/{customer_id}/preferences"): "200 304",
    ("put", "/customers/{customer_id}/preferences"): "200 412 428",
    ("put", "/customers/{customer_id}/identifiers"): "204",
    ("delete", "/customers/{customer_id}/identifiers"): "204",
    ("post", "/customers/{customer_id}/identities"): "204 409",
    ("delete", "/customers/{customer_id}/identities/{anonymous_id}"): "204 404",
    ("get", "/segments"): "200 304 404",
    ("get", "/segments/{name}"): "200 304 404 410",
    ("get", "/portfolio"): "200 304 404",
    ("post", "/segments/lookup"): "200 204",
    ("get", "/audiences"): "200 304",
    ("post", "/audiences"): "202 404 409",
    ("get", "/audiences/{audience_id}"): "200 304 404",
    ("delete", "/audiences/{audience_id}"): "204 404",
    ("get", "/audiences/{audience_id}/members"): "200 404 406 409 410",
    ("get", "/audiences/{audience_id}/exports"): "200 404",
}
"""Where it is not 200 alone; what every operation of its method may answer is left out."""


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def kinds() -> list[type[ApiError]]:
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ApiError) and kind is not ApiError
    ]


def test_every_operation_has_a_name_a_tag_and_a_meaning(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(set(names)) == len(names)
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert len(operation["tags"]) == 1, (path, method)


def test_every_field_and_parameter_says_what_it_is(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, inside in schema.get("properties", {}).items():
            assert inside.get("description"), f"{name}.{field}"
    for path, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), f"{path} {parameter['name']}"


def test_every_error_is_a_problem_with_an_example(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) < 400:
                continue
            (kind,) = response["content"]
            assert kind == "application/problem+json", (path, method, status)
            assert response["description"]
            for example in response["content"][kind]["examples"].values():
                assert example["value"]["status"] == int(status)


def test_every_operation_documents_what_it_may_refuse(document: dict[str, Any]) -> None:
    assert {(method, path) for path, method, _ in operations(document)} >= ANSWERS.keys()
    for path, method, operation in operations(document):
        expected = {"400", "401", "403", "421", "422", "429", "431", "500"}
        expected |= {*ANSWERS.get((method, path), "200").split()}
        if method in {"post", "put"}:
            expected |= {"413", "415"}
        if path != "/livez":
            expected |= {"503"}
        assert {*operation["responses"]} == expected, (path, method)


def test_examples_meet_their_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema.get("examples") or name not in {
            "RecommendRequest", "BatchRequest", "ItemsRequest", "RerankRequest", "Filter", "Rule",
            "AudienceRequest",
        }  # fmt: skip
        for place, part in [(name, schema)] + [
            (f"{name}.{field}", inside) for field, inside in schema.get("properties", {}).items()
        ]:
            referred = {"components": {"schemas": schemas}} if "$ref" in str(part) else {}
            validator = jsonschema_rs.validator_for(part | referred, validate_formats=True)
            for example in part.get("examples", []):
                assert validator.is_valid(example), (place, example)


def test_examples_of_errors_meet_their_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    validator = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/Problem", "components": {"schemas": schemas}}
    )
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                for example in content.get("examples", {}).values():
                    assert validator.is_valid(example["value"])


def test_every_model_with_a_body_has_an_example_that_the_server_takes(
    client: TestClient, document: dict[str, Any]
) -> None:
    for path, method, operation in operations(document):
        if method != "post":
            continue
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        for example in schema["examples"]:
            answer = client.post(path, json=example)
            assert answer.status_code in {200, 202, 204}, (path, example)


def test_error_codes_are_kebab_case_and_each_has_one_kind() -> None:
    codes = [kind.code for kind in kinds()]

    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_the_documents_page_needs_no_other_machine(client: TestClient) -> None:
    page = client.get("/docs")

    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources
    for source in sources:
        assert not source.startswith(("http", "//")), source
        assert client.get(source).status_code == 200, source
