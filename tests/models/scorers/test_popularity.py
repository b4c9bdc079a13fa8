"""What sells now, as a share of the best seller."""

import numpy as np

from models.scorers.popularity import Popularity


def test_each_item_scores_its_share_of_the_best_sellers_buyers() -> None:
    popularity = Popularity(buyers=np.array([8, 4, 0], dtype=np.int32), days=28)

    assert popularity.score().tolist() == [1, 0.5, 0]


def test_where_nothing_sold_nothing_is_popular() -> None:
    popularity = Popularity(buyers=np.zeros(3, dtype=np.int32), days=28)

    assert popularity.score().tolist() == [0, 0, 0]
