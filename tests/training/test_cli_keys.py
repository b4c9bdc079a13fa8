"""``cartera keys`` and ``cartera token``, as an operator types them."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from typer.testing import CliRunner, Result

from models.artifacts.keys import Keys
from models.credentials import token
from models.credentials.key import signing
from training import keys as kept
from training.cli import main

Run = Callable[..., Result]
SECRET = ("--kind", "secret", "--name", "shop", "--scope", "recommend")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store_url: str, namespace: str) -> Run:
    monkeypatch.setenv("CARTERA_REDIS_URL", store_url)
    monkeypatch.setenv("CARTERA_NAMESPACE", namespace)
    monkeypatch.setenv("CARTERA_DATA_DIR", str(tmp_path))
    runner = CliRunner()
    return lambda *arguments, **how: runner.invoke(main, list(arguments), **how)


def test_a_new_key_stands_alone_on_stdout_and_is_never_shown_again(
    run: Run, store_url: str, namespace: str
) -> None:
    made = run("keys", "create", *SECRET, "--scope", "events")
    listed = run("keys", "list")

    assert made.exit_code == 0, made.stderr
    assert re.fullmatch(r"sk_[0-9A-Za-z]{8}_[0-9A-Za-z]{22}\n", made.stdout)
    text = made.stdout.strip()
    assert "this once" in made.stderr
    assert text not in made.stderr
    assert text not in listed.stdout
    assert text.split("_")[1] in listed.stdout
    for words in ("shop", "recommend events", "live"):
        assert words in listed.stdout
    with redis.Redis.from_url(store_url) as store:
        (key,) = kept.everyone(store, Keys(namespace))
    assert key.scopes == ("recommend", "events")


def test_a_third_secret_key_of_a_name_is_refused_until_one_is_revoked(run: Run) -> None:
    first = run("keys", "create", *SECRET).stdout.split("_")[1]
    run("keys", "create", *SECRET)

    third = run("keys", "create", *SECRET)
    revoked = run("keys", "revoke", first)
    after = run("keys", "create", *SECRET)

    assert third.exit_code == 1
    assert "2 live secret keys" in third.stderr
    assert third.stdout == ""
    assert (revoked.exit_code, after.exit_code) == (0, 0)
    assert "revoked 20" in run("keys", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--kind", "secret", "--name", "shop"), "at least one --scope"),
        (("--kind", "publishable", "--name", "shop"), "at least one --origin"),
        (("--kind", "signing", "--name", "shop", "--scope", "events"), "no --scope"),
        (("--kind", "secret", "--name", "shop", "--scope", "all"), "none of ours"),
        (("--kind", "publishable", "--name", "a", "--origin", "*"), "what a browser sends"),
        (("--kind", "signing", "--name", "[red]"), "the name of a key"),
    ],
)
def test_a_key_that_cannot_be_is_refused_in_words(
    run: Run, arguments: tuple[str, ...], words: str
) -> None:
    refused = run("keys", "create", *arguments)

    assert refused.exit_code == 1
    assert words in refused.stderr
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr


def test_a_key_that_is_not_there_is_not_revoked(run: Run) -> None:
    refused = run("keys", "revoke", "aaaaaaaa")

    assert refused.exit_code == 1
    assert "there is no key of this id" in refused.stderr


@pytest.mark.parametrize("place", ["environment", "file", "stdin"])
def test_a_token_is_signed_with_a_key_that_is_no_argument(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, namespace: str, place: str
) -> None:
    key = run("keys", "create", "--kind", "signing", "--name", "shop").stdout
    arguments = ["token", "mint", "--customer", "c-1042", "--anonymous", "v-5f0c", "--ttl", "15m"]
    arguments += ["--scope", "recommend", "--scope", "events"]
    if place == "environment":
        monkeypatch.setenv("CARTERA_SIGNING_KEY", key.strip())
    if place == "file":
        (tmp_path / "signing.key").write_text(key)
        arguments += ["--key-file", str(tmp_path / "signing.key")]
    if place == "stdin":
        arguments += ["--key-file", "-"]

    minted = run(*arguments, input=key if place == "stdin" else None)

    assert minted.exit_code == 0, minted.stderr
    kid, secret = signing(key.strip())
    claims = token.verified(
        minted.stdout.strip(),
        secret_of={kid: secret}.get,
        audience=namespace,
        now_s=time.time(),
    )
    assert claims is not None
    assert (claims.sub, claims.anon) == ("c-1042", "v-5f0c")
    assert (claims.scope, claims.exp - claims.iat) == ("recommend events", 900)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        (("--ttl", "61m"), 1, "lives 1 to 3600 seconds"),
        (("--ttl", "soon"), 2, "90s or 15m"),
        (("--scope", "catalog"), 1, "a token is for"),
        (("--customer", ""), 1, "1 to 256 characters"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_words(
    run: Run, changes: tuple[str, ...], code: int, words: str
) -> None:
    key = run("keys", "create", "--kind", "signing", "--name", "shop").stdout
    arguments = ("--customer", "c-1", "--scope", "events", "--key-file", "-", *changes)

    refused = run("token", "mint", *arguments, input=key)

    assert refused.exit_code == code
    assert words in refused.stderr
    assert refused.stdout == ""


def test_no_signing_key_and_a_wrong_one_are_told_without_the_key(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    mint = ("token", "mint", "--customer", "c-1", "--scope", "events")
    none = run(*mint)
    monkeypatch.setenv("CARTERA_SIGNING_KEY", "hunter2")
    wrong = run(*mint)

    assert none.exit_code == wrong.exit_code == 1
    assert "CARTERA_SIGNING_KEY" in none.stderr
    assert "cartera keys create --kind signing" in wrong.stderr
    assert "hunter2" not in wrong.stderr


@pytest.mark.parametrize("command", ["keys create", "keys list", "keys revoke", "token mint"])
def test_every_command_helps_with_an_example(run: Run, command: str) -> None:
    helped = run(*command.split(), "--help")

    assert helped.exit_code == 0
    assert f"cartera {command}" in " ".join(helped.stdout.split())
    assert "Example" in helped.stdout
