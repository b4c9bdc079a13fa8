"""RecTools' models that need no torch: the one of its first page, and others as it ships them.

Its wrappers of implicit's other models are implicit's own, judged beside it. Its EASE is left out:
it inverts a matrix of items by items, which on 16,255 items was not done within ten minutes.
"""

import numpy as np
import pandas as pd
from implicit.nearest_neighbours import TFIDFRecommender
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import ImplicitItemKNNWrapperModel, PopularModel, PureSVDModel
from rectools.models.base import ModelBase

from benchmarks.peers.answering import NOTHING, K, Numbers, Predict, Split, answer

ANY_DAY = pd.Timestamp("2017-12-03")
"""RecTools wants a date of everything; these models do not look at it."""


def _fit(split: Split, model: ModelBase) -> Predict:
    customer, item, times = split.pairs()
    dataset = Dataset.construct(
        pd.DataFrame(
            {
                Columns.User: customer,
                Columns.Item: item,
                Columns.Weight: times,
                Columns.Datetime: ANY_DAY,
            }
        )
    )
    model.fit(dataset)
    place = np.full(split.n_customers, -1)
    place[split.asked] = np.arange(split.asked.size)

    def lists(*, without_bought: bool) -> Numbers:
        found = model.recommend(split.asked, dataset, k=K, filter_viewed=without_bought)
        filled = np.full((split.asked.size, K), NOTHING, dtype=np.int32)
        filled[place[found[Columns.User]], found[Columns.Rank] - 1] = found[Columns.Item]
        return filled

    return lambda: (lists(without_bought=False), lists(without_bought=True))


if __name__ == "__main__":
    answer(
        {
            "popular": lambda split: _fit(split, PopularModel()),
            "item-kNN TF-IDF": lambda split: _fit(
                split, ImplicitItemKNNWrapperModel(TFIDFRecommender(K=10))
            ),
            "PureSVD": lambda split: _fit(split, PureSVDModel()),
        }
    )
