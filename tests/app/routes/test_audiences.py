"""Audiences are written down, shown as they stand, and deleted."""

import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app.audience_documents import AudienceResponse, AudiencesResponse
from app.settings import ServerSettings
from models.artifacts.audience import ID, Asked, Stands
from models.artifacts.keys import Keys
from models.audience_told import told
from tests import asked_audiences as audiences
from tests import shop
from tests.app.conftest import Serve, got
from tests.app.holders import Holders, bearer
from training.embedded import EmbeddedStore

GROUP = {"type": "group", "group": "high"}
SEEDS = [f"c-{n}" for n in range(100)]
NOBODY = "/audiences/aud_0123456789abcdef"


def ask(client: TestClient, **body: object) -> dict[str, Any]:
    response = client.post("/audiences", json=GROUP | body)
    assert response.status_code == 202, response.text
    return dict(response.json())


def put(settings: ServerSettings) -> audiences.Put:
    return audiences.Put(settings.redis_url, Keys(settings.namespace))


def test_an_audience_is_queued_and_can_be_read_at_once(asking: TestClient) -> None:
    response = asking.post("/audiences", json=GROUP | {"name": "Our best", "ttl_days": 2})
    body = response.json()

    found = asking.get(response.headers["location"])

    assert response.status_code == 202
    assert found.json() == body == AudienceResponse.model_validate(body).model_dump()
    assert (body["status"], body["progress"], body["size"]) == ("queued", 0, None)
    assert (body["name"], body["created_by"]) == ("Our best", None)
    lives = datetime.fromisoformat(body["expires_at"]) - datetime.fromisoformat(body["created_at"])
    assert lives.days == 2
    assert ID.fullmatch(body["audience_id"])
    assert found.headers["cache-control"] == "no-cache"


def test_a_worker_finds_what_was_asked_and_the_seeds(
    asking: TestClient, settings: ServerSettings
) -> None:
    keys, rule = Keys(settings.namespace), {"gt": ["orders", 2]}
    alike = {"type": "lookalike", "group": None, "weight": "value", "expansion": 3}
    given = ask(asking, **alike, seeds=SEEDS)["audience_id"]
    ruled = ask(asking, **alike, seeds={"rule": rule}, exclude=[given])["audience_id"]

    with redis.Redis.from_url(settings.redis_url) as store:
        fields: Any = [store.hgetall(keys.audience(one)) for one in (given, ruled)]
        listed: Any = store.zrange(keys.audience_ids, 0, -1)
        changes: Any = store.get(keys.audience_changes)

    first, second = (Asked.unpack(one[b"asked"]) for one in fields)
    assert (first.type, first.weight, first.expansion) == ("lookalike", "value", 3)
    assert (first.n_seeds, first.rule, orjson.loads(fields[0][b"seeds"])) == (100, None, SEEDS)
    assert (second.n_seeds, second.rule, second.exclude) == (0, rule, [given])
    assert b"seeds" not in fields[1]
    assert Stands.unpack(fields[0][b"stands"]).status == "queued"
    assert listed == [given.encode(), ruled.encode()]
    assert changes == b"2"


def test_only_an_audience_that_may_have_members_can_be_left_out(
    asking: TestClient, settings: ServerSettings
) -> None:
    stands = [Stands(status=one, at_ms=1) for one in ("refused", "failed", "building", "failed")]
    made = [audiences.queued(f"aud_{n:016x}") for n in range(3)]
    made.append(audiences.lookalike(f"aud_{3:016x}"))
    for audience, now in zip(made, stands, strict=True):
        put(settings)(replace(audience, stands=now))

    body = GROUP | {"exclude": [one.id for one in made]}
    response = asking.post("/audiences", json=body)

    told_of = [(one["pointer"], one["code"]) for one in response.json()["errors"]]
    assert response.status_code == 422
    assert told_of == [("/exclude/0", "never-built"), ("/exclude/1", "never-built")]
    ask(asking, exclude=body["exclude"][2:])


