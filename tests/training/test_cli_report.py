"""``cartera report``, as an operator types it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests import shop
from tests.training.shell import Shell, shell_in


@pytest.fixture
def shell(tmp_path: Path, store_url: str, namespace: str) -> Shell:
    return shell_in(tmp_path, store_url, namespace)


def publish(shell: Shell, made: shop.Shop) -> None:
    settings = shell.settings()
    assert settings.redis_url is not None
    shop.publish(settings.redis_url, settings.namespace, made)


def test_the_report_on_what_serves_is_written_here_and_its_place_is_told(shell: Shell) -> None:
    publish(shell, shop.tiny("r1"))

    run = shell.cartera("report")

    path = shell.folder / "report-r1.html"
    assert run.returncode == 0, run.stderr
    assert str(path) in run.stdout
    html = path.read_text()
    assert html.startswith("<!DOCTYPE html>")
    assert "Champions" in html


def test_a_report_goes_where_it_is_told_and_holds_no_customers_id(shell: Shell) -> None:
    publish(shell, shop.tiny("r1"))
    publish(shell, shop.tiny("r2"))

    run = shell.cartera("report", "r1", "--out", "told.html")

    html = (shell.folder / "told.html").read_text()
    assert run.returncode == 0, run.stderr
    assert "Release r1 " in html
    assert not {"ana", "ben", "cleo"} & set(html.lower().replace(">", " ").split())


def test_a_release_that_knows_nothing_of_its_customers_has_a_report(shell: Shell) -> None:
    made = shop.tiny("r1")
    publish(shell, replace(made, loaded=replace(made.loaded, customers=None)))

    run = shell.cartera("report")

    assert run.returncode == 0, run.stderr
    assert "says nothing of its customers" in (shell.folder / "report-r1.html").read_text()


def test_without_a_release_there_is_no_report(shell: Shell) -> None:
    run = shell.cartera("report")

    assert run.returncode == 1
    assert "no release serves yet" in run.stderr
    assert "cartera train" in run.stderr
    assert not list(shell.folder.glob("*.html"))


def test_a_report_on_a_release_that_nobody_published_names_those_that_are(shell: Shell) -> None:
    publish(shell, shop.tiny("r1"))

    run = shell.cartera("report", "r9")

    assert run.returncode == 1
    assert "release r9 is not published; expected one of: r1" in run.stderr


def test_a_place_that_cannot_be_written_is_told(shell: Shell) -> None:
    publish(shell, shop.tiny("r1"))

    run = shell.cartera("report", "--out", "nowhere/report.html")

    assert run.returncode == 1
    assert "nowhere/report.html" in run.stderr
    assert "Traceback" not in run.stderr
