"""An order that page and backend tell stands once in the live state; its refund undoes it."""

import pytest

from app.ingest.ingest import Ingest
from models.artifacts.event import Event
from models.happenings import happenings
from tests.app.ingest.happening import NOW_MS, ORDER, Store, event

pytestmark = [pytest.mark.anyio, pytest.mark.store]


def paged(name: str, **said: object) -> Event:
    return event(**ORDER | {"event": name, "customer_id": "ana"} | said)


def backed(name: str, **said: object) -> Event:
    return paged(name, source="backend", at_ms=NOW_MS + 60_000, **said)


def bought(held: Store) -> dict[str, list[int]]:
    return happenings(held.customer("ana").events, learned_until_ms=0).bought


async def test_a_confirmed_order_is_one_purchase(ingest: Ingest, held: Store) -> None:
    taken = [await ingest.accept([one]) for one in (paged("purchase"), backed("purchase"))]

    assert taken == [[True], [True]]
    assert bought(held) == {"milk": [NOW_MS]}


async def test_a_confirmed_refund_takes_back_one_purchase(ingest: Ingest, held: Store) -> None:
    before = paged("purchase", transaction_id="t-0", at_ms=NOW_MS - 60_000)
    ours = [paged("purchase"), backed("purchase"), paged("refund"), backed("refund")]

    taken = [await ingest.accept([one]) for one in (before, *ours)]

    assert taken == [[True]] * 5
    assert bought(held) == {"milk": [NOW_MS - 60_000]}


async def test_an_order_that_only_the_backend_tells_is_a_purchase(
    ingest: Ingest, held: Store
) -> None:
    await ingest.accept([backed("purchase")])

    assert bought(held) == {"milk": [NOW_MS + 60_000]}
