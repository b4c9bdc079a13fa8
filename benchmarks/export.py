"""What it takes to give out an audience of a million members: ``make bench-export``.

A server with one worker, its store and the caller on this machine. The audience is fabricated
(``benchmarks.fabricated_members``): one member in ten has refused since. It is taken whole, as
JSON lines of ids, as CSV of hashes for Google and as Parquet of hashes for Meta; each must hold
exactly those who agree. What the worker holds in memory is looked at from outside, every few
milliseconds: the most during an export less what it held before it, after a page in each form had
loaded what each needs. Beside it stands what a list costs meanwhile, asked one after the other.
"""

import argparse
import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

import numpy as np
import psutil
import pyarrow.parquet as pq
import redis
from rich.console import Console
from rich.table import Table

from benchmarks import fabricated_members as members
from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_names import customer_id
from benchmarks.results import Goal, Run
from benchmarks.served import KEPT, cartera, published, settled, store
from benchmarks.servers import Running, ask, cpu_s
from models.artifacts.keys import Keys

N_MEMBERS = 1_000_000
N_ITEMS, N_CUSTOMERS = 5_000, 1_000
NAMESPACE = "export"
FORMS = {
    "JSON lines, raw": ("raw", "application/x-ndjson"),
    "CSV, google": ("google", "text/csv"),
    "Parquet, meta": ("meta", "application/vnd.apache.parquet"),
}
GOAL_MIB = 64
LOOK_EVERY_S = 0.02
_LIMIT_S = 900
_READ = 1 << 20


class Taken(NamedTuple):
    """What one export took."""

    seconds: float
    rows: int
    mib: float
    """Of the file."""
    grown_mib: float
    """The most that the worker held meanwhile, less what it held before."""
    before_mib: float
    cpu_s: float
    list_p50_ms: float
    list_p99_ms: float
    """Of a list that was asked for meanwhile."""


def main() -> None:
    """Run the benchmark, print its table and write its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--members", type=int, default=N_MEMBERS, help="How many there are.")
    n_members = parser.parse_args().members
    is_whole = n_members == N_MEMBERS
    told = "" if is_whole else f' ARGS="--members {n_members}"'
    run = Run.begin("export" if is_whole else "export_part", f"make bench-export{told}")
    made = Fabricated.of(N_ITEMS, N_CUSTOMERS, kept=KEPT)
    with store(cores=None) as url:
        published(url, made, namespace=NAMESPACE)
        with redis.Redis.from_url(url, decode_responses=True) as client:
            release = str(client.get(Keys(NAMESPACE).current))
        n_agree = members.write(url, n_members, namespace=NAMESPACE, release=release)
        settled(url)
        with cartera("export", url, namespace=NAMESPACE, cores=None) as server:
            quiet = _alone(server)
            for kind, media_type in FORMS.values():
                _ask(server, kind, media_type, "&limit=100", to=None)
            found = {name: _taken(server, *form) for name, form in FORMS.items()}
    Console(width=120).print(_table(found, quiet, n_members))
    run.end(
        {"list alone, p50 ms": quiet[0], "list alone, p99 ms": quiet[1]} | _metrics(found),
        {f"{name}: memory grown MiB": Goal.at_most(one.grown_mib, GOAL_MIB)
         for name, one in found.items()}
        | {f"{name}: members lacking or too many": Goal.at_most(abs(one.rows - n_agree), 0)
           for name, one in found.items()},
    )  # fmt: skip


def _taken(server: Running, kind: str, media_type: str) -> Taken:
    """Take the whole audience, and count what came."""
    worker = max(server.crew(), key=lambda process: process.memory_info().rss)
    before, before_s = worker.memory_info().rss, cpu_s(worker)
    with NamedTemporaryFile(dir=KEPT) as file, _watched(worker) as peak, _lists(server) as waits:
        began = time.perf_counter()
        _ask(server, kind, media_type, "", to=Path(file.name))
        seconds = time.perf_counter() - began
        n_rows, n_bytes = _rows(Path(file.name), media_type), Path(file.name).stat().st_size
    p50, p99 = np.percentile(waits, (50, 99)).tolist()
    return Taken(
        seconds=seconds,
        rows=n_rows,
        mib=n_bytes / 1024**2,
        grown_mib=(max(peak) - before) / 1024**2,
        before_mib=before / 1024**2,
        cpu_s=cpu_s(worker) - before_s,
        list_p50_ms=p50,
        list_p99_ms=p99,
    )


def _ask(server: Running, kind: str, media_type: str, more: str, *, to: Path | None) -> None:
    """Ask for members, and write them down as they come.

    Raises:
        RuntimeError: They were refused.
        http.client.HTTPException: The answer broke off.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_LIMIT_S)
    path = f"/audiences/{members.AUDIENCE_ID}/members?purpose=benchmark&format={kind}{more}"
    connection.request("GET", path, headers={"Accept": media_type})
    answer = connection.getresponse()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"members are answered {answer.status}: {answer.read(500)!r}")
    with (to or Path("/dev/null")).open("wb") as file:
        while part := answer.read(_READ):
            file.write(part)
    connection.close()


