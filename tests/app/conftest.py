"""The tiny shop, published and served."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_server
from app.settings import ServerSettings
from tests import shop
from tests.app.serving import Live, live
from training.embedded import EmbeddedStore

Serve = Callable[..., TestClient]


def started(settings: ServerSettings) -> TestClient:
    """Return a server in this process, to be entered once; it is asked from this machine."""
    return TestClient(
        create_server(settings),
        base_url="http://localhost",
        client=("127.0.0.1", 1),
        raise_server_exceptions=False,
    )


@pytest.fixture
def settings(store_url: str, namespace: str, tmp_path: Path) -> ServerSettings:
    """For a server of a namespace of its own, with patience for a busy machine."""
    return ServerSettings(
        redis_url=store_url, namespace=namespace, data_dir=tmp_path, redis_timeout_ms=500
    )


@pytest.fixture
def serve(settings: ServerSettings) -> Iterator[Serve]:
    """Start servers in this process; what is given replaces settings."""
    with ExitStack() as stack:

        def start(**changes: object) -> TestClient:
            return stack.enter_context(started(settings.model_copy(update=changes)))

        yield start


@pytest.fixture
def asking(settings: ServerSettings) -> Iterator[TestClient]:
    """A server of a namespace in which nothing has happened."""
    shop.publish(settings.redis_url, settings.namespace, shop.tiny())
    with started(settings) as client:
        yield client


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """A store of the test's own, which may be stopped."""
    with EmbeddedStore(tmp_path) as store:
        yield store


@pytest.fixture(scope="session")
def client(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server of the tiny shop, for tests that only ask."""
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    settings = ServerSettings(
        redis_url=store_url,
        namespace=namespace,
        data_dir=tmp_path_factory.mktemp("served"),
        redis_timeout_ms=500,
    )
    with started(settings) as client:
        yield client


@pytest.fixture(scope="session")
def server(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Two workers that serve the tiny shop on a port, for tests of bytes on the wire."""
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny(margins=True))
    with live(
        store_url, namespace=namespace, data_dir=tmp_path_factory.mktemp("live"), workers=2
    ) as server:
        yield server


def got(client: TestClient, path: str) -> dict[str, Any]:
    """The members of the answer to ``path``, which must be one."""
    response = client.get(path)
    assert response.status_code == 200, response.text
    return dict(response.json())


def serving(client: TestClient, headers: dict[str, str] | None = None) -> str | None:
    """The version that answers."""
    version = client.get("/releases", headers=headers).json()["serving"]
    return None if version is None else str(version)


def refusals(client: TestClient) -> int:
    """How many releases were refused."""
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("cartera_releases_refused_total"):
            return int(float(line.split()[1]))
    return 0
