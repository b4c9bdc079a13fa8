"""Our side of the peers: make their environments, run them, and read their lists.

Every model is a process of its own with one thread, so that its CPU seconds and its memory are its
own; two run at a time. A peer that cannot be installed or run is a line in the report, never the
end of the run.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers.answering import NOTHING, Split
from benchmarks.results import Cost
from models.arrays import Rows, Scores
from models.ranking import best
from training.data.purchases import Purchases
from training.data.split import HeldOut
from training.judge.evaluate import K, Lists

PEERS: Mapping[str, Sequence[str]] = {
    "implicit": ("ALS", "BPR", "LMF"),
    "cornac": ("GPTop", "UPCF", "TIFUKNN"),
    "rectools": ("popular", "item-kNN TF-IDF", "PureSVD"),
    "lenskit": ("item-kNN", "user-kNN", "ImplicitMF"),
}
"""The models of each; ``lenskit`` brings torch, some 5 GB on disk."""
TITLES = {"implicit": "implicit", "cornac": "Cornac", "rectools": "RecTools", "lenskit": "LensKit"}
FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
INSTALL_LIMIT_S = 900
MODEL_LIMIT_S = 420
AT_ONCE = 2
SPLIT = "split.npz"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LK_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A model's lists, or why there are none."""

    name: str
    lists: Lists | None = None
    cost: Cost | None = None
    problem: str = ""


def split_of(purchases: Purchases, held_out: HeldOut) -> Split:
    """Return what the peers may know: the lines that our own models of customers learn from."""
    lines = purchases.known
    customer, order = purchases.customer[lines], purchases.order[lines]
    age = purchases.age_days[lines]
    sequence = np.lexsort((purchases.item[lines], order, -age, customer))
    lines = lines[sequence]
    known = held_out.customers[[rows.size > 0 for rows in held_out.bought_before]]
    return Split(
        customer=purchases.customer[lines],
        item=purchases.item[lines],
        order=purchases.order[lines],
        day=age.max() - age[sequence],
        n_customers=purchases.n_customers,
        n_items=purchases.n_ranked,
        asked=known,
    )


def answers(
    split: Split, held_out: HeldOut, *, stranger: Scores, folder: Path, peers: Sequence[str]
) -> Iterator[Answer]:
    """Run every model of ``peers`` and yield what it answers.

    Args:
        split: Of ``split_of``.
        held_out: Whose lists are wanted.
        stranger: Scores of the items for customers whom no peer knows: what sells.
        folder: Where the environments and the files that pass between us are kept.
        peers: Names of ``PEERS``.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    split.write(folder / SPLIT)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked: list[tuple[str, Future[Path]]] = []
        for peer in peers:
            try:
                python = environment(peer, folder)
            except (OSError, subprocess.SubprocessError) as problem:
                yield Answer(name=TITLES[peer], problem=f"could not be installed: {_last(problem)}")
                continue
            asked += [
                (f"{TITLES[peer]}, {model}", pool.submit(_ask, peer, model, python, folder))
                for model in PEERS[peer]
            ]
        for name, lists in asked:
            try:
                yield read(name, lists.result(), split, held_out, stranger=stranger)
            except (OSError, subprocess.SubprocessError) as problem:
                yield Answer(name=name, problem=f"gave no answer: {_last(problem)}")


def _ask(peer: str, model: str, python: Path, folder: Path) -> Path:
    lists = folder / f"{peer}-{PEERS[peer].index(model)}.npz"
    lists.unlink(missing_ok=True)
    peers_side = [str(python), "-m", f"benchmarks.peers.{peer}", model]
    _run([*peers_side, str(folder / SPLIT), str(lists)], limit_s=MODEL_LIMIT_S)
    return lists


def environment(peer: str, folder: Path) -> Path:
    """Return the Python that has ``peer``; install it on first use, or where its pins changed."""
    pins = (FOLDER / f"{peer}.txt").read_bytes()
    place = folder / peer
    python, done = place / "bin" / "python", place / "installed.txt"
    if not (done.exists() and done.read_bytes() == pins):
        _run([sys.executable, "-m", "venv", "--clear", str(place)], limit_s=INSTALL_LIMIT_S)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        pip += ["--no-deps", "--only-binary=:all:", "--requirement", str(FOLDER / f"{peer}.txt")]
        _run(pip, limit_s=INSTALL_LIMIT_S)
        done.write_bytes(pins)
    return python


def read(name: str, path: Path, split: Split, held_out: HeldOut, *, stranger: Scores) -> Answer:
    """Read a model's lists, in the order of ``held_out``; strangers get what sells."""
    place = {int(customer): n for n, customer in enumerate(split.asked)}
    sells = best(stranger, K)
    with np.load(path) as found:
        ordinary, new_only = found["ordinary"], found["new_only"]
        cost = Cost(
            fit_cpu_s=float(found["fit_cpu_s"]),
            predict_cpu_s=float(found["predict_cpu_s"]),
            peak_mib=float(found["peak_mib"]),
        )

    def lists(of: Rows) -> list[Rows]:
        rows = (place.get(int(customer)) for customer in held_out.customers)
        return [sells if row is None else of[row][of[row] != NOTHING] for row in rows]

    return Answer(
        name=name,
        lists=Lists(name=name, ordinary=lists(ordinary), new_only=lists(new_only)),
        cost=cost,
    )


def _run(command: Sequence[str], *, limit_s: float) -> None:
    subprocess.run(
        ["nice", *command],
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        timeout=limit_s,
        check=True,
        capture_output=True,
        text=True,
    )


def _last(problem: Exception) -> str:
    """Return one line: the last that a process wrote, or what else went wrong."""
    if isinstance(problem, subprocess.TimeoutExpired):
        return f"it was not done within {problem.timeout:g} seconds"
    said = (getattr(problem, "stderr", None) or "").strip()
    return said.splitlines()[-1] if said else str(problem)
