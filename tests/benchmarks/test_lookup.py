"""The benchmark of lookups asks for what can be told, and sets the right figures side by side."""

import time

import numpy as np
import orjson
import pytest
import redis

from app.lookup import DEADLINE_S
from benchmarks import lookup, lookup_customers, open_loop
from benchmarks.lookup import BARE, MANY, OURS, ROUTED, Turn
from benchmarks.lookup_customers import N_OF_EACH, TCF, bodies, consenting
from models.artifacts.audience import memberships
from models.artifacts.customer_profile import standing
from models.artifacts.keys import Keys, shard_of
from models.consent import tcf
from models.customer.permission import targeting


def turn(p99_ms: float, *, n_failed: int = 0) -> Turn:
    return Turn(p50_ms=p99_ms / 2, p99_ms=p99_ms, late_p99_ms=0.1, n_asked=1000, n_failed=n_failed)


def test_everybody_who_is_asked_for_may_be_told_of(
    store_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup_customers, "N_KNOWN", 40)
    monkeypatch.setattr(lookup_customers, "_BLOCK", 40)
    consenting(store_url, namespace, version="r1")
    keys = Keys(namespace)

    asked = [orjson.loads(body) for body in bodies(20, n=3, rng=np.random.default_rng(7))]

    with redis.Redis.from_url(store_url) as store:
        for body in asked:
            assert len(set(body["ids"])) == 20
            for id_ in body["ids"]:
                consent = orjson.loads(store.hget(keys.live_of_customer(id_), "k") or b"")
                packed = store.hget(keys.memberships(shard_of(id_)), id_)
                profile = store.hget(keys.profiles("r1", shard_of(id_)), id_)
                assert targeting(None, consent=consent) is None
                assert len(memberships(packed)) == N_OF_EACH
                assert profile is not None
                assert standing(profile).tier
    assert tcf.permits(TCF, now_ms=time.time_ns() // 1_000_000)


def test_a_lookup_that_was_cut_counts_as_the_deadline() -> None:
    told = np.full(97, 1.0)
    seen = open_loop.Seen(
        latency_ms=told, late_ms=told, kept=[], n_errors=3, statuses={200: 97, 204: 3},
        intended_s=1.0, seconds=1.0,
    )  # fmt: skip

    waited = lookup.waited_ms(seen)

    assert waited.size == 100
    assert np.percentile(waited, 99) == 1000 * DEADLINE_S


def test_a_round_of_ours_is_set_beside_the_same_round_of_the_other() -> None:
    turns = {
        OURS: [turn(3), turn(30), turn(4)],
        MANY: [turn(6, n_failed=40), turn(60), turn(8)],
        BARE: [turn(2), turn(10), turn(4)],
        ROUTED: [turn(3), turn(15), turn(4)],
    }

    goals = lookup.goals(turns)
    figures = lookup.metrics(turns)

    assert goals[f"p99 ÷ {BARE}"].value == 1.5  # of 1.5, 3 and 1
    assert figures[f"{OURS} ÷ {BARE}, p99, greatest round"] == 3
    assert figures[f"{MANY} ÷ {ROUTED}, p99"] == 2
    assert [goal.holds for goal in goals.values()] == [True, True, False]
    assert lookup.table(turns).row_count == 4
