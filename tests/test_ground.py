"""What a newcomer meets first: the Makefile, the lock file, the images and who may import whom."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PIN = re.compile(
    r"^([a-z0-9._-]+)==(\S+?)(?: ; .*?)? \\\n((?:    --hash=sha256:\S+(?: \\)?\n)+)", re.M
)


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def wanted() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    requirements = PROJECT["dependencies"] + [part for extra in extras for part in extra]
    return sorted({name_of(requirement) for requirement in requirements})


@pytest.mark.parametrize("name", wanted())
def test_every_direct_dependency_is_pinned_with_hashes(name: str) -> None:
    assert name in {pin.group(1) for pin in PIN.finditer(LOCK)}


def test_every_line_of_the_lock_is_a_pin_with_hashes_or_a_comment() -> None:
    rest = PIN.sub("", LOCK)

    assert [line for line in rest.splitlines() if not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize(
    "trace", ["://", "--index", "--extra-index", "--find-links", "file:", "/opt"]
)
def test_the_lock_names_no_registry_and_no_path(trace: str) -> None:
    assert trace not in LOCK


def test_make_alone_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+%?):", makefile, re.M))

    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert {"run", "test", "check", "fix", "lock", "help", "bench-%"} <= targets
    shown = {line.split()[1].replace("NAME", "%") for line in listed.splitlines()}
    assert shown == targets


def test_make_refuses_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)

    answer = subprocess.run(
        ["make", "install", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode != 0
    assert "Python 3.9.2; Cartera needs 3.11 or newer" in answer.stderr
    assert not (tmp_path / "venv").exists()


def test_the_command_for_ci_is_a_valid_script_that_can_be_run() -> None:
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_last_stage_of_the_image_is_the_server_without_what_trains() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]
    named = {stage.split()[2]: stage for stage in stages}

    assert list(named)[-1] == "server"
    assert "--extra train" in named["build-trainer"]
    assert re.findall(r"--extra (\w+)", named["build"]) == ["parquet"]
    assert "COPY --from=build /opt/cartera" in named["server"]
    assert "HEALTHCHECK" in named["server"]
    assert "/readyz" in named["server"]


def test_the_images_do_not_run_as_root() -> None:
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.M)[-1] == "cartera"
    assert re.search(r"^FROM base AS server\n(?:(?!^FROM|^USER root).*\n)*\Z", DOCKERFILE, re.M)


def test_everything_the_image_copies_is_let_through_to_the_build() -> None:
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M)
        for source in line.split()[:-1]
    }

    assert copied == let_through
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_checks_its_build_tools_by_the_hashes_of_the_lock() -> None:
    tools = re.search(r"wanted = /\^\(([a-z|-]+)\)==/", DOCKERFILE)

    assert tools is not None
    assert set(tools.group(1).split("|")) <= {pin.group(1) for pin in PIN.finditer(LOCK)}


def test_compose_keeps_what_redis_holds_and_serves_on_loopback_only() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    assert list(services) == ["redis", "trainer", "server", "worker"]
    command = " ".join(services["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    for name in ("redis", "server"):
        assert all(port.startswith("127.0.0.1:") for port in services[name]["ports"])
    assert services["trainer"]["profiles"] == ["train"]
    stages = re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M)
    assert {services[name]["build"]["target"] for name in ("trainer", "server", "worker")} <= set(
        stages
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "models").rglob("*.py")), ids=lambda path: path.stem
)
def test_models_import_numpy_orjson_themselves_and_nothing_else(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"numpy", "orjson", "models"}

    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])

    assert imported <= allowed