def _rows(path: Path, media_type: str) -> int:
    if media_type.endswith("parquet"):
        return int(pq.read_metadata(path).num_rows)
    with path.open("rb") as file:
        n_lines = sum(part.count(b"\n") for part in iter(lambda: file.read(_READ), b""))
    return n_lines - (media_type == "text/csv")


@contextmanager
def _watched(worker: psutil.Process) -> Iterator[list[int]]:
    """Look at what a process holds until the block ends."""
    seen, ended = [worker.memory_info().rss], threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_S):
            seen.append(worker.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        ended.set()
        watching.join()


@contextmanager
def _lists(server: Running) -> Iterator[list[float]]:
    """Ask for lists, one after the other, until the block ends; how long each took, in ms."""
    waits: list[float] = []
    ended = threading.Event()

    def asking() -> None:
        n = 0
        while not ended.wait(0.005):
            began = time.perf_counter()
            ask(server.port, f"/recommend?customer_id={customer_id(n % N_CUSTOMERS)}")
            waits.append((time.perf_counter() - began) * 1000)
            n += 1

    thread = threading.Thread(target=asking)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()


def _alone(server: Running) -> tuple[float, float]:
    """Return what a list takes when nothing is exported: p50 and p99, in ms."""
    with _lists(server) as waits:
        time.sleep(3)
    p50, p99 = np.percentile(waits, (50, 99)).tolist()
    return p50, p99


def _metrics(found: dict[str, Taken]) -> dict[str, float]:
    return {
        f"{name}: {what}": value
        for name, one in found.items()
        for what, value in {
            "seconds": one.seconds,
            "rows": float(one.rows),
            "rows a second": one.rows / one.seconds,
            "MiB": one.mib,
            "memory before MiB": one.before_mib,
            "memory grown MiB": one.grown_mib,
            "CPU s of the worker": one.cpu_s,
            "list meanwhile, p50 ms": one.list_p50_ms,
            "list meanwhile, p99 ms": one.list_p99_ms,
        }.items()
    }


def _table(found: dict[str, Taken], quiet: tuple[float, float], n_members: int) -> Table:
    table = Table(
        title=f"{n_members:,} members; a list alone: p50 {quiet[0]:.1f}, p99 {quiet[1]:.1f} ms"
    )
    table.add_column("")
    for name in ("s", "rows", "rows/s", "MiB", "grown MiB", "CPU s", "list p50", "list p99 ms"):
        table.add_column(name, justify="right")
    for name, one in found.items():
        table.add_row(
            name,
            f"{one.seconds:.1f}",
            f"{one.rows:,}",
            f"{one.rows / one.seconds:,.0f}",
            f"{one.mib:.1f}",
            f"{one.grown_mib:.1f}",
            f"{one.cpu_s:.1f}",
            f"{one.list_p50_ms:.1f}",
            f"{one.list_p99_ms:.1f}",
        )
    return table


if __name__ == "__main__":
    main()