def test_who_asked_is_told_by_the_id_of_their_key(settings: ServerSettings, serve: Serve) -> None:
    shop.publish(settings.redis_url, settings.namespace, shop.tiny())
    id_, text = Holders(settings.redis_url, settings.namespace).key("secret", scopes=["audiences"])
    client = serve()

    answer = client.post("/audiences", json=GROUP, headers=bearer(text))

    assert answer.json()["created_by"] == id_


def test_what_was_built_is_told_with_its_quality_and_reasons(
    asking: TestClient, settings: ServerSettings
) -> None:
    built = audiences.lookalike("aud_" + "a" * 16)
    put(settings)(built)

    body = got(asking, f"/audiences/{built.id}")

    assert body == told(built) == AudienceResponse.model_validate(body).model_dump()
    assert (body["status"], body["size"], body["seeds"], body["release"]) == (
        "ready", 5000, 809, "r1",
    )  # fmt: skip
    assert body["definition"]["seeds"] == {"count": 812, "rule": None, "group": None}
    assert body["quality"]["auc_interval"] == {"low": 0.81, "high": 0.86}
    assert body["quality"]["lift_at_5_percent"] == 6.4
    assert body["reasons"][0]["direction"] == "higher"


def test_whoever_has_the_answer_is_told_so_until_it_changes(
    asking: TestClient, settings: ServerSettings
) -> None:
    one = audiences.queued("aud_" + "a" * 16)
    put(settings)(one)
    paths = ("/audiences", f"/audiences/{one.id}")
    tags = [asking.get(path).headers["etag"] for path in paths]

    def again() -> list[int]:
        each = zip(paths, tags, strict=True)
        return [asking.get(path, headers={"If-None-Match": tag}).status_code for path, tag in each]

    assert again() == [304, 304]

    put(settings)(replace(one, stands=replace(one.stands, status="building")))

    assert again() == [200, 200]


def test_all_are_listed_the_latest_first_without_those_that_ended(
    asking: TestClient, settings: ServerSettings
) -> None:
    now_ms = int(time.time() * 1000)
    old = audiences.queued("aud_" + "1" * 16, created_ms=1)
    new = audiences.lookalike("aud_" + "2" * 16, created_ms=2)
    expired = audiences.queued("aud_" + "3" * 16)
    expired = replace(expired, asked=replace(expired.asked, expires_ms=now_ms))
    for one in (new, old, expired):
        put(settings)(one)

    body = got(asking, "/audiences")

    assert [one["audience_id"] for one in body["audiences"]] == [new.id, old.id]
    assert AudiencesResponse.model_validate(body).model_dump() == body
    assert asking.get(f"/audiences/{expired.id}").status_code == 404


