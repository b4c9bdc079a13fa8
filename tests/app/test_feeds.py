"""Who left something behind is on the feed, unless they mind, bought it, or have heard enough."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys, shard_of
from tests.app.leaving import BROWSED, CARTS, Leaving, ago, hours_ago_ms

pytestmark = pytest.mark.store


@pytest.fixture
def leaving(asking: TestClient, settings: ServerSettings) -> Leaving:
    return Leaving(asking, settings)


@pytest.fixture
def left(leaving: Leaving) -> Leaving:
    """Ana has left milk and jam in her cart, and welcomes mail."""
    leaving.did("add_to_cart", "milk")
    leaving.did("add_to_cart", "jam", hours_ago=1.9)
    leaving.note("ana", at_ms=hours_ago_ms(1.9))
    leaving.decides()
    return leaving


def around_now(hours: float) -> dict[str, str]:
    """Quiet hours that begin so many hours from now, two hours long."""
    begin = datetime.now(UTC) + timedelta(hours=hours)
    end = begin + timedelta(hours=2)
    return {"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}", "time_zone": "UTC"}


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["item_id"] for item in items]


def test_a_cart_that_was_left_is_on_the_feed_with_what_to_show_beside_it(
    leaving: Leaving,
) -> None:
    leaving.did("add_to_cart", "milk")
    leaving.did("add_to_cart", "jam", hours_ago=1.9)
    leaving.decides()
    before = leaving.ask()["customers"]
    leaving.learn()

    page = leaving.ask()

    (customer,) = page["customers"]
    assert before == []
    assert (page["suppressed"], page["next_cursor"]) == ([], None)
    assert customer["customer_id"] == "ana"
    assert customer["items"] == [
        {"item_id": "jam", "title": "jam r1", "category": "pantry", "price": 4.0},
        {"item_id": "milk", "title": "milk r1", "category": "dairy", "price": 1.0},
    ]
    assert (customer["value"], customer["currency"]) == (5.0, "EUR")
    assert customer["last_event"]["event"] == "add_to_cart"
    at = datetime.fromisoformat(customer["last_event"]["at"])
    assert timedelta(hours=1.8) < datetime.now(UTC) - at < timedelta(hours=2)
    assert customer["contact"] == {"allowed": True}
    assert set(ids(customer["show"])[:2]) == {"butter", "bread"}
    assert not {"jam", "milk", "cream"} & set(ids(customer["show"]))
    assert customer["recommendation_id"]


def test_whatever_was_bought_since_leaves_nothing(left: Leaving) -> None:
    left.did("purchase", "wine", hours_ago=1.5)

    assert left.every() == ([], {"bought-since": 1})


def test_what_was_only_looked_at_is_on_its_own_feed(leaving: Leaving) -> None:
    leaving.did("view_item", "beer")
    leaving.did("view_item", "cream")
    leaving.decides()
    leaving.learn()

    (customer,) = leaving.ask(BROWSED)["customers"]
    leaving.did("add_to_cart", "wine", hours_ago=1.8)
    leaving.learn()

    assert ids(customer["items"]) == ["beer"]
    assert customer["last_event"]["event"] == "view_item"
    assert not {"beer", "cream"} & set(ids(customer["show"]))
    assert leaving.every(BROWSED) == ([], {})
    assert leaving.every(CARTS) == (["ana"], {})


def test_what_a_customer_has_hidden_was_not_left(left: Leaving) -> None:
    told = {"kind": "not_interested", "about": {"item_id": "jam"}, "customer_id": "ana"}
    left.post("/feedback", told)

    assert left.every(min_age="0") == (["ana"], {})
    assert ids(left.ask()["customers"][0]["items"]) == ["milk"]


def test_who_minds_is_left_out_and_counted(left: Leaving) -> None:
    minding: list[tuple[dict[str, Any], str, str]] = [
        ({"channels": {}}, "email", "preferences-unknown"),
        ({"channels": {"email": False}}, "email", "channel-refused"),
        ({"channels": {"ad": True}}, "ad", "consent-refused"),
        ({"frequency": [{"at_most": 0, "per": "day"}]}, "email", "frequency-cap"),
        ({"consent": {"personalization": False}}, "email", "personalization-refused"),
    ]

    for preferences, channel, reason in minding:
        left.decides(**preferences)

        assert left.every(channel=channel) == ([], {reason: 1})


def test_an_ad_may_follow_who_has_agreed_to_that(left: Leaving) -> None:
    left.decides(channels={"ad": True}, consent={"ads": True})

    assert left.every(channel="ad") == (["ana"], {})


def test_who_never_decided_anything_is_left_out(leaving: Leaving) -> None:
    leaving.did("add_to_cart", "milk")
    leaving.note("ana", at_ms=hours_ago_ms(2))

    assert leaving.every() == ([], {"preferences-unknown": 1})


def test_who_has_heard_enough_is_left_out_and_the_feed_itself_is_no_contact(left: Leaving) -> None:
    left.decides(frequency=[{"channel": "email", "at_most": 1, "per": "day"}])

    before = [left.every() for _ in range(2)]
    left.client.get("/recommend?customer_id=ana&placement=email")

    assert before == [(["ana"], {})] * 2
    assert left.every() == ([], {"frequency-cap": 1})


def test_who_is_dissatisfied_is_left_out(left: Leaving) -> None:
    left.post("/feedback", {"kind": "complaint", "value": "opened", "customer_id": "ana"})

    assert left.every(min_age="0") == ([], {"dissatisfied": 1})


def test_in_quiet_hours_it_is_told_when_they_end(left: Leaving) -> None:
    hours = around_now(-1)
    left.decides(quiet_hours=hours)

    (customer,) = left.ask()["customers"]

    assert (customer["contact"]["allowed"], customer["contact"]["reason"]) == (False, "quiet-hours")
    ends = datetime.fromisoformat(customer["contact"]["not_before"])
    assert f"{ends:%H:%M}" == hours["to"]
    assert timedelta(0) < ends - datetime.now(UTC) < timedelta(hours=1)


def test_who_will_have_heard_enough_after_their_quiet_hours_too_is_left_out(left: Leaving) -> None:
    cap = [{"at_most": 1, "per": "day"}]
    left.decides(frequency=cap)
    left.client.get("/recommend?customer_id=ana&placement=email")
    left.decides(frequency=cap, quiet_hours=around_now(-1))

    assert left.every() == ([], {"frequency-cap": 1})


def test_who_may_still_be_shopping_has_left_nothing(left: Leaving) -> None:
    left.did("search", search_term="wine", hours_ago=0.5)

    assert left.every() == ([], {})
    assert left.every(min_age="PT20M") == (["ana"], {})


def test_only_what_was_left_at_the_right_time_and_is_worth_it_is_told(left: Leaving) -> None:
    told: list[dict[str, str]] = [
        {"max_age": "PT2H30M"},
        {"since": ago(2.5)},
        {"min_value": "5", "currency": "EUR"},
    ]
    others: list[dict[str, str]] = [
        {"max_age": "PT1H30M"},
        {"max_age": "5400"},
        {"min_age": "PT3H"},
        {"since": ago(1.5)},
        {"min_value": "5.01", "currency": "EUR"},
    ]

    assert [left.every(**asked) for asked in told] == [(["ana"], {})] * len(told)
    assert [left.every(**asked) for asked in others] == [([], {})] * len(others)


def test_topics_that_are_not_wanted_are_neither_reminded_of_nor_shown(left: Leaving) -> None:
    left.decides(topics={"dairy": False})

    (customer,) = left.ask()["customers"]

    assert (ids(customer["items"]), customer["value"]) == (["jam"], 4.0)
    assert "butter" not in ids(customer["show"])


def test_what_a_visitor_left_is_their_customers_until_they_are_parted(leaving: Leaving) -> None:
    leaving.did("add_to_cart", "beer", anonymous_id="v-1")
    leaving.decides()
    leaving.post("/customers/ana/identities", {"anonymous_id": "v-1"})
    leaving.learn()
    joined = leaving.every()

    leaving.client.delete("/customers/ana/identities/v-1")
    leaving.learn()

    assert joined == (["ana"], {})
    assert leaving.every() == ([], {})


def test_whoever_came_after_the_last_training_is_on_the_feed(leaving: Leaving) -> None:
    leaving.did("add_to_cart", "beer", customer_id="newcomer")
    leaving.note("newcomer", at_ms=hours_ago_ms(2))
    leaving.decides("newcomer")

    (customer,) = leaving.ask()["customers"]

    assert (customer["customer_id"], ids(customer["items"])) == ("newcomer", ["beer"])
    assert "wine" in ids(customer["show"])


def test_whose_record_is_damaged_is_passed_over(left: Leaving, settings: ServerSettings) -> None:
    keys = Keys(settings.namespace)
    with redis.Redis.from_url(settings.redis_url) as store:
        store.hset(keys.records("r1", shard_of("ana")), "ana", b"damaged")

    assert left.every() == ([], {})


@pytest.mark.parametrize("contacts", [b"damaged", b"{}{", b"7", b'{"a":1}', b"[1]", b'[["email"]]'])
def test_whose_contacts_are_damaged_does_not_stop_the_feed(
    left: Leaving, settings: ServerSettings, contacts: bytes
) -> None:
    with redis.Redis.from_url(settings.redis_url) as store:
        store.hset(Keys(settings.namespace).live_of_customer("ana"), "c", contacts)
    left.did("add_to_cart", "beer", customer_id="ben")
    left.note("ben", at_ms=hours_ago_ms(2))
    left.decides("ben")

    assert left.every() == (["ben"], {"preferences-unknown": 1})


@pytest.mark.parametrize("consent", [b"damaged", b"[]", b'{"decided":7}', b'{"told":{"ads":0}}'])
def test_whose_consent_is_damaged_is_not_on_the_feed_for_ads(
    left: Leaving, settings: ServerSettings, consent: bytes
) -> None:
    left.decides(channels={"ad": True}, consent={"ads": True})
    with redis.Redis.from_url(settings.redis_url) as store:
        store.hset(Keys(settings.namespace).live_of_customer("ana"), "k", consent)

    assert left.every(channel="ad")[0] == []


def test_a_list_beside_what_was_left_is_not_counted_as_one(
    left: Leaving, client: TestClient, capfd: pytest.CaptureFixture[str]
) -> None:
    assert left.ask()["customers"][0]["show"]

    counted = left.client.get("/metrics").text
    left.client.__exit__()

    assert 'cartera_level_total{level="0"} 0.0' in counted or "cartera_level_total{" not in counted
    (line,) = [line for line in capfd.readouterr().out.splitlines() if CARTS in line]
    assert "ladder" not in line
    assert "r1" in line


def test_the_document_describes_the_answer(left: Leaving, client: TestClient) -> None:
    left.decides(quiet_hours=around_now(-1))
    page = left.ask()
    schemas = client.get("/openapi.json").json()["components"]["schemas"]

    (customer,) = page["customers"]
    for told, name in (
        (page, "FeedResponse"),
        (customer, "LeftBehind"),
        (customer["contact"], "FeedContact"),
        (customer["show"][0], "RecommendedItem"),
        (customer["items"][0], "Shown"),
    ):
        assert set(told) <= set(schemas[name]["properties"]), name
        assert set(schemas[name].get("required", ())) <= set(told), name
    assert orjson.dumps(page).isascii()
