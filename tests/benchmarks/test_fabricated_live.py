"""A fifth of a fabricated shop's customers did something a moment ago."""

from pathlib import Path

import pytest
import redis

from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_live import MAX_EVENTS, SHARE, happen
from benchmarks.fabricated_names import customer_id
from models.artifacts.keys import Keys
from models.artifacts.live_state import FIELDS, WEIGHING, LiveState


def test_a_share_of_the_customers_has_a_live_state_that_servers_can_read(
    store_url: str, namespace: str
) -> None:
    made = Fabricated(folder=Path(), n_items=1000, n_customers=500)

    n_lively = happen(store_url, made, namespace=namespace)

    keys = Keys(namespace)
    with redis.Redis.from_url(store_url) as store:
        states = [
            LiveState.unpack(store.hmget(keys.live_of_customer(customer_id(row)), FIELDS))
            for row in range(made.n_customers)
        ]
    lively = [state for state in states if state.events]
    assert len(lively) == n_lively == pytest.approx(SHARE * made.n_customers, rel=0.3)
    assert all(len(state.events) <= MAX_EVENTS for state in lively)
    assert {event.event for state in lively for event in state.events} <= WEIGHING
