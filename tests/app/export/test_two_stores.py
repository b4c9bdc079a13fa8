"""Where events have a store of their own, audiences stand there, and releases in the other."""

import orjson
import redis

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import Serve
from tests.app.export.sets import AGREES, ID, Sets
from training.embedded import EmbeddedStore


def test_members_are_read_from_one_store_and_known_by_the_other(
    serve: Serve, settings: ServerSettings, own_store: EmbeddedStore
) -> None:
    shop.publish(settings.redis_url, settings.namespace, shop.tiny())
    with redis.Redis.from_url(own_store.url) as store:
        sets = Sets(store, Keys(settings.namespace))
        for id_ in ("ana", "ben", "unknown"):
            sets.says(id_, AGREES)
        sets.says("ben", {})
        sets.audience(["ana", "ben", "unknown"])
    client = serve(events_redis_url=own_store.url)

    answer = client.get(f"/audiences/{ID}/members?purpose=x&limit=9")

    assert orjson.loads(answer.content)["customer_id"] == "ana"
    assert answer.headers["cartera-withheld"] == "consent-refused=1, unknown-customer=1"
