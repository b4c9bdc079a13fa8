"""Whoever dies or runs out of memory while publishing leaves the old release serving."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from models.artifacts.keys import Keys
from tests.training.published import expected_keys, holds, keys_of, namespace_of, written
from training import publish, release_in_store
from training.embedded import EmbeddedStore
from training.errors import StoreError
from training.publish import Releases

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SMALL = 4096


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the dying publisher writes them."""
    monkeypatch.setattr(release_in_store, "CHUNK_BYTES", SMALL)


def killed_at_every_step(url: str, namespace: str, folders: list[Path]) -> int:
    """Publish the last of ``folders`` over the others, killed at each step; return how many."""
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.training.dying_publisher",
            url,
            namespace,
            *map(str, folders),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


@pytest.mark.store
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("n_before", [0, 1, 3])
def test_a_publisher_killed_at_any_step_leaves_a_release_that_serves_and_no_litter(
    store_url: str,
    namespace: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_before: int,
) -> None:
    folders = [written(tmp_path, f"r{n}") for n in range(n_before + 1)]
    old, new = (folders[-2] if n_before else None), folders[-1]
    later = written(tmp_path, "r9")
    monkeypatch.setattr(publish, "ABANDONED_S", -1)

    n_killed = killed_at_every_step(store_url, namespace, folders)

    assert n_killed > 10
    served = []
    with ExitStack() as stack:
        spaces = [
            stack.enter_context(namespace_of(store_url, f"{namespace}-{n}"))
            for n in range(n_killed + 1)
        ]
        for releases in spaces:
            serving = releases.current()
            assert serving in {old and old.name, new.name}
            if serving is not None:
                assert holds(releases, tmp_path / serving)
            served.append(serving == new.name)

            releases.publish(later)

            assert releases.current() == "r9"
            kept = [tmp_path / version for version in releases.manifests()]
            assert all(holds(releases, folder) for folder in kept)
            assert keys_of(releases.store, releases.keys.namespace) == expected_keys(
                releases.keys, kept, chunk_bytes=SMALL
            )
    assert served == sorted(served)
    assert not served[0]
    assert served[-1]


def test_a_publisher_who_is_still_at_work_is_left_alone(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    with namespace_of(store_url, namespace) as releases:
        slow, quick = written(tmp_path, "r1"), written(tmp_path, "r2")

        def meanwhile(_done: int) -> None:
            releases.publish(quick)

        with pytest.raises(StoreError, match="r2 began to serve meanwhile"):
            releases.publish(slow, step=meanwhile)

        assert holds(releases, quick)
        assert releases.current() == "r2"
        assert keys_of(releases.store, namespace) == expected_keys(releases.keys, [quick])
        releases.publish(slow)
        assert holds(releases, slow)


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[Releases]:
    """A store that may be filled up."""
    with (
        EmbeddedStore(tmp_path / "data") as store,
        redis.Redis.from_url(store.url) as client,
    ):
        yield Releases(client, Keys("full"))


@pytest.mark.parametrize("more_bytes", [0, 20_000, 300_000])
def test_a_full_store_refuses_the_new_release_and_serves_the_old_one(
    own_store: Releases, tmp_path: Path, more_bytes: int
) -> None:
    old = written(tmp_path, "r1")
    large = written(tmp_path, "r2", n_customers=6_000)
    own_store.publish(old)
    used = int(own_store.store.info("memory")["used_memory"])
    own_store.store.config_set("maxmemory", used + more_bytes)

    with pytest.raises(StoreError, match=r"OutOfMemory.* has memory left"):
        own_store.publish(large)

    assert own_store.current() == "r1"
    assert holds(own_store, old)
    assert keys_of(own_store.store, "full") == expected_keys(own_store.keys, [old])

    own_store.store.config_set("maxmemory", 0)
    own_store.publish(large)
    assert own_store.current() == "r2"
    assert holds(own_store, large)
