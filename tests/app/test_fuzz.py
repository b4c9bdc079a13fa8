"""Generated requests over the whole OpenAPI document, right and wrong ones, find nothing.

Schemathesis is run by its own command, for its own pytest plugin does not know pytest 9.2; so
all its phases are run too: examples, the edges of every schema, and chance.
"""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.app.serving import ROOT, Live

N_EXAMPLES = 20
CONFIG = """
hooks = "tests.app.fuzz_hooks"

[[operations]]
include-path = "/events"
phases.examples.enabled = false
phases.coverage.enabled = false

[[operations]]
include-path = "/audiences"
phases.coverage.enabled = false
"""
"""Events come in five forms, and audiences are given by rules: every edge of their schemas would
take minutes. The edges are in ``tests/app/events`` and ``tests/app/routes/test_audience_asked.py``,
the examples in ``test_openapi.py``.
"""


@pytest.mark.fuzz
@pytest.mark.slow
def test_generated_requests_find_nothing(server: Live, tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    command = f"-m schemathesis.cli --config-file {config} run --seed 1 --no-color"
    command += f" --max-examples {N_EXAMPLES} --continue-on-failure --suppress-health-check all"

    run = subprocess.run(
        [sys.executable, *command.split(), f"http://127.0.0.1:{server.port}/openapi.json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    paths = orjson.loads(server.get("/openapi.json")[1])["paths"]
    assert f"Tested: {sum(map(len, paths.values()))}\n" in run.stdout
