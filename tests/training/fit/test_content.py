"""What labels say of items that nobody has bought yet.

Forty customers of two tastes: who likes tea buys every tea of five, who likes coffee every coffee.
A sixth of each comes new into the shop, with nothing but a label.
"""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.loaded import Loaded
from tests.shop import tiny
from tests.training.tiny import basket, day, items_of, lines
from training.data.purchases import number
from training.fit import content, shop
from training.fit.blend import DEFAULT
from training.fit.content import MOST, Labels
from training.fit.loaded import loaded
from training.fit.records import records
from training.fit.shop import Shop

TEAS = [f"tea-{n}" for n in range(5)]
COFFEES = [f"coffee-{n}" for n in range(5)]
NEW = ["new-tea", "new-coffee"]
UNTIL = 65


@pytest.fixture(scope="module")
def items() -> pl.DataFrame:
    told = _purchases()
    known = items_of(told)
    every = pl.concat([known, known.head(2).with_columns(item_id=pl.Series(NEW))])
    is_tea = pl.col("item_id").str.contains("tea")
    kind = pl.when(is_tea).then(pl.lit("tea")).otherwise(pl.lit("coffee"))
    return every.with_columns(
        category=kind, title=pl.format("{} of the house", kind), brand=pl.lit("Alba")
    )


@pytest.fixture(scope="module")
def fitted(items: pl.DataFrame) -> Shop:
    bought = number(_purchases(), items["item_id"], until=day(UNTIL), min_buyers=5)
    return shop.fit(bought, seed=7)


@pytest.fixture(scope="module")
def labels(fitted: Shop, items: pl.DataFrame) -> Labels:
    found = content.fit(fitted, items)
    assert found is not None
    return found


def _purchases() -> pl.DataFrame:
    told = []
    for n in range(40):
        taste = TEAS if n % 2 else COFFEES
        for order in range(4):
            shown = taste[: 4 + (n + order) % 2]
            told += basket(f"c-{n:02d}", " ".join(shown), on=order * 20 + n / 40)
    told += basket("c-00", "slow-tea", on=10)  # once, long ago: no model, and not new
    return lines(*told)


def row(fitted: Shop, item: str) -> int:
    return fitted.purchases.item_ids.index(item)


def test_what_nobody_bought_is_new_and_what_did_not_sell_is_not(
    fitted: Shop, labels: Labels
) -> None:
    assert sorted(fitted.purchases.item_ids[new] for new in labels.new) == sorted(NEW)
    assert row(fitted, "slow-tea") >= fitted.purchases.n_ranked


def test_a_new_tea_is_liked_by_who_likes_tea(fitted: Shop, labels: Labels) -> None:
    n_ranked = fitted.purchases.n_ranked
    coffee_lover, tea_lover = fitted.collaborative.customers[:2]
    places = np.array([row(fitted, item) - n_ranked for item in NEW], dtype=np.int32)

    tea, coffee = labels.model.score(tea_lover, places)
    assert tea > coffee
    tea, coffee = labels.model.score(coffee_lover, places)
    assert coffee > tea


def test_buyers_are_expected_of_new_items_only(fitted: Shop, labels: Labels) -> None:
    expected = dict(
        zip(
            fitted.purchases.item_ids[fitted.purchases.n_ranked :],
            labels.model.buyers,
            strict=True,
        )
    )

    assert expected["slow-tea"] == 0
    assert 0 < expected["new-tea"] < 20  # the teas that sell have 20 buyers, the slow one none
    assert expected["new-coffee"] > expected["new-tea"]  # no coffee sold slowly


def test_worth_is_that_of_the_items_of_its_kind_and_less(fitted: Shop, labels: Labels) -> None:
    """Ridge draws towards 0, and so does the tea that nobody came back for."""
    n_ranked = fitted.purchases.n_ranked
    tea = np.array([["tea" in item for item in fitted.purchases.item_ids[:n_ranked]]], np.float32)

    worth = dict(
        zip((fitted.purchases.item_ids[r] for r in labels.new), labels.worth(tea)[0], strict=True)
    )

    assert 0.3 < worth["new-tea"] < 1
    assert abs(worth["new-coffee"]) < 0.2


def test_worth_is_linear_and_nothing_is_worth_nothing(fitted: Shop, labels: Labels) -> None:
    scores = np.random.default_rng(7).random((3, fitted.purchases.n_ranked)).astype(np.float32)

    assert labels.worth(2 * scores) == pytest.approx(2 * labels.worth(scores), rel=1e-4, abs=1e-5)
    assert not labels.worth(np.zeros_like(scores)).any()


