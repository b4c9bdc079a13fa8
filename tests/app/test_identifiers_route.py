"""Identifiers of a customer come plain, are kept as hashes, and are forgotten when told so."""

from typing import Any

import httpx2
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.identifiers import Identifiers
from models.artifacts.keys import Keys, shard_of

PATH = "/customers/ana/identifiers"


def kept(settings: ServerSettings, customer_id: str = "ana") -> bytes | None:
    with redis.Redis.from_url(settings.redis_url) as store:
        key = Keys(settings.namespace).identifiers(shard_of(customer_id))
        found: bytes | None = store.hget(key, customer_id)
        return found


def faults(answer: httpx2.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


def test_hashes_are_kept_and_replaced_and_forgotten(
    asking: TestClient, settings: ServerSettings
) -> None:
    put = asking.put(PATH, json={"emails": [" A@Shop.example"], "phones": ["(800)555-0100"],
                                 "country": "US"})  # fmt: skip
    first = kept(settings)
    asking.put(PATH, json={"phones": ["+442079460000"]})
    second = kept(settings)
    gone = asking.delete(PATH)

    assert (put.status_code, put.content, gone.status_code) == (204, b"", 204)
    assert first is not None
    assert second is not None
    assert Identifiers.unpack(first) == Identifiers.of(
        emails=["a@shop.example"], phones=["+18005550100"]
    )
    assert Identifiers.unpack(second) == Identifiers.of(emails=[], phones=["+442079460000"])
    assert kept(settings) is None
    assert asking.delete(PATH).status_code == 204


def test_empty_lists_leave_nothing_kept(asking: TestClient, settings: ServerSettings) -> None:
    asking.put(PATH, json={"emails": ["a@shop.example"]})

    assert asking.put(PATH, json={}).status_code == 204
    assert kept(settings) is None


def test_an_id_may_hold_a_slash(asking: TestClient, settings: ServerSettings) -> None:
    asking.put("/customers/a%2Fb/identifiers", json={"emails": ["a@shop.example"]})

    assert kept(settings, "a/b") is not None


WRONG: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"emails": ["a@b.example", "zq-secret"]}, [("/emails/1", "not-an-address")]),
    ({"phones": ["080012345678"]}, [("/phones/0", "not-a-phone")]),
    ({"phones": ["zq-secret"], "country": "US"}, [("/phones/0", "not-a-phone")]),
    ({"phones": ["0800"], "country": "QZ"}, [("/country", "unknown-country")]),
    ({"phones": ["x"], "emails": ["y", "+z@gmail.com"]},
     [("/emails/0", "not-an-address"), ("/emails/1", "not-an-address"),
      ("/phones/0", "not-a-phone")]),
    ({"emails": ["a@b.example"] * 6}, [("/emails", "wrong-length")]),
    ({"emails": "a@b.example"}, [("/emails", "not-a-list")]),
    ({"country": "us"}, [("/country", "wrong-characters")]),
    ({"mail": "zq-secret"}, [("/mail", "unknown-field")]),
]  # fmt: skip


def test_what_is_no_identifier_is_pointed_at_and_not_repeated(
    asking: TestClient, settings: ServerSettings
) -> None:
    for body, found in WRONG:
        answer = asking.put(PATH, json=body)

        assert faults(answer) == found
        assert "zq-secret" not in answer.text
    assert kept(settings) is None


def test_what_the_store_does_not_take_is_not_said_to_be_kept(
    asking: TestClient, settings: ServerSettings
) -> None:
    with redis.Redis.from_url(settings.redis_url) as store:
        store.set(Keys(settings.namespace).identifiers(shard_of("ana")), "no hash")

    answers = [asking.put(PATH, json={"emails": ["a@b.example"]}), asking.delete(PATH)]

    assert [one.json()["code"] for one in answers] == ["not-durable"] * 2


def test_nothing_plain_is_logged(asking: TestClient, capfd: pytest.CaptureFixture[str]) -> None:
    asking.put(PATH, json={"emails": ["zq.secret@shop.example", "zq-bad"], "phones": ["zq-phone"]})
    asking.put(PATH, json={"emails": ["zq.secret@shop.example"]})
    asking.delete(PATH)

    said = capfd.readouterr()
    assert "zq" not in said.out + said.err
