import contextlib
import http.client
import os
import signal
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.training.supervised import Server, free_port, gone
from training.embedded import EmbeddedStore
from training.errors import StoreError
from training.processes import wait_for
from training.reach import ReachError
from training.serve import ServeError, serve

pytestmark = pytest.mark.slow
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")


Serving = Callable[..., Server]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """Start supervisors of the tiny app; whatever still runs at the end is ended."""
    started: list[Server] = []

    def start(
        *,
        workers: int = 1,
        app: str = "tests.training.tiny_app:create_app",
        redis_url: str = "",
        trust_proxy: str = "",
    ) -> Server:
        server = Server(
            tmp_path, workers=workers, app=app, redis_url=redis_url, trust_proxy=trust_proxy
        )
        started.append(server)
        return server

    yield start
    for server in started:
        server.process.terminate()
        server.process.communicate(timeout=20)


@pytest.fixture
def server(serving: Serving) -> Server:
    """A supervisor of one worker that answers."""
    server = serving()
    server.wait_until_ready()
    return server


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_well_when_asked_and_leaves_nothing_running(
    server: Server, ending: signal.Signals
) -> None:
    pids = server.worker_pids(1)

    server.process.send_signal(ending)

    assert server.process.wait(20) == 0
    assert server.refuses()
    assert server.store_ended()
    assert all(gone(pid) for pid in pids)
    assert list((server.data_dir / "run").iterdir()) == []