def _record(scores: list[float]) -> CustomerRecord:
    return CustomerRecord(
        vector=np.zeros(2, np.float16),
        rows=np.arange(len(scores), dtype=np.int32),
        reasons=np.full(len(scores), Reason.TASTE, np.uint8),
        scores=np.array(scores, dtype=np.float32),
    )


HISTORY = History(
    rows=np.empty(0, np.int32),
    times=np.empty(0, np.uint16),
    last_day=np.empty(0, np.uint16),
    every_days=np.empty(0, np.uint16),
    repeat=np.empty(0, np.float32),
)


def test_new_items_enter_a_list_where_they_are_worth_more_than_its_last(
    fitted: Shop, labels: Labels
) -> None:
    teas = [row(fitted, tea) for tea in TEAS]
    record = _record([1.0] * 10)
    liked = replace(
        record,
        rows=np.array([*teas, *(r for r in range(10) if r not in teas)], np.int32),
        scores=np.array([1.0] * 5 + [0.01] * 5, np.float32),
    )

    ((id_, entered, history),) = labels.entering([("c", liked, HISTORY)])

    assert id_ == "c"
    assert history is HISTORY
    assert entered.rows.size == 10
    assert set(entered.rows[:5]) == set(teas)
    assert entered.rows[5] == row(fitted, "new-tea")
    assert entered.reasons[5] == Reason.ALIKE
    assert (np.diff(entered.scores) <= 0).all()


def test_where_new_items_are_worth_less_the_list_stays(labels: Labels) -> None:
    flat = _record([1.0] * 10)

    ((_, entered, _),) = labels.entering([("c", flat, HISTORY)])

    assert entered.rows.tolist() == flat.rows.tolist()


def test_an_empty_list_stays_empty(labels: Labels) -> None:
    ((_, entered, _),) = labels.entering([("c", _record([]), HISTORY)])

    assert entered.rows.size == 0


def test_every_record_comes_through_once_and_in_order(fitted: Shop, labels: Labels) -> None:
    made = list(records(fitted, DEFAULT))

    entered = list(labels.entering(made))

    assert [id_ for id_, _, _ in entered] == [id_ for id_, _, _ in made]
    for (_, before, _), (_, after, _) in zip(made, entered, strict=True):
        new = after.rows[after.reasons == Reason.ALIKE]
        assert new.size <= MOST
        assert set(after.rows) - set(new) <= set(before.rows)
        assert after.rows.size == before.rows.size


def test_a_second_fit_is_equal(fitted: Shop, items: pl.DataFrame, labels: Labels) -> None:
    again = content.fit(fitted, items)

    assert again is not None
    assert again.model.items.tobytes() == labels.model.items.tobytes()
    assert again.model.buyers.tobytes() == labels.model.buyers.tobytes()


def test_items_without_any_label_are_all_alike(fitted: Shop, items: pl.DataFrame) -> None:
    bare = items.with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("category", "brand", "title")
    ).with_columns(price=pl.lit(None, pl.Float64))

    found = content.fit(fitted, bare)

    assert found is not None
    assert np.ptp(found.model.items, axis=0).max() == 0


def test_where_every_item_has_a_model_labels_say_nothing(items: pl.DataFrame) -> None:
    sold = items.filter(~pl.col("item_id").is_in([*NEW, "slow-tea"]))
    told = _purchases().filter(pl.col("item_id") != "slow-tea")
    bought = number(told, sold["item_id"], until=day(UNTIL), min_buyers=1)

    assert content.fit(shop.fit(bought, seed=7), sold) is None


def test_the_release_holds_the_estimates(fitted: Shop, items: pl.DataFrame, labels: Labels) -> None:
    release: Loaded = loaded(fitted, items, tiny().loaded.manifest, DEFAULT.weights, labels=labels)

    assert release.content is labels.model
    assert Loaded.from_arrays(release.manifest, release.arrays()).content is not None


def test_a_new_item_displaces_only_what_is_worth_less(labels: Labels) -> None:
    known = np.array([0.9, 0.5, 0.3, 0.01], dtype=np.float32)
    record = CustomerRecord(
        vector=np.zeros(2, np.float16),
        rows=np.arange(4, dtype=np.int32),
        reasons=np.full(4, Reason.REPEAT, np.uint8),
        scores=known,
    )
    four = replace(labels, new=np.arange(4, 8, dtype=np.int32))

    entered = four._entered(record, np.full(4, 0.02, dtype=np.float32))

    assert entered.rows.tolist() == [0, 1, 2, 4]
    assert entered.scores.tolist() == pytest.approx([0.9, 0.5, 0.3, 0.02])
