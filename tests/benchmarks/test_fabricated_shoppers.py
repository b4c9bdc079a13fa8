import numpy as np
import pytest

from benchmarks.fabricated_names import N_CATEGORIES
from benchmarks.fabricated_shoppers import N_BOUGHT, N_ITEMS, WANTED_EVERY, Shoppers, auc
from models.artifacts import customer_profile
from models.artifacts.customer_record import CustomerRecord, History
from training import release

N_CUSTOMERS = 2000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shoppers:
    return Shoppers.of(N_CUSTOMERS, kept=tmp_path_factory.mktemp("kept"))


def test_every_customer_fits_the_release(made: Shoppers) -> None:
    loaded = release.load(made.folder)

    assert loaded.customers is not None
    assert len(loaded.catalogue) == N_ITEMS
    for _, record, history, profile in release.customers_of(made.folder):
        bought = History.unpack(history)
        CustomerRecord.unpack(record).check(n_items=N_ITEMS, n_factors=64)
        bought.check(n_items=N_ITEMS)
        assert (np.diff(bought.rows) > 0).all()
        assert N_BOUGHT / 2 < bought.rows.size <= N_BOUGHT
        customer_profile.check(
            customer_profile.unpack(profile), n_categories=N_CATEGORIES, n_portfolios=0
        )


def test_what_customers_like_is_what_they_buy(made: Shoppers) -> None:
    category = release.load(made.folder).catalogue.category

    shares = []
    for _, _, history, profile in release.customers_of(made.folder):
        likes = customer_profile.unpack(profile)["category"][:2]
        shares.append(np.isin(category[History.unpack(history).rows], likes).mean())

    assert 0.5 < np.mean(shares) < 0.6


def test_whoever_likes_a_wanted_category_is_a_seed_more_often(made: Shoppers) -> None:
    wants = np.array(
        [
            (customer_profile.unpack(profile)["category"][:2] % WANTED_EVERY == 0).any()
            for *_, profile in release.customers_of(made.folder)
        ]
    )

    seeds = made.seeds(200, rng=np.random.default_rng(7))

    assert np.unique(seeds).size == 200
    assert wants.mean() < 0.35
    assert wants[seeds].mean() > 0.6
    assert 0.75 < auc(made.pattern, np.isin(np.arange(N_CUSTOMERS), seeds)) < 0.9


def test_vectors_are_those_of_the_records(made: Shoppers) -> None:
    records = [record for _, record, *_ in release.customers_of(made.folder)]

    assert made.vectors.shape == (N_CUSTOMERS, 64)
    for row in (0, 1, N_CUSTOMERS - 1):
        assert CustomerRecord.unpack(records[row]).vector.tolist() == made.vectors[row].tolist()


def test_the_area_is_the_share_of_pairs_in_the_right_order_with_ties_for_half() -> None:
    scores = np.array([3.0, 1.0, 2.0, 1.0])

    assert auc(scores, np.array([True, False, False, True])) == 2.5 / 4


def test_what_is_kept_is_not_made_again(made: Shoppers) -> None:
    written = (made.folder / release.MANIFEST).stat().st_mtime_ns

    again = Shoppers.of(N_CUSTOMERS, kept=made.folder.parents[1])

    assert again.folder == made.folder
    assert again.pattern.tolist() == made.pattern.tolist()
    assert (again.folder / release.MANIFEST).stat().st_mtime_ns == written
