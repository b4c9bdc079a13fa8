"""Where a request's time goes: ``make profile``.

A server with the fabricated release of 50,000 items is loaded with the mix, and py-spy looks at its
worker a thousand times a second, from outside. The picture is a flame graph for a browser; the
table names the functions that were running (own) and those that were anywhere on the stack (all).
Time in C counts for the Python function that called it. Threads that wait for work are left out of
the table; in the picture they stand by themselves, as ``_worker``.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.closed_loop import round_of
from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_live import happen
from benchmarks.mix import Mix, Shop, written
from benchmarks.served import KEPT, cartera, published, store
from benchmarks.servers import Running

N_ITEMS, N_CUSTOMERS, N_DRAWN = 50_000, 20_000, 20_000
NAMESPACE = "profile"
RATE = 1000
WARM_UP_S = 2
WAITING = "_worker (concurrent/futures/thread.py)"
PICTURE, STACKS = KEPT / "profile.svg", KEPT / "profile.txt"


def main() -> None:
    """Profile, print the table and say where the picture is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="how long to look")
    parser.add_argument("--mix", default="", help="as in unknown=0,filtered=1")
    parser.add_argument("--top", type=int, default=25, help="functions in the table")
    told = parser.parse_args()
    made = Fabricated.of(N_ITEMS, N_CUSTOMERS, kept=KEPT)
    asked = Mix.told(told.mix).drawn(
        Shop.told(str(N_CUSTOMERS)), N_DRAWN, rng=np.random.default_rng(7)
    )
    requests = written(asked, KEPT / "profile-requests.txt")
    out = Console(width=120, highlight=False)
    with store() as url:
        published(url, made, namespace=NAMESPACE)
        happen(url, made, namespace=NAMESPACE)
        with cartera("profiled", url, namespace=NAMESPACE) as server:
            round_of(server, requests, seconds=WARM_UP_S)
            for picture, kind in ((PICTURE, "flamegraph"), (STACKS, "raw")):
                _watched(server, requests, picture, kind=kind, seconds=told.seconds)
    out.print(_table(STACKS.read_text().splitlines(), n_top=told.top))
    out.print(f"flame graph: {PICTURE}; stacks: {STACKS}")


def _watched(server: Running, requests: Path, path: Path, *, kind: str, seconds: int) -> None:
    """Load the server and let py-spy write what it sees."""
    worker = next(p for p in server.crew() if "uvicorn" in p.cmdline())
    program = Path(sys.executable).with_name("py-spy")
    command = [str(program), "record", "--pid", str(worker.pid), "--rate", str(RATE)]
    command += ["--duration", str(seconds), "--format", kind, "--output", str(path)]
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(round_of, server, requests, seconds=seconds + 1)
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        load.result()
    if ran.returncode:
        raise SystemExit(
            f"py-spy could not look at the server: {ran.stderr.strip()}; it needs the right to "
            "trace processes: run as root, or set /proc/sys/kernel/yama/ptrace_scope to 0"
        )


def _table(stacks: Iterable[str], *, n_top: int) -> Table:
    """Return the functions by their own share of the samples."""
    own, everywhere, n_samples = counted(stacks)
    shown = Table(title=f"Where the worker was, {n_samples:,} samples", title_justify="left")
    shown.add_column("own", justify="right")
    shown.add_column("all", justify="right")
    shown.add_column("function")
    for name, n in own.most_common(n_top):
        shown.add_row(f"{n / n_samples:.1%}", f"{everywhere[name] / n_samples:.1%}", name)
    return shown


def counted(stacks: Iterable[str]) -> tuple[Counter[str], Counter[str], int]:
    """Read py-spy's stacks: ``function (file:line);function (file:line) samples``.

    Returns:
        Samples in which each function was running, and in which it was anywhere on the stack; and
        how many samples there are, at least 1.
    """
    own: Counter[str] = Counter()
    everywhere: Counter[str] = Counter()
    n_samples = 0
    for line in stacks:
        stack, _, samples = line.rpartition(" ")
        names = [frame.rsplit(":", 1)[0].rstrip(")") + ")" for frame in stack.split(";")]
        if names[-1] == WAITING:
            continue
        own[names[-1]] += int(samples)
        for name in set(names):
            everywhere[name] += int(samples)
        n_samples += int(samples)
    return own, everywhere, max(n_samples, 1)


if __name__ == "__main__":
    main()
