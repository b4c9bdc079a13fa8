"""LensKit's scorers for implicit feedback, as it ships them, in its own pipeline for top lists.

The pipeline leaves out what was bought unless it is told not to, as it is here; lists without what
was bought are the same ranking with those items left out, since asking twice takes minutes.
"""

import numpy as np
import pandas as pd
from lenskit.als import ImplicitMFScorer
from lenskit.basic import TrainingItemsCandidateSelector
from lenskit.basic.candidates import TrainingItemsCandidateConfig
from lenskit.batch import recommend
from lenskit.data import from_interactions_df
from lenskit.knn import ItemKNNScorer, UserKNNScorer
from lenskit.pipeline import Component, RecPipelineBuilder

from benchmarks.peers.answering import Numbers, Predict, Split, answer, table


def _fit(split: Split, scorer: Component) -> Predict:
    customer, item, _ = split.pairs()
    builder = RecPipelineBuilder()
    builder.scorer(scorer)
    builder.ranker()
    builder.candidate_selector(
        TrainingItemsCandidateSelector, TrainingItemsCandidateConfig(exclude=None)
    )
    pipeline = builder.build()
    pipeline.train(from_interactions_df(pd.DataFrame({"user_id": customer, "item_id": item})))

    def predict() -> tuple[Numbers, Numbers]:
        found = recommend(pipeline, split.asked.tolist(), n_jobs=1)
        ranked = [np.asarray(found.lookup(user_id=one).ids()) for one in split.asked.tolist()]
        unseen = [
            rows[~np.isin(rows, bought)]
            for rows, bought in zip(ranked, split.bought(), strict=True)
        ]
        return table(ranked), table(unseen)

    return predict


if __name__ == "__main__":
    answer(
        {
            "item-kNN": lambda split: _fit(split, ItemKNNScorer(feedback="implicit")),
            "user-kNN": lambda split: _fit(split, UserKNNScorer(feedback="implicit")),
            "ImplicitMF": lambda split: _fit(split, ImplicitMFScorer()),
        }
    )
