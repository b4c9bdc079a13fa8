import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks.closed_loop import round_of
from benchmarks.fabricated import Fabricated
from benchmarks.load import Generator
from benchmarks.mix import Mix, Shop, written
from benchmarks.served import cartera, published, store
from benchmarks.servers import Running

pytestmark = [pytest.mark.slow, pytest.mark.alone]
ROOT = Path(__file__).parents[2]
N_CUSTOMERS = 50


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Fabricated.of(3000, N_CUSTOMERS, kept=tmp_path_factory.mktemp("kept"))
    with store(cores=None) as url:
        published(url, made, namespace="tested")
        with cartera("tested", url, namespace="tested", cores=None) as running:
            yield running


def test_every_answer_of_an_open_loop_is_right(server: Running) -> None:
    asked = Mix().drawn(Shop.told(str(N_CUSTOMERS)), 200, rng=np.random.default_rng(7))
    generator = Generator(host="127.0.0.1", port=server.port, asked=asked, post=0.5)

    step = generator.at(100, seconds=1)

    assert (step.n_errors, step.faults) == (0, [])
    assert step.n_answers == pytest.approx(100, abs=35)


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_wrk_sends_the_mix_and_its_cpu_is_the_servers(server: Running, tmp_path: Path) -> None:
    asked = Mix().drawn(Shop.told(str(N_CUSTOMERS)), 200, rng=np.random.default_rng(7))
    requests = written(asked, tmp_path / "requests.txt", post=0.5)

    done = round_of(server, requests, seconds=1, cores=None, connections=4)

    assert done.failed == 0
    assert 10 < done.cpu_us < 1e6 / done.per_s * 2


@pytest.mark.parametrize(("p99_ms", "code"), [("60000", 0), ("0", 1)])
def test_locust_ends_with_one_past_its_budget(server: Running, p99_ms: str, code: int) -> None:
    command = [str(Path(sys.executable).with_name("locust")), "-f", "benchmarks/locustfile.py"]
    command += ["--host", server.url, "--headless", "--only-summary", "-u", "4", "-r", "4"]
    command += ["-t", "1s", "--customers", str(N_CUSTOMERS), "--p99-ms", p99_ms]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == code, ran.stdout + ran.stderr


def test_the_load_command_ends_with_one_where_customers_are_unknown(server: Running) -> None:
    command = [sys.executable, "-m", "benchmarks.load", server.url, "--customers", "300000"]
    command += ["--rate", "200", "--seconds", "1", "--p99-ms", "60000"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert "level 3 for plain" in ran.stdout


def test_memory_and_time_of_a_server_are_its_processes(server: Running) -> None:
    pids = {process.pid for process in server.crew()}

    assert server.process.pid in pids
    assert len(pids) == 2
    assert server.cpu_s() > 0
    total_mib = sum(process.memory_info().rss for process in map(psutil.Process, pids)) / 1024**2
    assert 0 < server.private_mib() <= total_mib
    assert server.resident_mib() <= total_mib
