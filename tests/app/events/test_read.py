"""What is read of an event without a model is what the model would hold, or would refuse."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.events.own import SentEvent
from app.events.read import read, reader
from tests.app.events.test_bad_events import BAD

FULL: dict[str, Any] = {
    "event": "purchase",
    "event_id": "e-1",
    "timestamp": "2024-01-31T18:04:05+01:00",
    "customer_id": "ana",
    "items": [{"item_id": "p", "price": 1, "quantity": 0.5, "index": 3.0}, {"item_id": "q"}],
    "value": 3.98,
    "currency": "EUR",
    "consent": {"analytics": True, "ads": None},
    "properties": {"a": [1, None]},
}


class Small(BaseModel):
    """A model whose rules are easy to see."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str
    size: int | None = Field(None, ge=1)


def faults(event: Mapping[str, Any], *, by_model: bool) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as caught:
        SentEvent.model_validate(event) if by_model else read(event)
    return [(one["loc"], one["type"].replace("model", "dict")) for one in caught.value.errors()]


def test_what_is_not_said_stays_unsaid() -> None:
    assert reader(Small)({"name": "a"}) == {"name": "a"}
    assert reader(Small)({"name": "a", "size": None}) == {"name": "a", "size": None}


@pytest.mark.parametrize(
    "wrong", [{}, {"size": 1}, {"name": 1}, {"name": "a", "size": 0}, {"name": "a", "more": 1}, []]
)
def test_what_breaks_a_rule_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        reader(Small)(wrong)


@pytest.mark.parametrize("event", [FULL, {"event": "view_item"}], ids=["full", "bare"])
def test_an_event_is_read_as_the_model_reads_it(event: dict[str, Any]) -> None:
    assert read(event) == SentEvent.model_validate(event).model_dump(exclude_unset=True)


@pytest.mark.parametrize("change", [change for change, _, _ in BAD], ids=lambda it: repr(it)[:40])
def test_an_event_is_refused_where_the_model_refuses_it(change: Mapping[str, Any]) -> None:
    event = {"event": "view_item", "anonymous_id": "v-1", **change}
    try:
        model = SentEvent.model_validate(event)
    except ValidationError:
        assert faults(event, by_model=False) == faults(event, by_model=True)
    else:
        assert read(event) == model.model_dump(exclude_unset=True)
