"""A server of the tiny shop for a module of tests, and its audiences, gone after each test."""

import uuid
from collections.abc import Iterator

import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import started
from tests.app.export.sets import Sets


@pytest.fixture(scope="module")
def exported_from(store_url: str) -> Iterator[Sets]:
    """The audiences of a namespace in which the tiny shop is published."""
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    with redis.Redis.from_url(store_url) as store:
        yield Sets(store, Keys(namespace))


@pytest.fixture(scope="module")
def exporting(
    store_url: str, exported_from: Sets, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """A server of that namespace."""
    settings = ServerSettings(
        redis_url=store_url,
        namespace=exported_from.keys.namespace,
        data_dir=tmp_path_factory.mktemp("served"),
        redis_timeout_ms=500,
    )
    with started(settings) as client:
        yield client


@pytest.fixture
def sets(exported_from: Sets) -> Iterator[Sets]:
    """The same, emptied of audiences and of their members after the test."""
    yield exported_from
    exported_from.forget()
