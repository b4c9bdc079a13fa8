"""``cartera audiences``, as an operator types it."""

import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import redis

from app.settings import ServerSettings
from models.artifacts.audience import Stands
from models.artifacts.keys import Keys
from tests import asked_audiences as audiences
from tests.app.conftest import started
from tests.training.shell import Shell, shell_in

pytestmark = pytest.mark.slow


@pytest.fixture
def shell(tmp_path: Path, store_url: str, namespace: str) -> Shell:
    return shell_in(tmp_path, store_url, namespace)


@pytest.fixture
def store(store_url: str, namespace: str) -> audiences.Put:
    return audiences.Put(store_url, Keys(namespace))


def words(text: str) -> str:
    return " ".join(text.split())


def test_audiences_are_listed_the_latest_first_with_their_quality(
    shell: Shell, store: audiences.Put
) -> None:
    begun = Stands(status="building", at_ms=1, progress=0.25)
    store(audiences.lookalike("aud_" + "a" * 16, created_ms=1_514_887_200_000))
    store(replace(audiences.queued("aud_" + "b" * 16), stands=begun))

    run = shell.cartera("audiences")

    assert run.returncode == 0, run.stderr
    shown = words(run.stdout)
    assert shown.index("b" * 16) < shown.index("a" * 16)
    assert "[red]Odd[/red] group building 25% – – –" in shown
    assert "Like our best lookalike ready 5,000" in shown
    assert "0.836 (0.810 to 0.860) 6.4 (5.1 to 7.7) 2018-01-02 10:00" in shown


def test_one_is_shown_with_what_distinguishes_its_members(
    shell: Shell, store: audiences.Put
) -> None:
    store(audiences.lookalike("aud_" + "a" * 16))

    run = shell.cartera("audiences", "aud_" + "a" * 16)

    assert run.returncode == 0, run.stderr
    shown = words(run.stdout)
    assert "status ready" in shown
    assert "AUC 0.836 (0.810 to 0.860)" in shown
    assert "classifier logistic-vectors (" in shown
    assert "share of dairy: 42 % on average, 18 % of all customers" in shown


def test_as_json_it_is_what_the_server_answers(
    shell: Shell, store: audiences.Put, store_url: str, namespace: str
) -> None:
    store(audiences.lookalike("aud_" + "a" * 16))
    gone = audiences.queued("aud_" + "c" * 16)
    store(replace(gone, asked=replace(gone.asked, expires_ms=int(time.time() * 1000) - 1)))
    with redis.Redis.from_url(store_url) as client:
        client.hset(Keys(namespace).audience_written, "9", "a note of a newer Cartera's")
    settings = ServerSettings(redis_url=store_url, namespace=namespace, data_dir=shell.folder)
    with started(settings) as server:
        every = server.get("/audiences").text
        one = server.get(f"/audiences/aud_{'a' * 16}").text

    runs = [shell.cartera("audiences", *which, "--json") for which in ((), ("aud_" + "a" * 16,))]

    assert [run.stdout for run in runs] == [every + "\n", one + "\n"]
    assert len(orjson.loads(every)["audiences"]) == 1
    assert "a note of a build is not ours" in runs[0].stderr


def test_what_there_is_not_is_told_in_words(shell: Shell) -> None:
    run = shell.cartera("audiences", "aud_" + "f" * 16)

    assert run.returncode == 1
    assert run.stdout == ""
    assert "there is no audience of this id; expected one that" in words(run.stderr)
