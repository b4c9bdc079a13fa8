"""What ``cartera evaluate`` judges is what the server answers, figure for figure."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.arrays import Rows
from models.artifacts.keys import Keys
from models.ids import Ids
from tests.app.conftest import started
from tests.training.tiny import day, planted
from tests.training.walked import Told, plan, train
from training import pipeline, release
from training.data.split import HeldOut
from training.judge import evaluate
from training.judge.evaluate import K, Lists
from training.publish import Releases


def asked(client: TestClient, ids: Ids, held_out: HeldOut) -> Lists:
    """Ask the server for both lists of every held-out customer."""

    def rows(customer_id: str, novelty: str) -> Rows:
        query: dict[str, str | int]
        query = {"customer_id": customer_id, "limit": K, "novelty": novelty}
        items = client.get("/recommend", params=query).raise_for_status().json()["items"]
        return ids.rows_of([item["item_id"] for item in items])

    return Lists(
        name="over HTTP",
        ordinary=[rows(id_, "any") for id_ in held_out.customer_ids],
        new_only=[rows(id_, "new_only") for id_ in held_out.customer_ids],
    )


@pytest.mark.slow
def test_the_servers_lists_are_those_that_were_judged(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop = plan(planted())
    before = replace(shop, lines=shop.lines.filter(pl.col("timestamp") < day(142)))
    judged = pipeline.judge(shop, cut=before.end, days=28, progress=Told(), only_ours=True)
    folder = tmp_path / train(before, tmp_path).version
    with redis.Redis.from_url(store_url) as store:
        Releases(store, Keys(namespace)).publish(folder)
    settings = ServerSettings(
        redis_url=store_url, namespace=namespace, data_dir=tmp_path, redis_timeout_ms=500
    )

    with started(settings) as client:
        lists = asked(client, release.load(folder).catalogue.ids, judged.held_out)

    served = evaluate.judge(lists, judged.held_out, n_items=judged.n_items)
    assert len(judged.held_out.customer_ids) > 100
    assert served.coverage == judged.judged[0].coverage
    for metric, values in served.values.items():
        np.testing.assert_array_equal(values, judged.judged[0].values[metric], err_msg=metric)
