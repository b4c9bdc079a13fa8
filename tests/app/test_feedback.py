"""What a customer says is kept once, and the very next answer heeds it."""

from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.event import Event
from models.artifacts.keys import Keys, shard_of
from models.shaping.service import read
from tests import shop
from tests.app.conftest import Serve, got
from training.embedded import EmbeddedStore

OPENED = {"kind": "complaint", "value": "opened"}
RESOLVED = {"kind": "complaint", "value": "resolved"}
TODAY = datetime.now(UTC).date().isoformat()


def say(client: TestClient, customer: str = "ana", **said: object) -> dict[str, Any]:
    response = client.post("/feedback", json={"customer_id": customer} | said)
    assert response.status_code == 202, response.text
    return dict(response.json())


def asked(client: TestClient, customer: str = "ana", **request: object) -> dict[str, Any]:
    response = client.post("/recommend", json={"customer_id": customer, "limit": 5} | request)
    assert response.status_code == 200, response.text
    return dict(response.json())


def items(answer: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def stored(settings: ServerSettings, subject: str = "ana") -> list[Event]:
    with redis.Redis.from_url(settings.redis_url) as store:
        entries: Any = store.xrange(Keys(settings.namespace).events(shard_of(subject)))
    return [Event.unpack(fields[b"e"]) for _, fields in entries]


def test_feedback_is_stored_as_an_event(asking: TestClient, settings: ServerSettings) -> None:
    about = {"item_id": "milk", "offer_id": "of-3", "recommendation_id": "r-1"}

    answer = say(
        asking, kind="rating", value=2, about=about, text="sour\n:(", event_id="t-1", timestamp=1e9
    )

    assert answer == {"accepted": 1, "duplicates": 0}
    (event,) = stored(settings)
    assert (event.event, event.event_id, event.at_ms) == ("feedback", "t-1", 10**12)
    assert (event.customer_id, event.source) == ("ana", "backend")
    assert [line.item_id for line in event.items] == ["milk"]
    assert (event.offer_id, event.recommendation_id) == ("of-3", "r-1")
    assert event.feedback is not None
    assert (event.feedback.kind, event.feedback.value, event.feedback.text) == (
        "rating",
        2,
        "sour\n:(",
    )


def test_feedback_of_one_id_counts_once(asking: TestClient, settings: ServerSettings) -> None:
    say(asking, **OPENED, event_id="t-1")

    again = say(asking, **OPENED, event_id="t-1", text="once more")
    another = say(asking, "ben", **OPENED, event_id="t-1")

    assert again == {"accepted": 0, "duplicates": 1}
    assert another == {"accepted": 1, "duplicates": 0}
    assert len(stored(settings)) == 1


def test_feedback_without_an_id_is_known_by_its_time_and_content(asking: TestClient) -> None:
    at = {"timestamp": "2026-01-31T18:04:05+01:00"}

    first = [say(asking, kind="satisfaction", value=value, **at)["accepted"] for value in (4, 4, 5)]

    assert first == [1, 0, 1]


def test_a_complaint_may_be_opened_again(asking: TestClient, settings: ServerSettings) -> None:
    for said in (OPENED, RESOLVED, OPENED):
        assert say(asking, **said) == {"accepted": 1, "duplicates": 0}

    values = [event.feedback.value for event in stored(settings) if event.feedback is not None]
    assert values == ["opened", "resolved", "opened"]


def test_an_alias_and_a_visitor_are_taken(asking: TestClient, settings: ServerSettings) -> None:
    by_alias = asking.post("/feedback", json={"user_id": "ana", "kind": "thanks"})
    visitor = asking.post("/feedback", json={"anonymous_id": "v-1", "kind": "thanks"})

    assert (by_alias.status_code, visitor.status_code) == (202, 202)
    assert [event.customer_id for event in stored(settings)] == ["ana"]
    assert [event.anonymous_id for event in stored(settings, "v-1")] == ["v-1"]


def test_an_objection_of_the_browser_is_kept_with_it(
    asking: TestClient, settings: ServerSettings
) -> None:
    said = {"customer_id": "ana", "kind": "thanks"}

    answer = asking.post("/feedback", json=said, headers={"Sec-GPC": "1"})

    assert answer.status_code == 202, answer.text
    (event,) = stored(settings)
    assert (event.consent.ads, event.consent.sale_opt_out) == (False, True)


def test_what_is_not_of_interest_is_gone_from_the_very_next_answer(asking: TestClient) -> None:
    before = items(asked(asking))

    say(asking, kind="not_interested", about={"item_id": "butter"})

    assert before[0] == "butter"
    assert "butter" not in items(asked(asking))
    assert "butter" in items(asked(asking, "nobody"))


def level(client: TestClient, customer: str = "ana") -> str:
    return str(got(client, f"/customers/{customer}")["satisfaction"]["level"])


def test_feedback_moves_satisfaction_at_once(asking: TestClient) -> None:
    # the release has Ana satisfied; (4 + 1) / 2 = 2.5, halves upwards; (4 + 1 + 1) / 3 = 2
    levels = [level(asking)]
    for n in range(2):
        say(asking, kind="satisfaction", value=1, event_id=f"t-{n}")
        levels.append(level(asking))

    assert levels == ["satisfied", "neutral", "dissatisfied"]
    assert level(asking, "ben") == "unknown"


def test_what_moved_it_is_told_beside_the_level(asking: TestClient) -> None:
    before = got(asking, "/customers/ana")["satisfaction"]["evidence"]

    say(asking, kind="satisfaction", value=1)

    after = got(asking, "/customers/ana")["satisfaction"]["evidence"]
    assert before["lately"] == []
    assert after["lately"] == [{"kind": "satisfaction", "value": 1, "date": TODAY}]
    assert before["ratings"] == after["ratings"]


def test_the_profile_has_another_tag_once_it_says_something_else(asking: TestClient) -> None:
    tag = asking.get("/customers/ana").headers["etag"]

    say(asking, **OPENED)

    again = asking.get("/customers/ana", headers={"If-None-Match": tag})
    assert again.status_code == 200


def test_whoever_complains_is_sold_nothing_new_until_it_is_resolved(asking: TestClient) -> None:
    say(asking, **OPENED)
    angry = asked(asking, placement="home")

    say(asking, **RESOLVED)
    calmed = asked(asking, placement="home")

    # (4 + 1) / 2 = 2.5 would be neutral, but for the complaint being open
    assert items(angry) == ["butter", "milk"]
    assert {item["reason"] for item in angry["items"]} == {"repeat"}
    assert angry["service"] == {"level": "dissatisfied", "content": "help"}
    assert len(items(calmed)) == 5
    assert "service" not in calmed


def test_the_filter_of_the_request_stands_beside_what_is_bought_again(asking: TestClient) -> None:
    say(asking, **OPENED)

    assert items(asked(asking, filter={"lt": ["price", 2]})) == ["milk"]
    assert items(asked(asking, filter={"eq": ["category", "drinks"]})) == []
    assert items(asked(asking, novelty="new_only")) == []


def test_a_newcomer_who_complains_is_shown_service_alone(asking: TestClient) -> None:
    asking.post("/feedback", json={"anonymous_id": "v-1"} | OPENED)

    response = asking.post("/recommend", json={"anonymous_id": "v-1"})

    assert response.json()["items"] == []
    assert response.json()["service"]["content"] == "apology"


def test_the_dissatisfied_are_sold_nothing_in_a_contact(asking: TestClient) -> None:
    put = {"channels": {"email": True}}
    asking.put("/customers/ana/preferences", json=put, headers={"If-Match": "*"})
    say(asking, **OPENED)

    answer = asked(asking, placement="email")

    assert answer["items"] == []
    assert answer["suppressed"]["reason"] == "dissatisfied"
    assert answer["service"] == {"level": "dissatisfied", "content": "help"}


def test_whoever_wants_it_explained_is_told_the_row_and_what_it_rests_on(
    asking: TestClient,
) -> None:
    say(asking, kind="thanks", timestamp="2026-01-31T23:30:00-05:00")
    say(asking, **OPENED)

    answer = asked(asking, explain=True)

    assert answer["service"]["reason"] == {
        "applied": {"upsell": False, "content": "help"},
        "release_level": "satisfied",
        "evidence": [
            {"kind": "thanks", "value": None, "date": "2026-02-01"},
            {"kind": "complaint", "value": "opened", "date": TODAY},
        ],
    }


def test_many_lists_at_once_are_served_alike(asking: TestClient) -> None:
    say(asking, **OPENED)
    requests = [{"customer_id": customer, "limit": 5} for customer in ("ana", "ben")]

    answers = asking.post("/recommend/batch", json={"requests": requests}).json()["responses"]

    ana, ben = (answer["body"] for answer in answers)
    assert (items(ana), ana["service"]["content"]) == (["butter", "milk"], "help")
    assert "service" not in ben


def test_the_shop_may_have_a_table_of_its_own(
    serve: Serve, settings: ServerSettings, namespace: str
) -> None:
    shop.publish(settings.redis_url, namespace, shop.tiny())
    client = serve(service=read({"home": {"dissatisfied": {"list": False, "content": "call-me"}}}))
    say(client, **OPENED)

    home, cart = (asked(client, placement=placement) for placement in ("home", "cart"))

    assert (home["items"], home["service"]["content"]) == ([], "call-me")
    assert home["suppressed"]["reason"] == "dissatisfied"
    assert len(items(cart)) == 5


def test_who_may_not_be_known_by_what_they_did_is_treated_as_anybody(asking: TestClient) -> None:
    say(asking, **OPENED)
    put = {"consent": {"personalization": False}}
    asking.put("/customers/ana/preferences", json=put, headers={"If-Match": "*"})

    assert "service" not in asked(asking)


@pytest.mark.faults
def test_without_the_store_of_events_the_releases_level_stands(
    serve: Serve, own_store: EmbeddedStore, settings: ServerSettings
) -> None:
    shop.publish(settings.redis_url, settings.namespace, shop.tiny())
    client = serve(events_redis_url=own_store.url)
    say(client, **OPENED)
    before = got(client, "/customers/ana")["satisfaction"]

    own_store.stop()

    after = got(client, "/customers/ana")["satisfaction"]
    assert (before["level"], after["level"]) == ("dissatisfied", "satisfied")
    assert after["evidence"]["lately"] is None
