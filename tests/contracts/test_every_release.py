"""What every release keeps on its way from the trainer to an answer."""

from pathlib import Path

import numpy as np
import pytest

from models.artifacts.customer_record import CustomerRecord, History
from models.asked import Query
from models.recommend import recommend
from tests.training.fitted import of_discovery
from tests.training.tiny import basket, lines
from tests.training.walked import plan, train
from training import release

EVERYTHING, NOTHING = "a-everything", "a-nothing"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = of_discovery()
    everything = " ".join(told["item_id"].unique().sort())
    extreme = lines(*basket(EVERYTHING, everything, 100), *basket(NOTHING, "rare", 100))
    releases = tmp_path_factory.mktemp("releases")
    return releases / train(plan(told.vstack(extreme), min_buyers=2), releases).version


@pytest.fixture(scope="module")
def customers(folder: Path) -> dict[str, tuple[CustomerRecord, History, bytes]]:
    return {
        id_: (CustomerRecord.unpack(record), History.unpack(history), profile)
        for id_, record, history, profile in release.customers_of(folder)
    }


def test_saving_and_loading_change_no_answer(
    folder: Path, tmp_path: Path, customers: dict[str, tuple[CustomerRecord, History, bytes]]
) -> None:
    loaded = release.load(folder)
    release.write(tmp_path, loaded, ((id_, *told) for id_, told in customers.items()))

    again = release.load(tmp_path)

    assert (tmp_path / release.BUNDLE).read_bytes() == (folder / release.BUNDLE).read_bytes()
    assert (tmp_path / release.CUSTOMERS).read_bytes() == (folder / release.CUSTOMERS).read_bytes()
    for record, history, _ in customers.values():
        for query in (Query(limit=20), Query(limit=20, novelty=0.5, diversity=0.5)):
            one = recommend(loaded, query, record=record, history=history)
            other = recommend(again, query, record=record, history=history)
            assert one.ranked.rows.tolist() == other.ranked.rows.tolist()
            assert one.ranked.scores.tolist() == other.ranked.scores.tolist()


@pytest.mark.parametrize("novelty", ["any", "new_only", 0.3])
@pytest.mark.parametrize("customer", [EVERYTHING, NOTHING, None])
def test_who_bought_everything_nothing_or_is_unknown_is_answered(
    folder: Path,
    customers: dict[str, tuple[CustomerRecord, History, bytes]],
    customer: str | None,
    novelty: object,
) -> None:
    loaded = release.load(folder)
    record, history = customers[customer][:2] if customer else (None, None)

    answer = recommend(
        loaded,
        Query(limit=10, novelty=novelty),  # type: ignore[arg-type]
        record=record,
        history=history,
    )

    only_new_of_everything = customer == EVERYTHING and novelty == "new_only"
    assert answer.ranked.rows.size == (1 if only_new_of_everything else 10)
    assert np.isfinite(answer.ranked.scores).all()
