"""The events benchmark sends what it says, and sets beside it as many bytes."""

import re
from pathlib import Path

import numpy as np
import orjson
import pytest

from benchmarks import events, events_rounds
from benchmarks.events_rounds import CEILINGS, FORCED, WAYS, Found
from models.artifacts.event import Event
from models.artifacts.keys import Keys, shard_of


@pytest.mark.parametrize("way", list(WAYS))
def test_a_body_has_as_many_events_and_customers_as_its_way_says(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_rounds, "KEPT", tmp_path)
    monkeypatch.setattr(events_rounds, "N_BODIES", 3)

    lines = events_rounds.written(way, np.random.default_rng(7)).read_bytes().splitlines()

    n_events, n_customers = WAYS[way]
    assert len(lines) == 3
    for line in lines:
        said = orjson.loads(line)["events"]
        assert line.count(b"@") == len(said) == n_events
        assert len({one["customer_id"] for one in said}) == n_customers


def test_the_ceiling_appends_canonical_events_to_the_streams_of_their_customers() -> None:
    found = events_rounds.entries(20, np.random.default_rng(7))

    for stream, packed in found:
        event = Event.unpack(packed)
        assert event.customer_id is not None
        assert stream == Keys("ceiling").events(shard_of(event.customer_id))
        assert re.fullmatch(r"\d+-\d+", event.event_id)
    assert len({packed for _, packed in found}) == 20


def test_a_share_is_of_the_ceiling_that_sends_as_many_entries_at_a_time() -> None:
    found = Found(counts={"failed": 0, "missing": 1, "stored twice": 0})
    for forced in FORCED:
        for n, name in enumerate([*WAYS, *CEILINGS], start=1):
            for noise in (-1, 0, 1):
                figures = {"per_s": 100.0 * n + noise, "cpu_us": 1.0, "p99_ms": 2.0}
                found.note(forced, name, figures)

    goals = events.goals(found)

    assert goals["always, 1 event ÷ XADD × 1 over 32"].value == 100 / 500
    assert goals["everysec, 50 of one customer ÷ XADD × 50"].value == 200 / 700
    assert [goal.holds for goal in goals.values()] == [False] * 6 + [True, False, True]
    assert events.metrics(found)["always, 1 event ÷ XADD × 32"] == 100 / 600
    assert events.table(found, "always").row_count == 8