def test_what_is_deleted_is_gone_at_once_with_its_seeds(
    asking: TestClient, settings: ServerSettings
) -> None:
    kept = ask(asking)["audience_id"]
    body = {"group": None, "type": "lookalike", "seeds": SEEDS, "size": 10}
    path = f"/audiences/{ask(asking, **body)['audience_id']}"

    answer = asking.delete(path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert asking.get(path).json()["code"] == "unknown-audience"
    assert asking.delete(path).json()["code"] == "unknown-audience"
    assert [one["audience_id"] for one in got(asking, "/audiences")["audiences"]] == [kept]
    keys = Keys(settings.namespace)
    with redis.Redis.from_url(settings.redis_url) as store:
        assert {*store.scan_iter(f"{settings.namespace}:{{audiences}}:*")} == {
            one.encode() for one in (keys.audience(kept), keys.audience_ids, keys.audience_changes)
        }
        assert store.get(keys.audience_changes) == b"3"


def test_what_there_is_not_is_named_so(asking: TestClient) -> None:
    assert asking.get(NOBODY).json()["code"] == "unknown-audience"
    assert asking.delete(NOBODY).json()["code"] == "unknown-audience"
    for path in ("/audiences/ids", "/audiences/aud_1", NOBODY + "%0a", NOBODY.upper()):
        assert asking.get(path).status_code in (400, 404, 422)


def test_of_a_thousand_no_more_can_be_made_until_one_is_deleted(
    asking: TestClient, settings: ServerSettings
) -> None:
    first = ask(asking)["audience_id"]
    with redis.Redis.from_url(settings.redis_url) as store:
        others = {f"aud_{n:016x}": n for n in range(999)}
        store.zadd(Keys(settings.namespace).audience_ids, others)

    full = asking.post("/audiences", json=GROUP)
    asking.delete(f"/audiences/{first}")

    assert (full.status_code, full.json()["code"]) == (409, "conflict")
    assert "delete those" in full.json()["detail"]
    assert asking.post("/audiences", json=GROUP).status_code == 202


def test_those_that_have_expired_make_room(asking: TestClient, settings: ServerSettings) -> None:
    expired = audiences.queued("aud_" + "e" * 16)
    put(settings)(replace(expired, asked=replace(expired.asked, expires_ms=1)))
    keys = Keys(settings.namespace)
    with redis.Redis.from_url(settings.redis_url) as store:
        store.zadd(keys.audience_ids, {f"aud_{n:016x}": n for n in range(999)})

        answer = asking.post("/audiences", json=GROUP)

        assert answer.status_code == 202
        assert store.zscore(keys.audience_ids, expired.id) is None
        assert not store.exists(keys.audience(expired.id))


@pytest.mark.parametrize(
    "built",
    [
        {"quality": {"auc": 0.8}},
        {"quality": {"auc": "high"}},
        {"quality": 7},
        {"reasons": [{"of": "another shape"}]},
        {"reasons": 7},
        {"at_ms": "today"},
        {"at_ms": 1e18},
    ],
)
def test_what_was_built_in_another_shape_is_no_failure_of_ours(
    asking: TestClient, settings: ServerSettings, built: dict[str, object]
) -> None:
    one, other = audiences.lookalike("aud_" + "1" * 16), audiences.queued("aud_" + "2" * 16)
    for audience in (one, other):
        put(settings)(audience)
    assert one.built is not None
    with redis.Redis.from_url(settings.redis_url) as store:
        strange = orjson.dumps(orjson.loads(one.built.pack()) | built)
        store.hset(Keys(settings.namespace).audience(one.id), "built", strange)

    alone, listed = asking.get(f"/audiences/{one.id}"), got(asking, "/audiences")

    assert (alone.status_code, alone.json()["code"]) == (503, "not-ready")
    assert [audience["audience_id"] for audience in listed["audiences"]] == [other.id]


def test_without_a_release_nothing_can_be_asked_for(serve: Serve) -> None:
    answer = serve().post("/audiences", json=GROUP)

    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.faults
def test_a_store_that_is_full_takes_no_audience_and_can_be_rid_of_one(
    own_store: EmbeddedStore, serve: Serve, settings: ServerSettings
) -> None:
    shop.publish(own_store.url, settings.namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    path = f"/audiences/{ask(client)['audience_id']}"
    with redis.Redis.from_url(own_store.url) as store:
        store.config_set("maxmemory-policy", "noeviction")
        store.config_set("maxmemory", 1)
        refused = client.post("/audiences", json=GROUP)
        deleted = client.delete(path)
        store.config_set("maxmemory", 0)

    assert (refused.status_code, refused.json()["code"]) == (503, "not-durable")
    assert deleted.status_code == 204
    assert got(client, "/audiences")["audiences"] == []


@pytest.mark.faults
def test_while_the_store_is_away_nothing_is_shown_or_taken(
    own_store: EmbeddedStore, serve: Serve, settings: ServerSettings
) -> None:
    shop.publish(own_store.url, settings.namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    path = f"/audiences/{ask(client)['audience_id']}"
    own_store.stop()

    answers = [
        client.get("/audiences"),
        client.get(path),
        client.post("/audiences", json=GROUP),
        client.delete(path),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (503, "not-ready"), (503, "not-ready"), (503, "not-durable"), (503, "not-durable"),
    ]  # fmt: skip
    assert {one.headers["retry-after"] for one in answers} == {"2"}
