"""Nobody is contacted who has not allowed it, nor more often than they allow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from models.customer.permission import DETAILS
from tests import shop
from tests.app.conftest import Serve
from training.embedded import EmbeddedStore

EMAIL = {"channels": {"email": True}}
NOW = 1_760_000_000_000


def decide(client: TestClient, customer: str = "ana", **preferences: object) -> None:
    path = f"/customers/{customer}/preferences"
    response = client.put(path, json=EMAIL | preferences, headers={"If-Match": "*"})
    assert response.status_code == 200, response.text


def asked(client: TestClient, placement: str = "email", **request: object) -> dict[str, Any]:
    body = {"customer_id": "ana", "placement": placement, "limit": 5} | request
    response = client.post("/recommend", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


def items(answer: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def refusal(answer: dict[str, Any]) -> str | None:
    """The reason, where nothing is shown for it."""
    if "suppressed" not in answer:
        return None
    assert answer["items"] == []
    reason = answer["suppressed"]["reason"]
    assert answer["suppressed"]["detail"] == DETAILS[reason]
    return str(reason)


def contacts(settings: ServerSettings, customer: str = "ana") -> list[list[Any]]:
    """What is remembered of a customer's contacts."""
    with redis.Redis.from_url(settings.redis_url) as store:
        held: Any = store.hget(Keys(settings.namespace).live_of_customer(customer), "c")
    return list(orjson.loads(held)) if held else []


def around_now(hours: float) -> dict[str, str]:
    """Quiet hours that begin so many hours from now, two hours long."""
    begin = datetime.now(UTC) + timedelta(hours=hours)
    end = begin + timedelta(hours=2)
    return {"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}", "time_zone": "UTC"}


def test_who_has_said_nothing_is_not_contacted(asking: TestClient) -> None:
    assert refusal(asked(asking)) == "preferences-unknown"
    assert refusal(asked(asking, customer_id="nobody")) == "preferences-unknown"
    assert refusal(asked(asking, customer_id=None, anonymous_id="v-1")) == "subject-unknown"
    assert refusal(asked(asking, customer_id=None)) == "subject-unknown"


def test_who_allows_a_channel_is_contacted_by_that_one(asking: TestClient) -> None:
    decide(asking, channels={"email": True, "sms": False})

    assert items(asked(asking, limit=4)) == ["butter", "milk", "bread", "jam"]
    assert refusal(asked(asking, "email-april")) is None
    assert refusal(asked(asking, "sms")) == "channel-refused"
    assert refusal(asked(asking, "call")) == "preferences-unknown"


def test_what_is_no_contact_needs_no_permission(asking: TestClient) -> None:
    decide(asking, channels={"email": False})

    for placement in ("home", "mailbox", "home-mailbox"):
        assert items(asked(asking, placement))[0] == "butter"


def test_an_ad_needs_consent_besides(asking: TestClient) -> None:
    decide(asking, channels={"ad": True})
    before = refusal(asked(asking, "ad"))

    decide(asking, channels={"ad": True}, consent={"ads": True})

    assert before == "consent-refused"
    assert refusal(asked(asking, "ad")) is None


def test_nobody_is_called_on_in_their_quiet_hours(asking: TestClient) -> None:
    decide(asking, quiet_hours=around_now(-1))
    quiet = refusal(asked(asking))

    decide(asking, quiet_hours=around_now(3))

    assert quiet == "quiet-hours"
    assert refusal(asked(asking)) is None


def test_topics_that_are_not_wanted_are_in_no_contact(asking: TestClient) -> None:
    decide(asking, topics={"dairy": False, "bakery": True})

    shown = items(asked(asking))
    assert shown[:2] == ["bread", "jam"]
    assert not {"milk", "butter", "cream"} & set(shown)
    assert items(asked(asking, filter={"eq": ["category", "dairy"]})) == []
    assert items(asked(asking, "home"))[0] == "butter"


def test_a_cap_holds_by_channel_and_over_all(asking: TestClient) -> None:
    caps = [
        {"channel": "email", "at_most": 1, "per": "day"},
        {"at_most": 2, "per": "week"},
    ]
    decide(asking, channels={"email": True, "sms": True}, frequency=caps)

    found = [refusal(asked(asking, channel)) for channel in ("email", "email", "sms", "sms")]

    assert found == [None, "frequency-cap", None, "frequency-cap"]


def test_a_refused_contact_and_an_empty_list_cost_none(
    asking: TestClient, settings: ServerSettings
) -> None:
    decide(asking, frequency=[{"at_most": 1, "per": "month"}])

    empty = asked(asking, filter={"eq": ["category", "nonesuch"]})
    asked(asking, "sms")
    asked(asking, "home")

    assert empty["items"] == []
    assert "suppressed" not in empty
    assert contacts(settings) == []
    assert refusal(asked(asking)) is None
    assert [channel for channel, _ in contacts(settings)] == ["email"]


def test_a_refusal_answers_as_the_document_describes(asking: TestClient) -> None:
    answer = asked(asking)

    assert answer["recommendation_id"]
    assert (answer["level"], answer["personalized"], answer["release"]) == (0, True, "r1")
    assert set(answer["suppressed"]) == {"reason", "detail"}


def test_many_at_once_are_asked_each_for_themselves(asking: TestClient) -> None:
    decide(asking, frequency=[{"at_most": 1, "per": "day"}])
    body = {"customer_id": "ana", "placement": "email"}

    batch = asking.post(
        "/recommend/batch", json={"requests": [body, body, body | {"customer_id": "ben"}]}
    ).json()["responses"]

    refused = [answer["body"].get("suppressed", {}).get("reason") for answer in batch]
    assert refused == [None, "frequency-cap", "preferences-unknown"]


def test_without_a_release_the_merchants_list_needs_permission_too(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("p-1\np-2\n")
    client = serve(merchant_list=tmp_path / "list.txt")
    before = refusal(asked(client))

    decide(client)
    allowed = items(asked(client))
    decide(client, topics={"wine": False})

    assert before == "preferences-unknown"
    assert allowed == ["p-1", "p-2"]
    assert items(asked(client)) == []


def test_preferences_that_are_damaged_allow_nothing(
    asking: TestClient, settings: ServerSettings
) -> None:
    decide(asking)
    with redis.Redis.from_url(settings.redis_url) as store:
        store.hset(Keys(settings.namespace).live_of_customer("ana"), "p", b"{")

    assert refusal(asked(asking)) == "preferences-unknown"


@pytest.mark.faults
def test_whoever_cannot_be_asked_is_not_contacted(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)
    decide(client)
    assert items(asked(client, "home"))

    own_store.stop()

    assert refusal(asked(client)) == "store-away"
    assert items(asked(client, "home"))
