"""``cartera identifiers``, as an operator types it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from typer.testing import CliRunner, Result

from models.artifacts.keys import Keys, shard_of
from training.cli import main

Run = Callable[..., Result]
CONTACTS = "id,mail,phone,country,ads_consent\na,a@shop.example,,,yes\nb,zq-secret,,,\n"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store_url: str, namespace: str) -> Run:
    monkeypatch.setenv("CARTERA_REDIS_URL", store_url)
    monkeypatch.setenv("CARTERA_NAMESPACE", namespace)
    monkeypatch.setenv("CARTERA_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("contacts.csv").write_text(CONTACTS, encoding="utf-8")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, ["identifiers", *arguments])


COLUMNS = ("--columns", "customer_id=id,email=mail")


def test_a_file_is_hashed_and_written(run: Run, store_url: str, namespace: str) -> None:
    ran = run("contacts.csv", *COLUMNS, "--max-rejected", "0.5")

    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines() == [
        "2 lines: 1 rejected, each with its reason in rejects.csv",
        "1 customers: 1 e-mails and 0 phones are kept as hashes",
        "ads_consent of 1 customers is written; 0 have decided themselves and are left alone",
    ]
    assert "hash the identifiers in contacts.csv" in ran.stderr
    assert "zq-secret" not in ran.output
    with redis.Redis.from_url(store_url) as store:
        assert store.hexists(Keys(namespace).identifiers(shard_of("a")), "a")


def test_a_file_of_which_too_much_is_wrong_writes_nothing(
    run: Run, store_url: str, namespace: str
) -> None:
    ran = run("contacts.csv", *COLUMNS)

    assert ran.exit_code == 1
    assert "email is no e-mail address (first on line 3)" in ran.stderr
    with redis.Redis.from_url(store_url) as store:
        assert not store.exists(Keys(namespace).identifiers(shard_of("a")))


def test_a_file_that_is_read_is_not_overwritten(run: Run) -> None:
    ran = run("contacts.csv", "--rejects", "contacts.csv")

    assert ran.exit_code == 2
    assert "would be overwritten" in ran.stderr


def test_help_shows_how_it_is_used(run: Run) -> None:
    ran = run("--help")

    assert ran.exit_code == 0
    assert "cartera identifiers contacts.csv" in ran.stdout
