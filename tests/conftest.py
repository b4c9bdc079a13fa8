"""A real store for every test that asks for one; nothing is flushed, so keep to a namespace."""

import os
import uuid
from collections.abc import Iterator

import pytest

from training.embedded import EmbeddedStore


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the store named by CARTERA_TEST_REDIS_URL, or else of an embedded one."""
    given = os.environ.get("CARTERA_TEST_REDIS_URL")
    if given:
        yield given
        return
    with EmbeddedStore(tmp_path_factory.mktemp("data")) as store:
        yield store.url


@pytest.fixture
def namespace() -> str:
    """A value for CARTERA_NAMESPACE that no other test uses."""
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests, marked ``anyio``, run on the loop that serves."""
    return "asyncio"
