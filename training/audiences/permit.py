"""Who builds audiences: one worker of a namespace at a time, for some seconds.

The permit is a word made up anew whenever it is taken, as with the leases of shards
(``training.near_line.leases``). Every script that writes an audience asks whether the word is still
there: whoever slept while another took the permit writes nothing any more.
"""

import uuid

import redis

from models.artifacts.keys import Keys
from training.store_calls import asked

_TAKE = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
"""In a full store too, for whoever has it frees room: it begins with a write that takes none."""
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_LET_GO = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"


class Permit:
    """The permit, as one worker sees it; every method raises ``StoreError`` where the store fails.

    It ends by itself, so a worker that dies needs to give nothing back.
    """

    def __init__(self, store: redis.Redis, keys: Keys, *, lease_ms: int) -> None:
        """Hold nothing yet.

        Args:
            store: The one that has the audiences.
            keys: The shop's.
            lease_ms: How long it is ours unless it is renewed.
        """
        self._store = store
        self._key = keys.audience_building
        self._lease_ms = lease_ms
        self.word = ""
        """What the store holds while it is ours."""

    def take(self) -> bool:
        """Take it, unless another has it; return whether it is ours."""
        self.word = uuid.uuid4().hex
        return bool(asked(self._store.eval, _TAKE, 1, self._key, self.word, self._lease_ms))

    def renew(self) -> bool:
        """Keep it for another while; return False where it is ours no more."""
        return bool(asked(self._store.eval, _RENEW, 1, self._key, self.word, self._lease_ms))

    def let_go(self) -> None:
        """Let others have it at once."""
        asked(self._store.eval, _LET_GO, 1, self._key, self.word)
