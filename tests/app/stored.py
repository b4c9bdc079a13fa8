"""What the store holds of events."""

import redis

from models.artifacts.event import Event
from models.artifacts.keys import Keys, shard_of


class Stored:
    """What the store holds of a subject's shard."""

    def __init__(self, store_url: str, namespace: str) -> None:
        self._url, self._keys = store_url, Keys(namespace)

    def of(self, subject: str) -> list[Event]:
        with redis.Redis.from_url(self._url) as store:
            entries = store.xrange(self._keys.events(shard_of(subject)))
        return [Event.unpack(entry[b"e"]) for _, entry in entries]