def test_without_keys_what_a_proxy_passed_on_is_refused(serving: Serving) -> None:
    server = serving(app="app.main:create_server")
    server.wait_until_ready()

    def status(headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics", headers=headers)
            return connection.getresponse().status

    assert [status({"X-Forwarded-For": "127.0.0.1"}), status({})] == [403, 200]


@LINUX
@pytest.mark.faults
def test_kill_9_leaves_no_process_behind_and_the_next_start_works(
    server: Server, serving: Serving
) -> None:
    (pid,) = server.worker_pids(1)

    server.process.kill()

    assert wait_for(lambda: gone(pid) and server.store_ended(), limit_s=5.0)
    again = serving()
    again.wait_until_ready()
    assert len(list((again.data_dir / "run").iterdir())) == 1


@pytest.mark.faults
def test_a_request_in_flight_is_finished_while_new_ones_are_refused(server: Server) -> None:
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/slow")))
    asking.start()
    assert wait_for(lambda: server.get("/busy") != "0", limit_s=5.0)

    server.process.terminate()

    assert wait_for(server.refuses, limit_s=2.5)
    assert answers == []
    assert server.process.wait(20) == 0
    asking.join()
    assert answers == ["slow"]


@pytest.mark.faults
def test_asked_twice_it_does_not_wait_for_what_is_in_flight(server: Server) -> None:
    broken: list[type[Exception]] = []

    def ask() -> None:
        try:
            server.get("/endless")
        except (OSError, http.client.HTTPException) as error:
            broken.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    assert wait_for(lambda: server.get("/busy") != "0", limit_s=5.0)
    server.process.send_signal(signal.SIGINT)
    assert wait_for(server.refuses, limit_s=5.0)

    server.process.send_signal(signal.SIGINT)

    assert server.process.wait(5) == 0
    asking.join()
    assert broken == [http.client.RemoteDisconnected]


@pytest.mark.faults
def test_a_killed_worker_is_started_again(server: Server) -> None:
    (before,) = server.worker_pids(1)

    os.kill(before, signal.SIGKILL)

    (after,) = server.worker_pids(1)
    assert after != before


@pytest.mark.faults
def test_a_killed_store_is_started_again_with_its_data(server: Server) -> None:
    url = server.get("/env/CARTERA_REDIS_URL")
    with client(url) as connection:
        connection.set("shop", "corner")
    before = server.store_pid()

    os.kill(before, signal.SIGKILL)

    def shop_is_back() -> bool:
        try:
            with client(url) as connection:
                return bool(connection.get("shop") == "corner")
        except redis.RedisError:
            return False

    assert wait_for(lambda: server.store_pid() != before and shop_is_back(), limit_s=5.0)


def test_all_workers_answer_on_the_one_port(serving: Serving) -> None:
    server = serving(workers=2)
    server.wait_until_ready()

    assert len(server.worker_pids(2)) == 2


def test_workers_are_told_where_the_store_and_their_directories_are(server: Server) -> None:
    assert server.get("/env/CARTERA_REDIS_URL") == EmbeddedStore(server.data_dir).url
    assert server.get("/env/CARTERA_DATA_DIR") == str(server.data_dir)
    metrics = Path(server.get("/env/PROMETHEUS_MULTIPROC_DIR"))
    assert metrics.parent == server.data_dir / "run"
    assert metrics.is_dir()


def test_workers_see_the_address_of_who_asks_whatever_is_said_of_it(server: Server) -> None:
    assert server.get("/client", {"X-Forwarded-For": "192.0.2.7"}) == "127.0.0.1"


def test_a_trusted_proxy_says_who_asks(serving: Serving) -> None:
    server = serving(trust_proxy="127.0.0.0/8")
    server.wait_until_ready()

    assert server.get("/client", {"X-Forwarded-For": "198.51.100.1, 192.0.2.7"}) == "192.0.2.7"


def test_answers_on_one_connection_do_not_wait_for_acknowledgements(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    waits_s = []

    for _ in range(20):
        began = time.monotonic()
        connection.request("GET", "/pid")
        connection.getresponse().read()
        waits_s.append(time.monotonic() - began)
    connection.close()

    assert statistics.median(waits_s) < 0.02  # a delayed acknowledgement takes 0.04


def test_a_store_named_by_address_is_used_and_none_is_started(
    serving: Serving, store_url: str
) -> None:
    server = serving(redis_url=store_url)
    server.wait_until_ready()

    assert server.get("/env/CARTERA_REDIS_URL") == store_url
    assert not (server.data_dir / "store").exists()


def test_a_second_server_on_the_same_directory_says_what_is_running(
    server: Server, serving: Serving
) -> None:
    second = serving()

    _, complaint = second.process.communicate(timeout=20)

    assert second.process.returncode == 1
    assert "AlreadyRunning" in complaint
    assert str(server.process.pid) in complaint
    assert server.worker_pids(1)


@pytest.mark.faults
def test_an_app_that_never_starts_ends_the_server_in_words(serving: Serving) -> None:
    server = serving(app="tests.training.tiny_app:create_broken_app")

    _, complaint = server.process.communicate(timeout=60)

    assert server.process.returncode == 1
    assert "this app never starts" in complaint
    assert "ServeError: a child ended 3 times" in complaint
    assert server.store_ended()


def test_a_host_that_others_can_reach_is_refused_without_keys(tmp_path: Path) -> None:
    with pytest.raises(ReachError, match="cartera keys create"):
        serve(data_dir=tmp_path, host="0.0.0.0")


def test_a_port_that_is_taken_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(ServeError, match=r"port \d+ of 127\.0\.0\.1 .* Address already in use"),
    ):
        serve(data_dir=tmp_path, port=other.getsockname()[1])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_a_port_that_cannot_exist_is_refused(tmp_path: Path, port: int) -> None:
    with pytest.raises(ServeError, match=f"between 1 and 65535, got {port}"):
        serve(data_dir=tmp_path, port=port)


def test_no_workers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="at least 1, got 0"):
        serve(data_dir=tmp_path, workers=0)


def test_an_address_that_cannot_be_used_is_refused_without_its_password(tmp_path: Path) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    with pytest.raises(StoreError) as refusal:
        serve(data_dir=tmp_path, port=free_port(), redis_url="cluster://:hunter2@shop.example")

    assert "hunter2" not in str(refusal.value)
    assert {number: signal.getsignal(number) for number in before} == before
