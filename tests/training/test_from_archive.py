"""What happened in the shop is what the next release knows, and nobody has imported anything."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import redis
import typer

from models.artifacts.event import Event, Line
from models.artifacts.keys import Keys, shard_of
from tests.training.corner_shop import write_items, write_purchases
from tests.training.data.archived import archive, written
from training import runs
from training.budget import Budget
from training.cli_options import something_to_learn_from
from training.data.catalog import read_items
from training.errors import NothingToLearn
from training.progress import Shown
from training.settings import TrainerSettings
from training.shop_files import Files, read

FIRST = datetime(2024, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(store_url) as store:
        yield store


@pytest.fixture
def settings(store_url: str, namespace: str, tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(redis_url=store_url, namespace=namespace, data_dir=tmp_path / "var")


def order(customer_id: str, week: float, *item_ids: str, coupon: str | None = None) -> Event:
    return Event(
        event="purchase",
        event_id=f"{customer_id}-{week}",
        at_ms=int((FIRST + timedelta(weeks=week)).timestamp() * 1000),
        source="backend",
        customer_id=customer_id,
        transaction_id=f"{customer_id}-{week}",
        currency="EUR",
        items=tuple(Line(item_id=item_id, price=2.0, coupon=coupon) for item_id in item_ids),
    )


def orders_of(csv: Path) -> list[Event]:
    """The orders of a purchases file, as a shop's backend tells them."""
    lines = pl.read_csv(csv).group_by("order_id", maintain_order=True).agg(pl.all())
    return [
        Event(
            event="purchase",
            event_id=f"e-{one['order_id']}",
            at_ms=int(datetime.fromisoformat(one["timestamp"][0]).timestamp() * 1000),
            source="backend",
            customer_id=one["customer_id"][0],
            transaction_id=one["order_id"],
            currency="EUR",
            items=tuple(
                Line(item_id=item_id, price=price)
                for item_id, price in zip(one["item_id"], one["price"], strict=True)
            ),
        )
        for one in lines.to_dicts()
    ]


def files(folder: Path, settings: TrainerSettings, **told: Path | None) -> Files:
    return Files(
        archive=settings.archive,
        rejects=folder / "rejects.csv",
        budget=Budget.of("30s"),
        **told,  # type: ignore[arg-type]
    )


@pytest.mark.slow
@pytest.mark.store
def test_a_customer_whom_only_events_know_has_a_record_after_the_next_training(
    store: redis.Redis, settings: TrainerSettings, tmp_path: Path
) -> None:
    keys = Keys(settings.namespace)
    known = orders_of(write_purchases(tmp_path, weeks=6))
    newcomers = [order(f"new{n}", week, "i1", "brand-new") for n in range(4) for week in range(3)]
    redeemed = order("new0", 4, "i1", coupon="MAY")
    archive(store, keys, settings.archive, [*known, *newcomers, redeemed])

    manifest = runs.train(files(tmp_path, settings), settings)

    assert manifest.counts["customers"] == 44
    assert manifest.settings["from_archive"] is True
    assert store.hexists(keys.records(manifest.version, shard_of("new0")), "new0")
    assert store.hgetall(keys.coupons(manifest.version, shard_of("new0"))) == {b"new0": b'["MAY"]'}


def plan_of(told: Files, settings: TrainerSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines and the items that a run would learn from."""
    plan = read(told, settings, Shown()).plan
    return plan.lines, plan.items


def test_a_file_and_the_archive_teach_together(settings: TrainerSettings, tmp_path: Path) -> None:
    purchases = write_purchases(tmp_path, weeks=1)
    again = orders_of(purchases)
    written(settings.archive, *again, order("new", 2, "i1", "i2"))

    lines, _ = plan_of(files(tmp_path, settings, purchases=purchases), settings)

    n_in_file = pl.read_csv(purchases).height
    assert lines.height == n_in_file + 2
    assert lines.filter(pl.col("customer_id") == "new")["item_id"].sort().to_list() == ["i1", "i2"]


def test_beside_a_file_without_order_ids_the_run_says_what_the_archive_teaches(
    settings: TrainerSettings, tmp_path: Path
) -> None:
    purchases = write_purchases(tmp_path, weeks=1)
    again = orders_of(purchases)
    bare = tmp_path / "bare.csv"
    pl.read_csv(purchases).drop("order_id").write_csv(bare)
    written(settings.archive, *again, order("new", 2, "i1", "i2"))

    found = read(files(tmp_path, settings, purchases=bare), settings, Shown())

    assert found.plan.lines.height == pl.read_csv(bare).height + 2
    assert found.remarks[0].startswith("bare.csv has no order_id")


def test_an_item_bought_since_the_list_was_written_is_sold_and_an_older_one_is_gone(
    settings: TrainerSettings, tmp_path: Path
) -> None:
    items = write_items(tmp_path)
    soon = (datetime.now(UTC) - FIRST) / timedelta(weeks=1) + 0.001
    written(settings.archive, order("c-1", 0, "i1", "long-gone"), order("c-1", soon, "brand-new"))

    _, catalogue = plan_of(files(tmp_path, settings, items=items), settings)

    stock = dict(catalogue.select("item_id", "stock").iter_rows())
    assert stock["long-gone"] == 0
    assert stock["brand-new"] is None
    assert catalogue.height == read_items(items).height + 2


@pytest.mark.parametrize("events", [[], [order("c-1", 0)]])
def test_an_archive_without_purchases_says_so(
    settings: TrainerSettings, tmp_path: Path, events: Sequence[Event]
) -> None:
    written(settings.archive, *events)

    with pytest.raises(NothingToLearn, match="the archive holds no purchase"):
        plan_of(files(tmp_path, settings), settings)


def test_without_a_file_and_the_archive_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(typer.BadParameter, match=r"name a file, or .* --from-archive"):
        something_to_learn_from(None, from_archive=False)
