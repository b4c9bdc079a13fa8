"""An audience that is asked for is built by a worker, and then told with its members."""

from collections.abc import Iterator

import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.audience import memberships
from models.artifacts.keys import Keys, shard_of
from tests.app.conftest import got
from training.audiences.foreman import Pace
from training.audiences.jobs import Jobs
from training.processes import wait_for
from training.publish import Releases

pytestmark = pytest.mark.slow


@pytest.fixture
def store(settings: ServerSettings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.redis_url) as store:
        yield store


@pytest.fixture
def worker(settings: ServerSettings) -> Iterator[Jobs]:
    """Whatever of a worker builds audiences, to be started by the test."""
    url = settings.redis_url
    releases = Releases(redis.Redis.from_url(url), Keys(settings.namespace))
    pace = Pace(look_s=0.05, watch_s=0.05)
    jobs = Jobs(releases=releases, store=redis.Redis.from_url(url), urls=(url, url), pace=pace)
    try:
        yield jobs
    finally:
        jobs.stop()


def test_what_was_asked_for_is_built_told_and_after_a_delete_cleared_away(
    asking: TestClient, settings: ServerSettings, store: redis.Redis, worker: Jobs
) -> None:
    keys = Keys(settings.namespace)
    shard = keys.memberships(shard_of("ana"))
    high = asked(asking, type="rule", rule={"eq": ["tier", "high"]})
    others = asked(asking, type="group", group="client", exclude=[high])

    worker.start()

    assert wait_for(lambda: status(asking, others) == "ready", limit_s=60)
    body, none = got(asking, f"/audiences/{high}"), got(asking, f"/audiences/{others}")
    assert (body["status"], body["progress"], body["size"]) == ("ready", 1, 1)
    assert (body["release"], body["quality"], body["reasons"]) == ("r1", None, [])
    assert none["size"] == 0, "Ana is the only one, and left out"
    (build,) = memberships(store.hget(shard, "ana"))  # type: ignore[arg-type]  # bytes, as asked
    assert store.exists(keys.audience_members(high, build, 0))

    assert asking.delete(f"/audiences/{high}").status_code == 204

    assert wait_for(lambda: not store.hexists(shard, "ana"), limit_s=60)
    assert wait_for(lambda: not store.exists(keys.audience_members(high, build, 0)), limit_s=60)
    assert status(asking, others) == "ready"


def asked(client: TestClient, **body: object) -> str:
    return str(client.post("/audiences", json=body).json()["audience_id"])


def status(client: TestClient, audience_id: str) -> str:
    return str(got(client, f"/audiences/{audience_id}")["status"])
