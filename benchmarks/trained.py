"""One training run as a shop starts it, ``cartera train`` into an empty store, and what it cost.

CPU is the trainer's, children included, and the store's; memory is the largest that either held.
"""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage
from tempfile import TemporaryDirectory

import psutil
import redis

from benchmarks.served import CARTERA, KEPT, store, used_mib
from benchmarks.servers import ROOT
from models.artifacts.keys import N_SHARDS, Keys
from models.artifacts.manifest import Manifest
from training import release
from training.data.synthetic import ShopFiles

NAMESPACE = "scale"
_RESOLUTION_S = 0.05
"""What ``cartera train`` tells as 0.0 took less."""

_STOP = re.compile(r"│ (\S.*?) +│ +([\d.]+) │ +([\d.]+) │ +[\d,]+ │")
"""A line of the table with which ``cartera train`` ends: name, seconds, CPU s, peak MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What one shop cost."""

    n_lines: int
    manifest: Manifest
    n_records: int
    trainer_cpu_s: float
    store_cpu_s: float
    seconds: float
    trainer_mib: float
    store_mib: float
    """At its most."""
    kept_mib: float
    """Of the store, when all is published."""
    stops: Mapping[str, tuple[float, float]]
    """Seconds and CPU s of each stop of the run."""

    @property
    def cost_us(self) -> float:
        """CPU a line, trainer and store."""
        return (self.trainer_cpu_s + self.store_cpu_s) / self.n_lines * 1e6

    @property
    def per_s(self) -> float:
        """Customers published a second: written, read back and counted."""
        return self.n_records / max(self.stops["publish"][0], _RESOLUTION_S)

    @property
    def bytes_each(self) -> float:
        """Memory of the store by customer, the models of the release included."""
        return self.kept_mib * 1024**2 / self.n_records

    @property
    def gib(self) -> float:
        """Memory of trainer and store, each at its most."""
        return (self.trainer_mib + self.store_mib) / 1024

    def figures(self) -> dict[str, float]:
        """Return every figure, by name."""
        return {
            "customers": self.n_records,
            "items with models": self.manifest.counts["items with models"],
            "trainer CPU s": self.trainer_cpu_s,
            "store CPU s": self.store_cpu_s,
            "CPU us a line": self.cost_us,
            "seconds": self.seconds,
            "trainer peak MiB": self.trainer_mib,
            "store peak MiB": self.store_mib,
            "publish s": self.stops["publish"][0],
            "records published a second": self.per_s,
            "Redis B a customer": self.bytes_each,
        }


def train(files: ShopFiles, *, n_lines: int, budget: str) -> Trained:
    """Train a shop and publish it into a store of its own.

    Raises:
        RuntimeError: The trainer failed; names its log.
    """
    command = ["train", str(files.purchases), "--items", str(files.items), "--budget", budget]
    with (
        store(cores=None) as url,
        redis.Redis.from_url(url) as client,
        TemporaryDirectory(prefix="scale-", dir=KEPT) as folder,
    ):
        server = psutil.Process(int(client.info("server")["process_id"]))
        empty_mib, cpu_s, began = used_mib(url), _cpu_s(server), time.perf_counter()
        told, usage = _run(command, Path(folder), url, log=KEPT / f"train-{n_lines}.log")
        seconds = time.perf_counter() - began
        (made,) = (Path(folder) / "releases" / NAMESPACE).iterdir()
        return Trained(
            n_lines=n_lines,
            manifest=release.manifest_of(made),
            n_records=_n_records(client, made.name),
            trainer_cpu_s=usage.ru_utime + usage.ru_stime,
            store_cpu_s=_cpu_s(server) - cpu_s,
            seconds=seconds,
            trainer_mib=usage.ru_maxrss / 1024,
            store_mib=float(client.info("memory")["used_memory_peak"]) / 1024**2,
            kept_mib=used_mib(url) - empty_mib,
            stops={name: (float(took), float(cpu)) for name, took, cpu in _STOP.findall(told)},
        )


def _run(
    arguments: Sequence[str], folder: Path, url: str, *, log: Path
) -> tuple[str, struct_rusage]:
    """Run ``cartera`` to its end; return what it told and what it and its children used."""
    environment = {
        "CARTERA_DATA_DIR": str(folder),
        "CARTERA_NAMESPACE": NAMESPACE,
        "CARTERA_REDIS_URL": url,
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*CARTERA, *arguments],
            stdout=out,
            stderr=out,
            cwd=folder,
            env=os.environ | environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"cartera {arguments[0]} failed; {log} says why")
    return log.read_text(), usage


def _n_records(client: redis.Redis, version: str) -> int:
    pipeline = client.pipeline(transaction=False)
    for shard in range(N_SHARDS):
        pipeline.hlen(Keys(NAMESPACE).records(version, shard))
    return sum(pipeline.execute())


def _cpu_s(process: psutil.Process) -> float:
    took = process.cpu_times()
    return float(took.user + took.system)
