"""``cartera customers`` and ``cartera segments`` of the tiny shop, as an operator types them."""

import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys, shard_of
from tests import shop
from tests.app.conftest import started
from tests.training.shell import Shell, shell_in
from training import release
from training.cli_customers import segments

pytestmark = pytest.mark.slow


@pytest.fixture
def shell(tmp_path: Path, store_url: str, namespace: str) -> Shell:
    return shell_in(tmp_path, store_url, namespace)


@pytest.fixture
def published(shell: Shell, store_url: str, namespace: str) -> Shell:
    shop.publish(store_url, namespace, shop.tiny())
    return shell


def served(store_url: str, namespace: str, folder: Path) -> TestClient:
    return started(ServerSettings(redis_url=store_url, namespace=namespace, data_dir=folder))


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_customer_is_shown_with_what_is_known_and_a_dash_for_what_is_not(
    published: Shell,
) -> None:
    ana = published.cartera("customers", "ana")
    cleo = published.cartera("customers", "cleo")

    assert ana.returncode == 0, ana.stderr
    for told in (
        "predicted clv 40.0",
        "tier name high, previous medium",
        "portfolio name portfolio-1, title Breakfast: dairy, bakery",
        "52 20.0 10.0 40.0 168.0 84.0 336.0",
        "dairy 0.75 0.5",
    ):
        assert told in words(ana.stdout)
    assert "predicted clv –" in words(cleo.stdout)
    assert "stage name prospect" in words(cleo.stdout)


def test_groups_are_shown_kind_by_kind_with_the_matrix(published: Shell) -> None:
    run = published.cartera("segments")

    assert run.returncode == 0, run.stderr
    assert run.stdout.index("tier") < run.stdout.index("stage") < run.stdout.index("portfolio-1")
    shown = words(run.stdout)
    assert "1 33% 60 80% 40 +1 -0" in shown
    assert "high and high high 1 60 40" in shown


def test_one_group_is_shown_with_its_rule(published: Shell) -> None:
    run = published.cartera("segments", "high")

    assert "description The rule of high." in words(run.stdout)
    assert "movements joined medium 1, left –" in words(run.stdout)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("customers", "ana"), "/customers/ana"),
        (("segments",), "/segments"),
        (("segments", "champions"), "/segments/champions"),
    ],
)
def test_as_json_it_is_what_the_server_answers_of_the_release(
    published: Shell, store_url: str, namespace: str, arguments: tuple[str, ...], path: str
) -> None:
    with served(store_url, namespace, published.folder) as client:
        # What was said since, a server reads from the live state.
        answer = client.get(path).content.decode().replace(',"lately":[]', "")

    run = published.cartera(*arguments, "--json")

    assert run.returncode == 0, run.stderr
    assert run.stdout == answer + "\n"
    assert orjson.loads(run.stdout)["release"] == "r1"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("customers", "nobody"), "r1 knows no customer nobody; expected"),
        (("segments", "nonesuch"), "r1 has no group nonesuch; expected one of: high, medium"),
    ],
)
def test_what_there_is_not_is_told_in_words(
    published: Shell, arguments: tuple[str, ...], told: str
) -> None:
    run = published.cartera(*arguments)

    assert run.returncode == 1
    assert run.stdout == ""
    assert told in words(run.stderr)


def test_every_name_of_the_examples_is_one_of_a_group(published: Shell) -> None:
    examples = re.findall(r"`cartera (segments .*)`", segments.__doc__ or "")

    runs = [published.cartera(*one.split()) for one in examples]

    assert examples
    assert [run.returncode for run in runs] == [0] * len(runs)


def test_where_it_was_trained_the_release_is_read_from_the_data_directory(
    shell: Shell, store_url: str, namespace: str
) -> None:
    made = shop.tiny()
    folder = shell.folder / "var" / "releases" / namespace / "r1"
    shop.publish(store_url, namespace, made)
    release.write(folder, made.loaded, shop.every_customer(made))
    with redis.Redis.from_url(store_url) as store:
        store.delete(Keys(namespace).chunk("r1", 0))

    run = shell.cartera("customers", "ana")

    assert run.returncode == 0, run.stderr
    assert "tier name high, previous medium" in words(run.stdout)


def test_whom_a_release_knew_that_was_removed_meanwhile_is_not_unknown(
    shell: Shell, store_url: str, namespace: str
) -> None:
    made = shop.tiny()
    folder = shell.folder / "var" / "releases" / namespace / "r1"
    shop.publish(store_url, namespace, made)
    release.write(folder, made.loaded, shop.every_customer(made))
    keys = Keys(namespace)
    with redis.Redis.from_url(store_url) as store:
        store.delete(keys.releases, keys.profiles("r1", shard_of("ana")))

    run = shell.cartera("customers", "ana")

    assert run.returncode == 1
    assert "r1 was removed from the store meanwhile; expected" in words(run.stderr)


def test_before_the_first_release_and_under_an_old_one_it_says_so(
    shell: Shell, store_url: str, namespace: str
) -> None:
    none = shell.cartera("segments")
    made = shop.tiny()
    old = replace(made, loaded=replace(made.loaded, customers=None), profiles={})
    shop.publish(store_url, namespace, old)
    unknown = shell.cartera("customers", "ana")

    assert none.returncode == unknown.returncode == 1
    assert "no release serves yet" in words(none.stderr)
    assert "was trained before customers were known" in words(unknown.stderr)


def test_names_that_look_like_markup_are_shown_as_they_are(
    shell: Shell, store_url: str, namespace: str
) -> None:
    made = shop.tiny()
    assert made.loaded.customers is not None
    named = (replace(one, title="[red]Odd[/red]") for one in made.loaded.customers.groups)
    odd = replace(made.loaded.customers, groups=tuple(named))
    shop.publish(store_url, namespace, replace(made, loaded=replace(made.loaded, customers=odd)))

    for arguments in (("segments",), ("segments", "high")):
        assert "[red]Odd[/red]" in shell.cartera(*arguments).stdout
