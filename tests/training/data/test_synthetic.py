"""A made-up shop has the sizes that were asked for, and what was planted in it can be found."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data import synthetic, synthetic_purchases
from training.data.catalog import read_items
from training.data.read import PurchaseFile, read_purchases
from training.data.synthetic import ShopSize, write_shop
from training.data.synthetic_items import (
    EVERY_DAYS,
    N_KINDS,
    OFF,
    OFFER_EVERY_WEEKS,
    YEAR_DAYS,
    Shelf,
    make_shelf,
)
from training.data.synthetic_purchases import bought

N_DAYS = 730


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return make_shelf(4000, n_days=N_DAYS, rng=np.random.default_rng(7))


@pytest.fixture(scope="module")
def lines(shelf: Shelf) -> pl.DataFrame:
    """What 4,000 customers bought, with rows beside ids and days beside times."""
    rng = np.random.default_rng(8)
    made = bought(shelf, range(4000), n_lines=60_000, n_days=N_DAYS, rng=rng)
    return made.with_columns(
        item=pl.col("item_id").str.strip_prefix("i").cast(pl.Int32),
        day=(pl.col("timestamp") - synthetic_purchases.FIRST_DAY).dt.total_days(),
    )


def read_back(folder: Path) -> PurchaseFile:
    return read_purchases(
        folder / "purchases.parquet", rejects=folder / "rejects.csv", max_rejected=0
    )


SIZES = st.builds(
    lambda n_more, n_customers, **size: ShopSize(
        n_customers=n_customers, n_lines=n_customers + n_more, **size
    ),
    n_customers=st.integers(1, 60),
    n_more=st.integers(0, 300),
    n_items=st.integers(synthetic.SMALLEST_SHELF, 80),
    n_days=st.integers(1, 90),
)


@settings(max_examples=20, deadline=None)
@given(size=SIZES, seed=st.integers(0, 3))
def test_any_shop_has_as_many_customers_items_and_lines_as_were_asked_for(
    tmp_path_factory: pytest.TempPathFactory, size: ShopSize, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("shop")

    files = write_shop(folder, size, seed=seed)

    file, items = read_back(folder), read_items(files.items)
    assert (file.n_lines, file.n_rejected) == (size.n_lines, 0)
    assert file.lines["customer_id"].n_unique() == size.n_customers
    assert items.height == size.n_items
    assert file.lines["item_id"].is_in(items["item_id"].implode()).all()
    assert (file.last - synthetic_purchases.FIRST_DAY).days < size.n_days


def test_blocks_of_customers_make_one_shop_in_the_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "_LINES_PER_BLOCK", 700)
    size = ShopSize(n_customers=1003, n_items=50, n_lines=5001)

    files = write_shop(tmp_path, size, seed=1)

    written = pl.read_parquet(files.purchases)
    assert written.height == 5001
    assert written["customer_id"].n_unique() == 1003
    assert written["timestamp"].is_sorted()
    assert {path.name for path in tmp_path.iterdir()} == {"purchases.parquet", "items.parquet"}


def test_one_seed_makes_one_shop_and_another_another(tmp_path: Path) -> None:
    size = ShopSize(n_customers=200, n_items=100, n_lines=2000)
    first, again, other = (
        write_shop(tmp_path / name, size, seed=seed)
        for name, seed in (("first", 7), ("again", 7), ("other", 8))
    )

    assert pl.read_parquet(first.purchases).equals(pl.read_parquet(again.purchases))
    assert pl.read_parquet(first.items).equals(pl.read_parquet(again.items))
    assert not pl.read_parquet(first.purchases).equals(pl.read_parquet(other.purchases))


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ({"n_items": 7}, "n_items must be at least 8, got 7"),
        ({"n_customers": 0}, "every customer needs a line: got 10 lines for 0"),
        ({"n_customers": 11}, "every customer needs a line: got 10 lines for 11"),
        ({"n_days": 0}, "n_days must be at least 1, got 0"),
    ],
)
def test_a_shop_that_cannot_be_is_refused(size: dict[str, int], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ShopSize(**{"n_customers": 5, "n_items": 8, "n_lines": 10} | size)


def test_what_is_used_up_is_bought_again_when_it_is_used_up(
    shelf: Shelf, lines: pl.DataFrame
) -> None:
    gaps = lines.select(
        "item", gap=pl.col("day").diff().over("customer_id", "item", order_by="timestamp")
    ).filter(pl.col("gap") > 0)
    every = shelf.every_days[gaps["item"].to_numpy()]
    days = sorted(set(EVERY_DAYS) & set(every.tolist()))

    typical = [float(np.median(gaps["gap"].to_numpy()[every == one])) for one in days]

    assert len(days) >= 3
    assert typical == pytest.approx(days, rel=0.15)


def mean_share_of_top(lines: pl.DataFrame, column: str, n: int) -> float:
    """How much of what a customer of many lines buys is of their first ``n``."""
    counts = lines.group_by("customer_id", column).len()
    shares = counts.group_by("customer_id").agg(
        share=pl.col("len").top_k(n).sum() / pl.col("len").sum(), lines=pl.col("len").sum()
    )
    return float(shares.filter(pl.col("lines") >= 20)["share"].mean())  # type: ignore[arg-type]  # a float column's


@pytest.mark.parametrize(("column", "n"), [("category", 3), ("kind", 1)])
def test_customers_keep_to_what_they_like(
    shelf: Shelf, lines: pl.DataFrame, column: str, n: int
) -> None:
    category, kind = np.divmod(shelf.place[lines["item"].to_numpy()], N_KINDS)
    theirs = lines.select("customer_id", category=category, kind=kind)
    anyones = theirs.with_columns(pl.col(column).shuffle(seed=1))

    share = mean_share_of_top(theirs, column, n)

    assert share > mean_share_of_top(anyones, column, n) + 0.15
    assert share > 0.55


def test_a_tenth_of_the_items_sells_most_and_the_shelf_says_which(
    shelf: Shelf, lines: pl.DataFrame
) -> None:
    best = np.argsort(-shelf.popularity)[: shelf.price.size // 10]

    share = lines["item"].is_in(best.tolist()).mean()

    assert share > 0.4  # type: ignore[operator]  # the mean of booleans


def test_what_is_of_a_season_sells_around_its_peak(shelf: Shelf, lines: pl.DataFrame) -> None:
    item, day = lines["item"].to_numpy(), lines["day"].to_numpy()
    seasonal = (shelf.peak_day[item] >= 0) & (shelf.every_days[item] == 0)
    away = (day - shelf.peak_day[item]) % YEAR_DAYS
    near = np.minimum(away, YEAR_DAYS - away) < YEAR_DAYS / 4

    assert seasonal.sum() > 500
    assert near[seasonal].mean() > 0.7
    assert near[shelf.peak_day[item] < 0].mean() < 0.6


def test_nothing_is_sold_before_it_is_there(shelf: Shelf, lines: pl.DataFrame) -> None:
    assert (lines["day"].to_numpy() >= shelf.first_day[lines["item"].to_numpy()]).all()
    assert (shelf.first_day > 0).mean() > 0.2


def test_an_offer_takes_a_fifth_off_in_its_weeks_and_in_no_other(
    shelf: Shelf, lines: pl.DataFrame
) -> None:
    item, week = lines["item"].to_numpy(), lines["day"].to_numpy() // 7
    is_offer = week % OFFER_EVERY_WEEKS == shelf.offer_week[item]
    price, discount = lines["price"].to_numpy(), lines["discount"].to_numpy()

    assert price + discount == pytest.approx(shelf.price[item])
    assert discount == pytest.approx(np.where(is_offer, OFF * shelf.price[item], 0), abs=0.0051)
