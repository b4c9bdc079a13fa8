"""What the command line says when it cannot do what was asked, and its help."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.corner_shop import write_items, write_purchases
from tests.training.shell import Shell, shell_in
from tests.training.supervised import free_port
from training.stores import open_releases

COMMANDS = (
    "train", "evaluate", "publish", "serve", "demo", "customers", "segments", "audiences",
    "identifiers", "report", "worker",
)  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path, store_url: str, namespace: str) -> Shell:
    return shell_in(tmp_path, store_url, namespace)


def test_a_bad_file_stops_the_run_in_words_and_publishes_nothing(shell: Shell) -> None:
    path = shell.folder / "purchases.csv"
    path.write_text("CustomerID,StockCode\n1,2\n")

    run = shell.cartera("train", path)

    assert run.returncode == 1
    assert "customer_id=CustomerID" in run.stderr
    assert "Traceback" not in run.stderr
    with open_releases(shell.settings()) as releases:
        assert releases.current() is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--columns", "customer_id"), "expected ours=theirs"),
        (("--feedback-columns", "value"), "expected ours=theirs"),
        (("--until", "yesterday"), "expected a date like 2026-11-01"),
        (("--budget", "nonsense"), "a budget is a time such as 60s, 10m or 1h"),
    ],
)
def test_an_option_that_cannot_be_read_is_a_usage_error(
    shell: Shell, arguments: tuple[str, str], words: str
) -> None:
    run = shell.cartera("train", write_purchases(shell.folder, weeks=1), *arguments)

    assert run.returncode == 2
    assert words in " ".join(run.stderr.replace("│", " ").split())


def test_serve_refuses_a_public_address_in_words(shell: Shell) -> None:
    run = shell.cartera("serve", "--host", "0.0.0.0")

    assert run.returncode == 1
    assert "can be reached from other machines" in run.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(shell: Shell, command: str) -> None:
    run = shell.cartera(command, "--help")

    assert run.returncode == 0
    assert f"cartera {command}" in run.stdout
    assert "Example" in run.stdout


def without_the_train_extra(shell: Shell, *arguments: str) -> "subprocess.CompletedProcess[str]":
    script = (
        "import sys; sys.modules.update(implicit=None, scipy=None, polars=None);"
        f"from training.cli import main; main({list(arguments)})"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=shell.folder,
        env=os.environ | shell.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_trains_is_not_imported_where_it_is_not_needed(shell: Shell) -> None:
    listed = without_the_train_extra(shell, "releases", "list")
    grouped = without_the_train_extra(shell, "segments")
    reported = without_the_train_extra(shell, "report")
    audiences = without_the_train_extra(shell, "audiences")
    keyed = without_the_train_extra(shell, "keys", "list")

    assert keyed.returncode == 0, keyed.stderr
    assert audiences.returncode == 0, audiences.stderr
    assert listed.returncode == 0, listed.stderr
    assert "no release serves yet" in grouped.stderr
    assert "no release serves yet" in reported.stderr


def test_without_the_worker_extra_the_worker_says_what_to_install(shell: Shell) -> None:
    run = without_the_train_extra(shell, "worker")

    assert run.returncode == 1
    assert "cartera[worker]" in run.stderr


def test_without_the_train_extra_training_says_what_to_install(shell: Shell) -> None:
    run = without_the_train_extra(shell, "train", "purchases.csv")

    assert run.returncode == 1
    assert "train extra" in run.stderr


@pytest.mark.parametrize(
    "lines",
    [
        ",x,2024-01-01,1,2\n,y,2024-01-01,1,2\n",
        "a,x,2024-01-01,1,2\na,x,2024-01-02,-1,2\n",
    ],
    ids=["nobody is named", "all was given back"],
)
def test_purchases_that_teach_nothing_stop_the_run_in_words(shell: Shell, lines: str) -> None:
    path = shell.folder / "purchases.csv"
    path.write_text("customer_id,item_id,timestamp,quantity,price\n" + lines)

    run = shell.cartera("train", path)

    assert run.returncode == 1
    assert "no customer bought an item often enough to learn from" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_a_single_purchase_is_enough_for_a_release(shell: Shell) -> None:
    path = shell.folder / "purchases.csv"
    path.write_text("customer_id,item_id,timestamp,quantity,price\na,x,2024-01-01,1,2\n")

    run = shell.cartera("train", path)

    assert run.returncode == 0, run.stderr
    with open_releases(shell.settings()) as releases:
        assert releases.current() is not None


def test_an_evaluation_with_nothing_to_examine_stops_in_words(shell: Shell) -> None:
    run = shell.cartera("evaluate", write_purchases(shell.folder, weeks=4), "--cut", "2024-06-01")

    assert run.returncode == 1
    assert "nobody bought an item with a model in the window" in run.stderr


@pytest.mark.parametrize("option", ["--items", "--feedback"])
def test_rejects_never_overwrite_a_file_that_is_read(shell: Shell, option: str) -> None:
    purchases, read = write_purchases(shell.folder, weeks=1), write_items(shell.folder)
    before = read.read_bytes()

    run = shell.cartera("train", purchases, option, read, "--rejects", read)

    assert run.returncode == 2
    assert "would be overwritten" in run.stderr
    assert read.read_bytes() == before


def test_wrong_feedback_stops_the_run_and_names_the_line(shell: Shell) -> None:
    feedback = shell.folder / "feedback.csv"
    feedback.write_text("who,timestamp,kind,value\nc1,2024-01-05,rating,5\nc1,2024-01-05,rating,\n")

    run = shell.cartera(
        "train", write_purchases(shell.folder, weeks=1),
        "--feedback", feedback, "--feedback-columns", "customer_id=who",
    )  # fmt: skip

    assert run.returncode == 1
    assert "line 3: value is missing" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_setting_that_cannot_be_is_told_by_its_variable_without_the_value(
    tmp_path: Path, store_url: str, namespace: str
) -> None:
    shell = shell_in(tmp_path, store_url, namespace)
    shell = Shell(shell.folder, {**shell.environment, "CARTERA_SEED": "s3cret"})

    run = shell.cartera("releases", "list")

    assert run.returncode == 1
    assert "CARTERA_SEED: input should be a valid integer" in run.stderr
    assert "s3cret" not in run.stderr


def test_a_misspelt_variable_gets_a_warning(tmp_path: Path, store_url: str, namespace: str) -> None:
    shell = shell_in(tmp_path, store_url, namespace)
    shell = Shell(shell.folder, {**shell.environment, "CARTERA_MIN_BUYER": "3"})

    run = shell.cartera("releases", "list")

    assert run.returncode == 0
    assert "was CARTERA_MIN_BUYERS meant?" in run.stderr


def test_a_data_directory_that_cannot_be_written_is_told(
    tmp_path: Path, store_url: str, namespace: str
) -> None:
    shell = shell_in(tmp_path, store_url, namespace)
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    shell = Shell(shell.folder, {**shell.environment, "CARTERA_DATA_DIR": str(blocked)})

    run = shell.cartera("train", write_purchases(shell.folder, weeks=1))

    assert run.returncode == 1
    assert "check that it may be written" in run.stderr


def test_a_setting_that_the_server_refuses_is_told_once_and_ends_serve(
    tmp_path: Path, store_url: str, namespace: str
) -> None:
    shell = shell_in(tmp_path, store_url, namespace)
    environment = {**shell.environment, "CARTERA_REDIS_TIMEOUT_MS": "s3cret"}

    run = Shell(shell.folder, environment).cartera("serve", "--port", free_port())

    assert run.returncode == 1
    assert run.stderr.count("CARTERA_REDIS_TIMEOUT_MS") == 1
    assert "valid integer" in run.stderr
    assert "s3cret" not in run.stderr
    assert "Traceback" not in run.stderr
