"""What lookalikes among a million customers cost: ``make bench-audience``.

A server, its store and a worker on this machine, and the fabricated release of
``benchmarks.fabricated_shoppers``, with vectors of 64. Ten thousand seeds, drawn by the pattern
that is planted there, are sent to ``POST /audiences``, and the worker builds the audience as it
would for a shop, while events come and records are renewed. What the building process costs is read
from outside, every few milliseconds. Beside it stands how well it tells held-out seeds from others,
how well the pattern itself does, which nobody can surpass, and the cosine to the mean vector of
half the seeds, by which the other half is told, as home-grown systems do.
"""

import argparse
import http
import threading
import time
from typing import Any

import numpy as np
import orjson
import redis
from rich.console import Console
from rich.table import Table

from benchmarks import near_line_events
from benchmarks.fabricated_names import customer_id
from benchmarks.fabricated_shoppers import Shoppers, auc
from benchmarks.open_loop import schedule
from benchmarks.results import Goal, Run
from benchmarks.served import KEPT, cartera, settled, store
from benchmarks.servers import ask
from benchmarks.watched import watched
from models.arrays import Mask, Rows
from models.artifacts.keys import Keys
from training.publish import Releases

N_CUSTOMERS, N_SEEDS, SEED = 1_000_000, 10_000, 7
EXPANSION = 2
"""Per cent of all customers."""
RATE, LONGEST_S = 50, 600
"""Events a second while the audience is built, and how long that may take."""
NAMESPACE = "audience"
ASK_EVERY_S = 0.25
BUILDER = "training.audiences.run"
GOAL_CPU_S, GOAL_MIB, GOAL_MS = 60, 2048, 1000


def main() -> None:
    """Run the benchmark, print its table and write its figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--customers", type=int, default=N_CUSTOMERS, help="How many there are.")
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help="How many of them are seeds.")
    asked = parser.parse_args()
    is_whole = (asked.customers, asked.seeds) == (N_CUSTOMERS, N_SEEDS)
    told = "" if is_whole else f' ARGS="--customers {asked.customers} --seeds {asked.seeds}"'
    run = Run.begin("audience" if is_whole else "audience_part", f"make bench-audience{told}")
    made = Shoppers.of(asked.customers, kept=KEPT)
    seeds = made.seeds(asked.seeds, rng=np.random.default_rng(SEED))
    with store(cores=None) as url, redis.Redis.from_url(url) as client:
        Releases(client, Keys(NAMESPACE)).publish(made.folder)
        settled(url)
        metrics, quality = _built(url, client, made, seeds)
    cosine = _cosine_auc(made, seeds)
    metrics |= {
        "AUC on held-out seeds": quality["auc"],
        "AUC of the cosine to the mean vector": cosine,
        "AUC of the pattern itself": auc(made.pattern, _are(seeds, made.n_customers)),
    }
    Console().print(_table(metrics, made.n_customers, seeds.size))
    run.end(
        metrics,
        {
            "CPU s of the building": Goal.at_most(metrics["CPU s of the building"], GOAL_CPU_S),
            "peak MiB of the building": Goal.at_most(metrics["peak MiB of the building"], GOAL_MIB),
            "AUC on held-out seeds, the lower end": Goal.at_least(
                quality["auc_interval"]["low"], cosine
            ),
            "202 to renewed record meanwhile, p99 ms": Goal.at_most(
                metrics["202 to renewed record meanwhile, p99 ms"], GOAL_MS
            ),
        },
        raw={"quality": quality},
    )


def _built(
    url: str,
    client: Any,  # noqa: ANN401  # redis-py's answers have no useful type
    made: Shoppers,
    seeds: Rows,
) -> tuple[dict[str, float], dict[str, Any]]:
    """Have an audience built while events come; return what it took, and how good it is."""
    keys, rng = Keys(NAMESPACE), np.random.default_rng(SEED)
    with (
        cartera("audience", url, namespace=NAMESPACE, cores=None) as server,
        near_line_events.worker(url, namespace=NAMESPACE) as worker,
    ):
        customers = [customer_id(made.n_customers - 1 - n) for n in range(RATE * LONGEST_S)]
        near_line_events.warm_up(server.port, client, keys, who=customers.pop())
        before_s, began = _store_cpu_s(client), time.perf_counter()
        with watched(worker.pid, running=BUILDER) as spent:
            path, ended = _asked(server.port, seeds), threading.Event()
            asking = threading.Thread(target=_wait, args=(server.port, path, ended))
            asking.start()
            heard = near_line_events.played(
                server.port,
                client,
                keys,
                times=schedule(RATE, LONGEST_S, arrivals="poisson", rng=rng).tolist(),
                customers=customers,
                n_items=made.n_items,
                rng=rng,
                enough=ended.is_set,
            )
            asking.join()
        told = _seen(server.port, path)
    if told["status"] != "ready":
        raise RuntimeError(f"the audience is {told['status']} after {LONGEST_S} s: {told}")
    p50, p99 = np.percentile(heard.waits_ms, (50, 99)).tolist()
    metrics = {
        "CPU s of the building": spent.cpu_s,
        "peak MiB of the building": spent.peak_mib,
        "seconds from the request to the members": spent.last_s - began,
        "CPU s of the store meanwhile": _store_cpu_s(client) - before_s,
        "members": float(told["size"]),
        "202 to renewed record meanwhile, p50 ms": p50,
        "202 to renewed record meanwhile, p99 ms": p99,
        "records not renewed": float(len(heard.accepted) - len(heard.renewed)),
    }
    return metrics, told["quality"]


def _asked(port: int, seeds: Rows) -> str:
    """Ask for lookalikes; return where to see how they stand."""
    body = {
        "type": "lookalike",
        "seeds": [customer_id(row) for row in seeds.tolist()],
        "expansion": EXPANSION,
    }
    status, answer = ask(port, "/audiences", method="POST", body=orjson.dumps(body))
    if status != http.HTTPStatus.ACCEPTED:
        raise RuntimeError(f"POST /audiences answered {status}: {answer.decode()}")
    return f"/audiences/{orjson.loads(answer)['audience_id']}"


def _wait(port: int, path: str, ended: threading.Event) -> None:
    """Set ``ended`` once the audience came to an end, or has had all its time."""
    until = time.perf_counter() + LONGEST_S
    while _seen(port, path)["status"] in ("queued", "building") and time.perf_counter() < until:
        time.sleep(ASK_EVERY_S)
    ended.set()


def _seen(port: int, path: str) -> dict[str, Any]:
    _, answer = ask(port, path)
    found: dict[str, Any] = orjson.loads(answer)
    return found


def _store_cpu_s(client: Any) -> float:  # noqa: ANN401  # likewise
    told = client.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


def _cosine_auc(made: Shoppers, seeds: Rows) -> float:
    """Return how well the cosine to half the seeds' mean vector tells the others of them."""
    vectors = made.vectors.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = vectors @ vectors[seeds[::2]].mean(axis=0)
    others = ~_are(seeds[::2], made.n_customers)
    return auc(likeness[others], _are(seeds[1::2], made.n_customers)[others])


def _are(rows: Rows, n: int) -> Mask:
    found = np.zeros(n, dtype=np.bool_)
    found[rows] = True
    return found


def _table(metrics: dict[str, float], n_customers: int, n_seeds: int) -> Table:
    table = Table("", "", title=f"{n_customers:,} customers, {n_seeds:,} seeds")
    for name, value in metrics.items():
        table.add_row(name, f"{value:,.3f}" if value < 1 else f"{value:,.1f}")
    return table


if __name__ == "__main__":
    main()
