"""A worker that is busy leaves others their turn, and knows its slowness from the store's."""

import asyncio
import time
from pathlib import Path

import pytest

from app.caller import OPEN
from app.deps import Server
from app.ladder import find
from app.routes.batch import BatchRequest, post_recommendation_batch
from app.settings import ServerSettings
from tests import shop

pytestmark = pytest.mark.anyio


async def test_others_have_a_turn_between_any_two_lists_of_a_batch(
    settings: ServerSettings, tmp_path: Path
) -> None:
    chosen = tmp_path / "list.txt"
    chosen.write_text("p-1\np-2\n", encoding="utf-8")
    server = Server.of(settings.model_copy(update={"merchant_list": chosen}))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(other())
    response = await post_recommendation_batch(
        BatchRequest(requests=[{"limit": 1}] * 100), server, {}, OPEN
    )
    others.cancel()
    await server.stop()

    assert response.status_code == 200
    assert bytes(response.body).count(b'"p-1"') == 100
    assert turns >= 100


async def test_a_customer_is_found_however_long_the_worker_was_busy(
    settings: ServerSettings, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    server = Server.of(settings.model_copy(update={"request_timeout_ms": 100}))
    await server.start()
    assert server.live.loaded is not None

    asked = asyncio.ensure_future(find(server, server.live.loaded, "ana", history=False))
    await asyncio.sleep(0)
    time.sleep(0.3)  # the block is the fault that is injected
    customer = await asked
    await server.stop()

    assert customer.record is not None
    assert not customer.missed
