"""A process that takes events, and the store that it brings them to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.ingest.ingest import Ingest
from tests.app.ingest.happening import Store, taking


@pytest.fixture
async def ingest(store_url: str, namespace: str, tmp_path: Path) -> AsyncIterator[Ingest]:
    async with taking(store_url, namespace, tmp_path / "spool") as ingest:
        yield ingest


@pytest.fixture
def held(store_url: str, namespace: str) -> Iterator[Store]:
    store = Store(store_url, namespace)
    yield store
    store.client.close()
