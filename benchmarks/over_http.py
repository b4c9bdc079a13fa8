"""Whether the server answers what was judged: ``make bench-over_http``.

The Complete Journey is learned before 2017-12-04 and judged on what came after, as ``cartera
evaluate`` does; then the release of the same lines is published and served by ``cartera serve``,
and every customer of the window is asked for over HTTP, through the hot way. The levels of the
answers are counted (0, but 3 for whoever had bought nothing before), and the figures must be the
same to the last digit. Purchases alone, without the calendar.
"""

import argparse
import http
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
import polars as pl
import redis
from rich.console import Console
from rich.table import Table

from benchmarks.journey import SEED, Journey
from benchmarks.quality import CUT
from benchmarks.results import Goal, Run
from benchmarks.served import cartera, store
from benchmarks.servers import ask
from models.arrays import Rows
from models.artifacts.keys import Keys
from models.ids import Ids
from training import pipeline, release
from training.budget import Budget
from training.data.split import HeldOut
from training.judge import evaluate
from training.judge.evaluate import K, Lists
from training.plan import Plan
from training.progress import Shown
from training.publish import Releases
from training.settings import TrainerSettings

NAMESPACE = "journey"
BUDGET = "2h"
"""Both runs must choose alike, so neither may run out of time."""


def main() -> None:
    """Judge, serve, ask, compare; print the table and write the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run = Run.begin("over_http", "make bench-over_http")
    shop, shown = Journey.read(), Shown()
    before = _plan(shop, shop.lines.filter(pl.col("timestamp") < CUT))
    after = _plan(shop, shop.lines)
    judged = pipeline.judge(after, cut=before.end, days=None, progress=shown, only_ours=True)
    with TemporaryDirectory() as parent:
        made = pipeline.train(
            before,
            folder=Path(parent),
            settings=TrainerSettings.model_construct(),
            told={},
            progress=shown,
        )
        folder = Path(parent, made.version)
        lists, levels = _served(folder, judged.held_out)
    served = evaluate.judge(lists, judged.held_out, n_items=judged.n_items)
    told = judged.judged[0].means()
    same = {
        name: bool(np.array_equal(values, judged.judged[0].values[name], equal_nan=True))
        for name, values in served.values.items()
    }
    table = Table("metric", "judged", "over HTTP", "the same for each customer")
    for name, value in served.means().items():
        table.add_row(name, f"{told[name]:.4f}", f"{value:.4f}", str(same.get(name, "")))
    Console().print(table)
    n_customers = len(judged.held_out.customer_ids)
    run.end(
        {f"judged {name}": value for name, value in told.items()}
        | {f"over HTTP {name}": value for name, value in served.means().items()}
        | {"customers": n_customers}
        | {f"answers of level {level}": levels.count(level) for level in sorted({*levels})},
        {"figures that are the same": Goal.at_least(sum(same.values()), len(same))},
    )


def _plan(shop: Journey, lines: pl.DataFrame) -> Plan:
    return Plan(lines=lines, items=shop.items, seed=SEED, min_buyers=None, budget=Budget.of(BUDGET))


def _served(folder: Path, held_out: HeldOut) -> tuple[Lists, list[int]]:
    """Return both lists of every customer as the server gives them, and all their levels."""
    ids = release.load(folder).catalogue.ids
    with store() as url:
        with redis.Redis.from_url(url) as client:
            Releases(client, Keys(NAMESPACE)).publish(folder)
        with cartera("journey", url, namespace=NAMESPACE, answers=_is_ready) as server:
            answers = {
                novelty: [_answer(server.port, id_, novelty) for id_ in held_out.customer_ids]
                for novelty in ("any", "new_only")
            }
    lists = {novelty: [_rows(ids, one) for one in found] for novelty, found in answers.items()}
    levels = [int(answer["level"]) for found in answers.values() for answer in found]
    return Lists(name="over HTTP", ordinary=lists["any"], new_only=lists["new_only"]), levels


def _is_ready(port: int) -> bool:
    status, _ = ask(port, "/readyz")
    return status == http.HTTPStatus.OK


def _answer(port: int, customer_id: str, novelty: str) -> Any:  # noqa: ANN401  # any JSON
    asked = urlencode({"customer_id": customer_id, "limit": K, "novelty": novelty})
    status, body = ask(port, f"/recommend?{asked}")
    if status != http.HTTPStatus.OK:
        raise RuntimeError(f"the server answered {status}, expected 200: {body[:200]!r}")
    return orjson.loads(body)


def _rows(ids: Ids, answer: Any) -> Rows:  # noqa: ANN401  # any JSON
    return ids.rows_of([item["item_id"] for item in answer["items"]])


if __name__ == "__main__":
    main()
