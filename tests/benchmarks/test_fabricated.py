from itertools import islice

import numpy as np
import pytest

from benchmarks.fabricated import N_BOUGHT, Fabricated, customers
from benchmarks.fabricated_names import N_CATEGORIES, customer_id
from models.artifacts.customer_record import CustomerRecord, History
from models.asked import Query
from models.recommend import recommend
from training import release

TASTES = np.eye(8, 64, dtype=np.float32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fabricated:
    return Fabricated.of(3000, 50, kept=tmp_path_factory.mktemp("kept"))


def test_it_is_a_release_as_the_trainer_writes_them(made: Fabricated) -> None:
    loaded = release.load(made.folder)

    assert (len(loaded.catalogue), loaded.catalogue.n_ranked) == (3000, 3000)
    assert loaded.earning is not None
    assert np.bincount(loaded.catalogue.category).tolist() == [10] * N_CATEGORIES


def test_every_customer_is_answered_with_a_full_list(made: Fabricated) -> None:
    loaded = release.load(made.folder)

    answers = {
        id_: recommend(loaded, Query(limit=20), record=CustomerRecord.unpack(record))
        for id_, record, *_ in release.customers_of(made.folder)
    }

    assert list(answers) == [customer_id(row) for row in range(50)]
    assert {(answer.level, answer.ranked.rows.size) for answer in answers.values()} == {(0, 20)}


def test_records_and_histories_fit_the_release(made: Fabricated) -> None:
    for _, record, history, _ in release.customers_of(made.folder):
        listed, bought = CustomerRecord.unpack(record), History.unpack(history)

        listed.check(n_items=3000, n_factors=64)
        bought.check(n_items=3000)
        assert (np.diff(listed.scores) <= 0).all()
        assert np.unique(listed.rows).size == 200
        assert (np.diff(bought.rows) > 0).all()
        assert bought.rows.size == N_BOUGHT


def test_what_is_kept_is_not_made_again(made: Fabricated) -> None:
    written = (made.folder / release.MANIFEST).stat().st_mtime_ns

    again = Fabricated.of(3000, 50, kept=made.folder.parents[1])

    assert again == made
    assert (again.folder / release.MANIFEST).stat().st_mtime_ns == written


def test_a_customer_is_the_same_however_many_there_are() -> None:
    few = customers(3, TASTES, n_items=3000)
    more = islice(customers(5, TASTES, n_items=3000), 3)

    for (id_, record, history), (same_id, same_record, same_history) in zip(few, more, strict=True):
        assert id_ == same_id
        assert record.pack() == same_record.pack()
        assert history.pack() == same_history.pack()


def test_too_few_items_for_a_list_are_refused() -> None:
    with pytest.raises(ValueError, match="n_items must be at least 1000, got 10"):
        next(customers(1, TASTES, n_items=10))
