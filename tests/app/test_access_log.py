"""The log line of a request: what came of it, and nothing about whom."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
import structlog
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app import log
from app.deps import Server
from app.main import create_server
from app.settings import ServerSettings
from tests.app.conftest import started
from training.processes import wait_for


@pytest.fixture
def plain_log() -> Iterator[None]:
    """Put the process's log back as it was."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.configure(**before)
    root.handlers = handlers
    root.setLevel(level)


def tell(client: TestClient) -> None:
    """Have all that was asked before told now, as every failure does."""
    client.get("/nonesuch")


def lines(client: TestClient, path: str) -> list[dict[str, Any]]:
    """Return the lines of one request; a success is told a little later than a failure."""
    tell(client)
    with capture_logs() as captured:
        client.get(path)
        assert wait_for(lambda: bool(captured), limit_s=5)
    return [dict(line) for line in captured]


def test_one_line_a_request_says_what_came_of_it(client: TestClient) -> None:
    (line,) = lines(client, "/recommend?customer_id=ana")

    assert line.pop("ms") > 0
    assert abs(line.pop("timestamp") - datetime.now(UTC)) < timedelta(seconds=10)
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/recommend",
        "status": 200,
        "ladder": 0,
        "release": "r1",
    }


def test_a_refusal_is_found_again_by_its_instance(client: TestClient) -> None:
    tell(client)
    with capture_logs() as captured:
        instance = client.get("/recommend?limit=0").json()["instance"]

    assert [(line["code"], line["instance"]) for line in captured] == [("validation", instance)]


def test_an_unknown_path_is_logged_without_its_words(client: TestClient) -> None:
    (line,) = lines(client, "/nonesuch/ana")

    assert line["route"] == "unknown"
    assert "ana" not in str(line)


def test_what_machines_ask_all_day_is_not_worth_a_line(client: TestClient) -> None:
    (line,) = lines(client, "/livez")

    assert line["log_level"] == "debug"


def test_an_unexpected_error_is_told_to_the_log_alone(
    settings: ServerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @property
        def loaded(self) -> object:
            raise RuntimeError("zq-internals")

    with started(settings) as client:
        monkeypatch.setattr(Server, "live", Broken(), raising=False)
        with capture_logs() as captured:
            response = client.get("/recommend")
        monkeypatch.undo()

    assert response.status_code == 500
    assert response.json()["code"] == "internal-error"
    assert "zq-internals" not in response.text
    error, request = captured
    assert (error["event"], error["log_level"]) == ("unexpected error", "error")
    assert error["instance"] == request["instance"] == response.json()["instance"]


@pytest.mark.usefixtures("plain_log")
@pytest.mark.parametrize("format_", ["json", "text"])
def test_the_traceback_of_an_unexpected_error_shows_nothing_of_whom(
    settings: ServerSettings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    format_: Literal["json", "text"],
) -> None:
    """The customer's id is a local variable of half the frames, and so are the headers."""

    class Broken:
        @property
        def loaded(self) -> object:
            raise RuntimeError("zq-internals")

    with started(settings) as client:
        log.configure(level="error", format_=format_)  # the client logs URLs
        monkeypatch.setattr(Server, "live", Broken(), raising=False)
        client.get("/recommend?customer_id=zq-somebody", headers={"Authorization": "zq-secret"})
        logging.getLogger("uvicorn.error").error("library", exc_info=_raised("zq-somebody"))
        monkeypatch.undo()

    written = capfd.readouterr().err
    assert "RuntimeError" in written
    assert "zq-internals" in written  # the traceback is there all the same
    assert "zq-somebody" not in written
    assert "zq-secret" not in written
    assert len(written) < 50_000


def _raised(customer_id: str) -> RuntimeError:
    try:
        raise RuntimeError("zq-internals")
    except RuntimeError as problem:
        return problem


@pytest.mark.usefixtures("plain_log")
def test_where_nobody_looks_a_line_is_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    log.configure(level="info", format_="auto")

    structlog.get_logger().info("release loaded", items=5)
    structlog.get_logger().debug("not this one")

    captured = capfdbinary.readouterr()
    assert captured.out == b""
    (line,) = captured.err.splitlines()
    assert line.startswith(b'{"items":5,"event":"release loaded","level":"info"')


@pytest.mark.usefixtures("plain_log")
def test_text_is_for_eyes(capfd: pytest.CaptureFixture[str]) -> None:
    log.configure(level="warning", format_="text")

    structlog.get_logger().warning("store away", problem="TimeoutError")

    assert "store away" in capfd.readouterr().err


@pytest.mark.usefixtures("plain_log")
def test_lines_of_libraries_take_the_same_form(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    log.configure(level="info", format_="json")

    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")

    (line,) = capfdbinary.readouterr().err.splitlines()
    written = orjson.loads(line)
    assert (written["event"], written["level"]) == ("Invalid HTTP request received.", "warning")


@pytest.mark.parametrize("address", ["192.0.2.7", "unknown", ""])
def test_metrics_are_for_this_machine_only(settings: ServerSettings, address: str) -> None:
    app = create_server(settings)

    with TestClient(app, base_url="http://localhost", client=(address, 1)) as client:
        response = client.get("/metrics")

    assert response.status_code == 403
    assert response.json()["code"] == "insufficient-scope"


def test_metrics_name_routes_by_template_and_nobody(settings: ServerSettings) -> None:
    with started(settings) as client:
        client.get("/recommend?customer_id=zq-somebody")
        client.get("/customers/zq-somebody")
        client.get("/nonesuch/zq-somebody")

        text = client.get("/metrics").text

    assert 'cartera_requests_total{method="GET",route="/recommend",status="503"} 1.0' in text
    route = "/customers/{customer_id}"
    assert f'cartera_requests_total{{method="GET",route="{route}",status="503"}} 1.0' in text
    assert 'cartera_requests_total{method="GET",route="unknown",status="404"} 1.0' in text
    assert "zq-somebody" not in text


def test_a_misspelt_variable_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, plain_log: None
) -> None:
    monkeypatch.setenv("CARTERA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CARTERA_REDIS_TIMOUT_MS", "5")
    said: list[tuple[str, str | None]] = []
    monkeypatch.setattr(
        "app.main._log.warning", lambda _event, *, variable, meant: said.append((variable, meant))
    )

    create_server()

    assert ("CARTERA_REDIS_TIMOUT_MS", "CARTERA_REDIS_TIMEOUT_MS") in said
