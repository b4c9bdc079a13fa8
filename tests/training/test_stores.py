"""The client of the trainer tells what happened to the store, and waits as long as is right."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.training.published import expected_keys, keys_of, written
from training import release_in_store
from training.embedded import EmbeddedStore
from training.errors import StoreError
from training.settings import TrainerSettings
from training.stores import open_releases


@contextmanager
def hangs_up() -> Iterator[tuple[int, list[bytes]]]:
    """A store that greets whoever calls and hangs up when asked for a key; its port, who asked."""
    asked: list[bytes] = []

    def answer() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while (said := connection.recv(4096)) and b"GET" not in said:
                    connection.sendall(b"+OK\r\n" * said.count(b"*"))
                asked.append(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_command_that_failed_is_not_tried_again() -> None:
    with hangs_up() as (port, asked):
        settings = TrainerSettings(redis_url=f"redis://127.0.0.1:{port}/0?protocol=2")

        with open_releases(settings) as releases, pytest.raises(StoreError, match="try again"):
            releases.current()

        assert len(asked) == 1


def test_a_busy_store_may_take_its_time_to_answer_but_not_to_be_reached() -> None:
    settings = TrainerSettings(redis_url="redis://127.0.0.1:1/0")

    with open_releases(settings) as releases:
        waits = releases.store.connection_pool.connection_kwargs

    assert waits["socket_timeout"] == 30
    assert waits["socket_connect_timeout"] == 5


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.parametrize("at", [500, 1100], ids=["in the middle", "at the end"])
@pytest.mark.parametrize("n_before", [0, 1])
def test_a_store_that_restarts_empty_while_a_release_is_published_serves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_before: int, at: int
) -> None:
    monkeypatch.setattr(release_in_store, "BATCH", 500)
    data_dir = tmp_path / "data"
    with EmbeddedStore(data_dir) as store:
        settings = TrainerSettings(redis_url=store.url, namespace="shop")

        def restart(done: int) -> None:
            if done == at:
                store.stop()
                shutil.rmtree(data_dir / "store" / "appendonlydir")
                store.start()

        with open_releases(settings) as releases:
            for n in range(n_before):
                releases.publish(written(tmp_path, f"r{n}"))
            new = written(tmp_path, "r9", n_customers=1100)

            with pytest.raises(StoreError):
                releases.publish(new, step=restart)

            assert releases.current() is None
            assert not keys_of(releases.store, "shop")
            releases.publish(new)
            assert keys_of(releases.store, "shop") == expected_keys(releases.keys, [new])
