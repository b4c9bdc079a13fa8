"""A training run from lines to a release that serves, on a shop with habits and tastes planted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.artifacts.customer_record import DAY_ZERO, CustomerRecord, History, Reason
from models.asked import Query
from models.recommend import recommend
from models.shaping.rules import parse
from tests.training.fitted import of_discovery
from tests.training.rank.calendars import Promoted, calendar_of
from tests.training.rank.ranked import promoted_shop
from tests.training.tiny import bought, day, items_of, lines, planted
from tests.training.walked import Told, judge, plan, train
from training import lessons, pipeline, release
from training.budget import Budget
from training.errors import NothingToLearn
from training.fit.blend import DEFAULT
from training.judge import gate
from training.pipeline import Evaluation
from training.plan import Plan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop() -> pl.DataFrame:
    return planted()


@pytest.fixture(scope="module")
def trained(shop: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    return folder / train(plan(shop), folder).version


@pytest.fixture(scope="module")
def evaluation(shop: pl.DataFrame) -> Evaluation:
    return judge(plan(shop))


def test_the_release_loads_and_says_what_it_learned_from(shop: pl.DataFrame, trained: Path) -> None:
    manifest = release.load(trained).manifest

    assert manifest.version == trained.name
    assert manifest.counts == {
        "lines": shop.height,
        "orders": shop["order_id"].n_unique(),
        "customers": 160,
        "items": 120,
        "items with models": 120,
    }
    first, last = shop.select(pl.min("timestamp"), last=pl.max("timestamp")).row(0)
    assert manifest.first_purchase == first.isoformat(timespec="seconds")
    assert manifest.last_purchase == last.isoformat(timespec="seconds")
    assert manifest.settings == {"seed": 7}


def test_the_release_is_better_than_counting_and_passes_the_gate(trained: Path) -> None:
    manifest = release.manifest_of(trained)

    assert manifest.metrics[gate.SCORE] > 2 * manifest.metrics[gate.BASELINE]
    assert manifest.metrics["validation windows"] == 2
    assert manifest.metrics["validation customers"] == 2 * 160
    assert all(np.isfinite(value) for value in manifest.metrics.values())
    gate.check(manifest, None)


def test_every_customer_is_first_offered_what_they_buy_again_and_again(trained: Path) -> None:
    loaded = release.load(trained)

    for _, packed, packed_history, _ in release.customers_of(trained):
        record, history = CustomerRecord.unpack(packed), History.unpack(packed_history)
        answer = recommend(loaded, Query(limit=3), record=record, history=history)
        shown = np.isin(history.rows, answer.ranked.rows)
        assert shown.sum() == 3
        assert history.times[shown].min() > np.median(history.times)
        assert answer.ranked.reasons.tolist() == [Reason.REPEAT] * 3


def test_what_is_new_to_a_customer_is_of_their_taste(trained: Path) -> None:
    loaded = release.load(trained)
    of_taste = n_shown = 0

    for id_, packed, history, _ in release.customers_of(trained):
        answer = recommend(
            loaded,
            Query(limit=5, novelty="new_only"),
            record=CustomerRecord.unpack(packed),
            history=History.unpack(history),
        )
        shown = [int(loaded.catalogue.ids.id_of(int(row))[2:]) for row in answer.ranked.rows]
        of_taste += sum(item % 4 == int(id_[2:]) % 4 for item in shown)
        n_shown += len(shown)

    assert of_taste / n_shown > 0.8


def test_two_runs_with_one_seed_are_equal_and_with_another_are_not(
    shop: pl.DataFrame, trained: Path, tmp_path: Path
) -> None:
    again = train(plan(shop), tmp_path)
    other = train(plan(shop, seed=8), tmp_path)

    assert again.version != trained.name
    assert again.files == release.manifest_of(trained).files
    assert again.weights == release.manifest_of(trained).weights
    assert other.files != again.files


def test_a_shop_too_young_to_be_judged_is_trained_with_the_default(tmp_path: Path) -> None:
    told = Told()

    manifest = train(plan(planted(n_customers=40, n_days=40)), tmp_path, told)

    assert manifest.metrics == {}
    assert manifest.weights == DEFAULT.numbers()
    assert release.load(tmp_path / manifest.version).version == manifest.version
    assert "judge on the validation window" not in told.stops


def test_a_shop_with_one_window_is_judged_on_it(tmp_path: Path) -> None:
    told = Told()

    manifest = train(plan(planted(n_customers=40, n_days=100)), tmp_path, told)

    assert manifest.metrics["validation customers"] == 40
    assert sum("for validation" in stop for stop in told.stops) == 1


def test_what_cannot_be_judged_is_left_out_of_the_figures(tmp_path: Path) -> None:
    manifest = train(plan(of_discovery()), tmp_path)

    assert "explore ndcg@10" in manifest.metrics
    assert "repeat ndcg@10" not in manifest.metrics
    assert release.manifest_of(tmp_path / manifest.version) == manifest


def test_every_stop_is_told_in_its_order(shop: pl.DataFrame, tmp_path: Path) -> None:
    told = Told()

    train(plan(shop.filter(pl.col("timestamp") < day(150))), tmp_path, told)

    assert [stop.split(",")[0][:10] for stop in told.stops] == [
        "fit before",
        "fit before",
        "choose the",
        "judge and ",
        "fit before",
        "fit on eve",
        "know the c",
        "rank every",
    ]
    assert {"EASE", "collaborative factors"} <= set(told.words)


def test_an_item_that_nobody_bought_is_found_by_a_filter(tmp_path: Path) -> None:
    purchases = planted(n_customers=30, n_days=40)
    items = items_of(purchases, category={"p-001": "dairy"})
    unsold = items.head(1).with_columns(item_id=pl.lit("truffle"), category=pl.lit("dairy"))
    with_unsold = Plan(lines=purchases, items=pl.concat([items, unsold]), seed=7, min_buyers=None)
    loaded = release.load(tmp_path / train(with_unsold, tmp_path).version)

    answer = recommend(loaded, Query(filter=parse({"eq": ["category", "dairy"]})))

    shown = [loaded.catalogue.ids.id_of(int(row)) for row in answer.ranked.rows]
    assert shown == ["p-001", "truffle"]


def test_ours_is_judged_beside_every_baseline(evaluation: Evaluation) -> None:
    means = {judged.name: judged.means() for judged in evaluation.judged}

    assert next(iter(means)) == "Cartera"
    assert len(means) == 9
    for name, others in means.items():
        if name != "Cartera":
            assert means["Cartera"]["ndcg@10"] > others["ndcg@10"]
    assert evaluation.n_items == 120
    assert len(evaluation.held_out.customer_ids) == 160


def test_only_ours_is_judged_where_that_is_asked(shop: pl.DataFrame) -> None:
    found = pipeline.judge(plan(shop), cut=day(142), days=28, progress=Told(), only_ours=True)

    assert [judged.name for judged in found.judged] == ["Cartera"]


def test_the_window_may_run_to_the_end(shop: pl.DataFrame, evaluation: Evaluation) -> None:
    found = judge(plan(shop), cut=142, days=None)

    assert found.days is None
    assert found.judged[0].means() == evaluation.judged[0].means()


def test_a_window_without_purchases_is_told(shop: pl.DataFrame) -> None:
    with pytest.raises(NothingToLearn, match="nobody bought an item with a model in the window"):
        judge(plan(shop), cut=400)


def test_a_shop_of_strangers_teaches_nothing(tmp_path: Path) -> None:
    purchases = lines(bought(None, "milk", 1), bought(None, "jam", 2))

    with pytest.raises(NothingToLearn, match="0 customers, 2 items"):
        train(plan(purchases), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_month_in_which_the_shop_was_shut_is_no_window(tmp_path: Path) -> None:
    purchases = planted(n_customers=40, n_days=170)
    shut = pl.col("timestamp").is_between(day(110), day(145))

    manifest = train(plan(purchases.filter(~shut)), tmp_path)

    assert manifest.metrics["validation customers"] > 0


def test_the_last_purchase_is_of_the_last_day_that_was_learned(tmp_path: Path) -> None:
    manifest = train(plan(planted(n_customers=20, n_days=30)), tmp_path)

    loaded = release.load(tmp_path / manifest.version)
    latest = max(
        int(History.unpack(history).last_day.max())
        for _, _, history, _ in release.customers_of(tmp_path / manifest.version)
    )
    assert DAY_ZERO + np.timedelta64(latest, "D") == loaded.last_day


def mailed(purchases: pl.DataFrame, *, until: float) -> Plan:
    """A plan with a tenth of the items in the mailer, for months and until a day."""
    promotions = calendar_of(*(Promoted(f"p-{n:03d}", 60, until) for n in range(0, 120, 10)))
    return replace(plan(purchases), promotions=promotions)


def test_a_calendar_that_ends_with_the_past_is_left_out_and_the_manifest_says_so(
    shop: pl.DataFrame, trained: Path, tmp_path: Path
) -> None:
    manifest = train(mailed(shop, until=170), tmp_path)

    told = manifest.choices["promotions"]
    assert told["chosen"] is False
    assert "says too little of the 28 days after the last purchase" in told["why"]
    assert manifest.files == release.manifest_of(trained).files


def test_a_calendar_is_not_read_where_the_blend_ranks(tmp_path: Path) -> None:
    manifest = train(mailed(planted(n_customers=40, n_days=100), until=128), tmp_path)

    assert manifest.choices["base lists"]["chosen"] == "blend"
    told = manifest.choices["promotions"]
    assert told["chosen"] is False
    assert "only the ranker reads the calendar" in told["why"]


def test_a_release_without_a_calendar_says_nothing_of_one(trained: Path) -> None:
    manifest = release.manifest_of(trained)

    assert "promotions" not in manifest.choices
    assert set(manifest.choices["base lists"]) == {"chosen", "why", "figures"}


def test_a_budget_too_short_leaves_the_ranker_out_and_says_so(
    shop: pl.DataFrame, tmp_path: Path
) -> None:
    manifest = train(replace(plan(shop), budget=Budget(seconds=0.01)), tmp_path)

    told = manifest.choices["base lists"]
    assert told["chosen"] == "blend"
    assert "give a longer --budget" in told["why"]
    assert manifest.metrics["validation windows"] == 1
    gate.check(manifest, None)
    for _, packed, *_ in release.customers_of(tmp_path / manifest.version):
        scores = CustomerRecord.unpack(packed).scores
        assert 0 <= scores.min() <= scores.max() <= 1


def test_where_no_budget_holds_everybodys_list_no_older_window_is_asked_for_a_ranker(
    shop: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "LEAST_CUSTOMER_S", 3600.0)

    manifest = train(plan(shop), tmp_path)

    told = manifest.choices["base lists"]
    assert told["chosen"] == "blend"
    assert f"it needs some {3600 * manifest.counts['customers']:,} s more" in told["why"]
    assert set(told["figures"]) == {"blend"}
    assert manifest.metrics["validation windows"] == 2


def test_scores_of_a_judged_release_are_probabilities(trained: Path) -> None:
    for _, packed, *_ in release.customers_of(trained):
        scores = CustomerRecord.unpack(packed).scores
        assert 0 <= scores.min() <= scores.max() <= 1
        assert (np.diff(scores) <= 0).all()


def test_a_calendar_that_reaches_ahead_is_read_where_promotions_sell(tmp_path: Path) -> None:
    """What the older windows have never seen, a branch or a kind of promotion, is no obstacle."""
    purchases, promotions = promoted_shop()
    late = pl.col("timestamp") >= day(100)
    purchases = purchases.with_columns(
        store_id=pl.when(late).then(pl.lit("new")).otherwise(pl.lit("old")),
        item_id=pl.when(late & (pl.col("item_id") == "p-000"))
        .then(pl.lit("eggnog"))
        .otherwise("item_id"),
    )
    unheard = calendar_of(
        Promoted("eggnog", 0, 300, kind='launch, "new"'),
        Promoted("nothing we sell", 0, 300, kind="launch  new"),
    )

    manifest = train(
        replace(plan(purchases), promotions=pl.concat([promotions, unheard])), tmp_path
    )

    assert manifest.choices["base lists"]["chosen"] == "ranker"
    assert manifest.choices["promotions"] == {
        "chosen": True,
        "why": "the calendar reaches into the coming window",
        "kinds": ["launch  new", 'launch, "new"', "mailer"],
    }
    assert release.manifest_of(tmp_path / manifest.version).choices == manifest.choices
