"""Nothing after a cut reaches what is judged on it."""

from dataclasses import replace

import polars as pl
import pytest

from models.artifacts.manifest import Manifest
from tests.training.fitted import window
from tests.training.tiny import bought, day, items_of, lines, planted
from tests.training.walked import judge, plan
from training.data.split import HeldOut
from training.fit import baselines
from training.fit.blend import DEFAULT, Window
from training.fit.loaded import loaded
from training.fit.records import records
from training.judge import evaluate
from training.judge.evaluate import Lists

pytestmark = pytest.mark.slow

CUT = 142.0


@pytest.fixture(scope="module")
def shop() -> pl.DataFrame:
    return planted()


@pytest.fixture(scope="module")
def judged(shop: pl.DataFrame) -> Window:
    return window(shop, cut=CUT)


def packed(fitted: Window) -> dict[str, tuple[bytes, bytes]]:
    return {
        id_: (record.pack(), history.pack())
        for id_, record, history in records(fitted.shop, DEFAULT)
    }


def ours(fitted: Window, purchases: pl.DataFrame) -> Lists:
    manifest = Manifest(
        version="leaks",
        created_at="",
        first_purchase="2024-01-01",
        last_purchase="2024-05-21",
        counts={},
        settings={},
        weights=DEFAULT.numbers(),
        metrics={},
    )
    served = loaded(fitted.shop, items_of(purchases), manifest, DEFAULT.weights)
    return evaluate.served(served, packed(fitted), fitted.held_out, name="ours")


def explore_only(lists: Lists, held_out: HeldOut) -> float:
    return evaluate.judge(lists, held_out, n_items=120).means()["explore-only ndcg@10"]


def test_another_future_makes_the_same_records(shop: pl.DataFrame, judged: Window) -> None:
    past = shop.filter(pl.col("timestamp") < day(CUT))
    future = lines(
        *(
            bought(f"c-{n:03d}", f"p-{119 - n % 120:03d}", CUT + n % 28, price=99)
            for n in range(160)
        )
    )

    other = window(pl.concat([past, future]), cut=CUT)

    assert packed(other) == packed(judged)


def test_another_future_chooses_the_same_weights(shop: pl.DataFrame) -> None:
    past = pl.col("timestamp") < day(CUT)
    turned = shop.with_columns(item_id=pl.when(past).then("item_id").otherwise(pl.lit("p-119")))

    assert judge(plan(turned), cut=CUT).choice == judge(plan(shop), cut=CUT).choice


def test_what_others_will_buy_is_listed_no_better_than_what_sells(
    shop: pl.DataFrame, judged: Window
) -> None:
    held_out = judged.held_out
    turned = replace(
        held_out,
        bought=[*held_out.bought[1:], held_out.bought[0]],
        spend=[*held_out.spend[1:], held_out.spend[0]],
    )
    lists = ours(judged, shop)
    popular = list(baselines.all_lists(judged.shop, held_out))[1]

    assert explore_only(lists, held_out) > explore_only(popular, held_out) + 0.1
    assert explore_only(lists, turned) < explore_only(popular, turned) + 0.01
