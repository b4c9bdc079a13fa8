"""Who objects to ads is told of to nobody from that moment, though the store did not take it."""

from collections.abc import Iterator

import pytest
import redis

from app import lookup
from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import Serve
from tests.app.leaving import Leaving, hours_ago_ms
from tests.app.looked_up import Bidding, told
from training.embedded import EmbeddedStore

pytestmark = pytest.mark.faults


@pytest.fixture
def bidding(
    own_store: EmbeddedStore, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bidding]:
    monkeypatch.setattr(lookup, "DEADLINE_S", 5.0)
    shop.publish(own_store.url, namespace, shop.tiny())
    with redis.Redis.from_url(own_store.url) as store:
        yield Bidding(store, Keys(namespace))


@pytest.mark.parametrize(
    "consent",
    [{"ads": False}, {"sale_opt_out": True}, {"personalization": False}, {"analytics": False}],
)
def test_an_opt_out_that_lies_on_disk_is_heeded_by_bids_and_feeds(
    bidding: Bidding,
    serve: Serve,
    own_store: EmbeddedStore,
    settings: ServerSettings,
    consent: dict[str, bool],
) -> None:
    """But not where it is analytics alone that they do not want."""
    settings = settings.model_copy(update={"redis_url": own_store.url})
    leaving = Leaving(serve(redis_url=own_store.url), settings)
    leaving.did("add_to_cart", "milk")
    leaving.note("ana", at_ms=hours_ago_ms(2))
    leaving.decides(channels={"ad": True}, consent={"ads": True})
    before = told(leaving.client, "ana"), leaving.every(channel="ad")[0]
    list_before = leaving.client.get("/recommend?customer_id=ana").json()["personalized"]
    bidding.store.config_set("maxmemory-policy", "noeviction")
    bidding.store.config_set("maxmemory", 1)

    leaving.did("view_item", "jam", hours_ago=1.5, consent=consent)

    is_told = "analytics" in consent
    contact = leaving.client.get("/recommend", params={"customer_id": "ana", "placement": "ad"})
    reason = contact.json()["suppressed"]["reason"]
    assert list_before
    assert before[0]
    assert before[1] == ["ana"]
    assert bool(told(leaving.client, "ana")) is is_told
    assert bool(leaving.every(channel="ad", min_age="0")[0]) is is_told
    assert reason == ("store-away" if is_told else "consent-refused")
    plain = leaving.client.get("/recommend?customer_id=ana").json()["personalized"]
    assert plain is ("personalization" not in consent)


def test_an_opt_out_is_heeded_until_the_store_knows_of_a_later_word(
    bidding: Bidding, serve: Serve, own_store: EmbeddedStore
) -> None:
    client = serve(redis_url=own_store.url)
    bidding.consents("ana")
    allowed = bool(told(client, "ana"))
    word = {"event": "view_item", "customer_id": "ana", "items": [{"item_id": "jam"}]}

    said = client.post("/events", json=word | {"consent": {"ads": False}})
    refused = told(client, "ana")
    client.post("/events", json=word | {"consent": {"ads": True}})

    assert allowed
    assert said.status_code == 202
    assert refused == []
    assert told(client, "ana")
