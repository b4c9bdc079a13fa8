"""Hashed identifiers and customers' consent to ads, put where the server looks for them.

Of each customer both are written by one script, which bears repetition: a run that was cut short is
run again. What a file says of ads counts until the customer says something themselves, and is then
left alone: their word is newer than any file that does not tell when it was asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import redis

from models.artifacts.identifiers import Identifiers
from models.artifacts.keys import Keys, shard_of
from models.customer.hashing import Hashed
from training.store_calls import asked

_TOGETHER = 1000
_N_HASH = 32
_KEPT, _WRITTEN = 1, 2
KEEP = """
if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
if ARGV[3] == '' then
  return 0
end
local held = redis.call('HGET', KEYS[2], 'k')
local consent = held and cjson.decode(held) or {}
local decided = consent.decided or {}
local is_theirs = decided.ads ~= nil and decided.ads ~= cjson.null
if is_theirs and decided.ads_by ~= 'file' then
  return 1
end
decided.ads, decided.ads_by = ARGV[3] == 'yes', 'file'
consent.decided = decided
redis.call('HSET', KEYS[2], 'k', cjson.encode(consent))
redis.call('PERSIST', KEYS[2])
return 2
"""
"""KEYS: the identifiers of a shard, a customer's live state. ARGV: the customer's id; the packed
hashes or nothing; yes, no or nothing. Returns 1 where the customer has decided on ads themselves,
2 where it is written now; what they say of ads later replaces it, with the mark that it came from
a file.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a file's customers."""

    customers: int
    emails: int
    phones: int
    consents: int
    """Of whom it was written whether they agree to ads."""
    kept: int
    """Of whom it was not, as they have decided themselves."""


def write(
    store: redis.Redis, keys: Keys, customers: pl.DataFrame, *, done: Callable[[int, int], None]
) -> Written:
    """Write what ``training.data.identifiers`` read.

    Args:
        store: The one that holds the events.
        keys: Of the namespace.
        customers: As ``IdentifierFile.customers``.
        done: Told how many of how many are written.

    Raises:
        StoreError: The store did not take it; what it took before stays.
    """
    digest = asked(store.script_load, KEEP)
    n_written = n_kept = n_done = 0
    for batch in customers.iter_slices(_TOGETHER):
        pipeline = store.pipeline(transaction=False)
        for call in _calls(keys, batch):
            pipeline.evalsha(digest, 2, *call)
        said = asked(pipeline.execute)
        n_written += said.count(_WRITTEN)
        n_kept += said.count(_KEPT)
        n_done += batch.height
        done(n_done, customers.height)
    return Written(
        customers=customers.height,
        emails=int(customers["emails"].list.len().sum()),
        phones=int(customers["phones"].list.len().sum()),
        consents=n_written,
        kept=n_kept,
    )


def _calls(keys: Keys, customers: pl.DataFrame) -> Iterator[tuple[str | bytes, ...]]:
    columns = ("customer_id", "emails", "phones", "ads")
    for customer_id, emails, phones, ads in customers.select(columns).iter_rows():
        packed = Identifiers(emails=_pairs(emails), phones=_pairs(phones)).pack()
        yield (
            keys.identifiers(shard_of(customer_id)),
            keys.live_of_customer(customer_id),
            customer_id,
            packed,
            "" if ads is None else "yes" if ads else "no",
        )


def _pairs(hashes: list[bytes]) -> tuple[Hashed, ...]:
    return tuple(Hashed(one[:_N_HASH], one[_N_HASH:]) for one in hashes)
