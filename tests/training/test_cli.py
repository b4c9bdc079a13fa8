"""The command line, as a shop's operator types it."""

from pathlib import Path

import orjson
import pytest

from models.artifacts.keys import Keys
from tests.training.corner_shop import write_items, write_purchases
from tests.training.shell import Shell, shell_in
from training.stores import open_releases


@pytest.fixture
def shell(tmp_path: Path, store_url: str, namespace: str) -> Shell:
    return shell_in(tmp_path, store_url, namespace)


@pytest.mark.slow
def test_train_publishes_a_release_and_says_what_it_did(shell: Shell, namespace: str) -> None:
    purchases, items = write_purchases(shell.folder), write_items(shell.folder)

    run = shell.cartera("train", purchases, "--items", items)

    assert run.returncode == 0, run.stderr
    for words in ("What was read", "chosen: slow", "validation: ndcg@10", "What it took", "serves"):
        assert words in run.stdout
    assert "fit on everything" in run.stderr
    with open_releases(shell.settings()) as releases:
        current = releases.current()
        assert current is not None
        assert releases.keys == Keys(namespace)
        assert releases.manifests()[current].counts["items"] == 32
    assert (shell.folder / "var" / "releases" / namespace / current / "manifest.json").is_file()


@pytest.mark.slow
def test_releases_can_be_listed_inspected_promoted_and_rolled_back(shell: Shell) -> None:
    purchases = write_purchases(shell.folder)
    first, second = (_trained(shell, purchases) for _ in range(2))

    listed = shell.cartera("releases", "list")
    inspected = shell.cartera("releases", "inspect", first)
    back = shell.cartera("releases", "rollback")
    too_far = shell.cartera("releases", "rollback")
    forward = shell.cartera("releases", "promote", second)
    unknown = shell.cartera("releases", "promote", "20200101T000000Z-0000")
    absent = shell.cartera("releases", "inspect", "20200101T000000Z-0000")

    (serving,) = (line for line in listed.stdout.splitlines() if "→" in line)
    assert second in serving
    assert first in listed.stdout
    assert orjson.loads(inspected.stdout)["version"] == first
    assert first in back.stdout
    assert too_far.returncode == 1
    assert "no release served before" in too_far.stderr
    assert second in forward.stdout
    assert unknown.returncode == absent.returncode == 1
    assert "is not published" in unknown.stderr
    assert "is not published" in absent.stderr


def _trained(shell: Shell, purchases: Path) -> str:
    assert shell.cartera("train", purchases).returncode == 0
    with open_releases(shell.settings()) as releases:
        current = releases.current()
    assert current is not None
    return current


@pytest.mark.slow
def test_a_release_that_was_not_published_can_be_published_later(shell: Shell) -> None:
    purchases = write_purchases(shell.folder, weeks=6)

    trained = shell.cartera("train", purchases, "--no-publish")
    (folder,) = (shell.folder / "var" / "releases").glob("*/*")
    published = shell.cartera("publish", folder)

    assert trained.returncode == published.returncode == 0
    assert "none: the shop needs" in " ".join(trained.stdout.split())
    with open_releases(shell.settings()) as releases:
        assert releases.current() == folder.name


@pytest.mark.slow
def test_the_gate_refuses_a_release_of_half_the_customers_with_a_code_of_its_own(
    shell: Shell,
) -> None:
    assert shell.cartera("train", write_purchases(shell.folder)).returncode == 0
    with open_releases(shell.settings()) as releases:
        before = releases.current()

    fewer = write_purchases(shell.folder, n_customers=12)
    refused = shell.cartera("train", fewer)
    forced = shell.cartera("train", fewer, "--force")

    assert refused.returncode == 3
    assert "12 customers" in " ".join(refused.stderr.split())
    assert forced.returncode == 0
    with open_releases(shell.settings()) as releases:
        assert releases.current() != before


@pytest.mark.slow
def test_evaluate_prints_ours_beside_the_baselines_and_writes_the_figures(shell: Shell) -> None:
    purchases, json = write_purchases(shell.folder), shell.folder / "figures.json"

    run = shell.cartera("evaluate", purchases, "--json", json)

    assert run.returncode == 0, run.stderr
    for name in ("Cartera", "popularity, 28 days", "personal frequency", "item-kNN, cosine"):
        assert name in run.stdout
    figures = orjson.loads(json.read_bytes())
    assert figures["customers"] == 40
    metrics = figures["metrics"]
    assert metrics["Cartera"]["ndcg@10"] > metrics["popularity, 28 days"]["ndcg@10"]
    low, high = figures["cartera_minus"]["popularity, 28 days"]["ndcg@10"]
    assert 0 < low < high


@pytest.mark.slow
def test_evaluate_can_leave_the_baselines_out(shell: Shell) -> None:
    purchases = write_purchases(shell.folder)

    run = shell.cartera("evaluate", purchases, "--no-baselines", "--cut", "2024-05-20", "--days", 7)

    assert run.returncode == 0, run.stderr
    assert "Cartera" in run.stdout
    assert "popularity" not in run.stdout


@pytest.mark.slow
def test_customers_and_feedback_are_read_and_compared(shell: Shell) -> None:
    customers, feedback = shell.folder / "customers.csv", shell.folder / "feedback.csv"
    customers.write_text("customer_id,country\nc1,ES\nnobody,PT\n")
    feedback.write_text("customer_id,timestamp,kind,value\nc1,2024-01-05,rating,5\n")

    run = shell.cartera(
        "train", write_purchases(shell.folder, weeks=6),
        "--customers", customers, "--feedback", feedback, "--no-publish",
    )  # fmt: skip

    assert run.returncode == 0, run.stderr
    assert "lists 2 customers: 1 have bought" in " ".join(run.stdout.split())
    assert "read the feedback" in run.stderr
    (manifest,) = (shell.folder / "var" / "releases").rglob("manifest.json")
    assert orjson.loads(manifest.read_bytes())["settings"]["feedback"] == "feedback.csv"


@pytest.mark.slow
def test_items_that_the_items_file_lacks_are_told_and_kept(shell: Shell) -> None:
    items = shell.folder / "items.csv"
    items.write_text("item_id,title\ni1,Thing\n")

    run = shell.cartera("train", write_purchases(shell.folder), "--items", items, "--no-publish")

    assert run.returncode == 0, run.stderr
    assert "29 items were bought but are not in items.csv" in " ".join(run.stdout.split())
