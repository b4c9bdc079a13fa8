"""Trees that mend a simple forecast of spend, by what became of customers like these.

They begin from a forecast and learn by which factor it was off, from what was bought after some
moments of the past. So where there is nothing to learn, that forecast stands. A good one is mended
by few small trees; where it is the shop's mean, the same for all, more and larger ones do all the
work. Which is better, and whether trees are any good, back-tests say.

Spend is zero for many and large for few: the Tweedie distribution between Poisson and gamma, with
a logarithmic link, whose mean is what is foretold.

Source: Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017;
Jørgensen, "Exponential Dispersion Models", JRSS B 1987.
"""

from dataclasses import dataclass
from typing import Self

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.fit.repeat_buying import Numbers

LEAST_ROWS = 500
"""Below, trees would learn single customers by heart."""
MOST_ROWS = 60_000
N_SEEDS = 3
MOST_FACTOR = 100.0
"""By how much trees may raise or lower a forecast."""
LEAST_SHARE = 1e-3
"""Of the mean: what a forecast of nothing counts as, for a factor needs something to raise."""
PARAMETERS = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.3,
    "learning_rate": 0.05,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "boost_from_average": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
BLOCK = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much trees may learn."""

    n_trees: int
    n_leaves: int
    least_in_leaf: int


MENDING = Size(n_trees=40, n_leaves=7, least_in_leaf=100)
ALONE = Size(n_trees=120, n_leaves=15, least_in_leaf=50)

Features = NDArray[np.float64]
"""A row a customer, a column a feature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendTrees:
    """Fitted trees, the same with several seeds."""

    models: tuple[lightgbm.Booster, ...]
    mean: float
    """Money that a customer spent on average, when this was learned."""

    @classmethod
    def fit(
        cls, features: Features, simple: Numbers | None, spend: Numbers, *, size: Size, seed: int
    ) -> Self | None:
        """Learn; None where there are too few rows, or nobody spent.

        Args:
            features: As of moments in the past.
            simple: The forecast to be mended, of the same rows; None is the mean spent.
            spend: What they paid then.
            size: How much to learn.
            seed: Where chance begins.
        """
        if spend.size < LEAST_ROWS or not spend.any():
            return None
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.permutation(spend.size)[:MOST_ROWS])
        mean = float(spend.mean())
        parameters = PARAMETERS | {
            "num_leaves": size.n_leaves,
            "min_data_in_leaf": size.least_in_leaf,
        }
        learned = lightgbm.Dataset(
            features[rows],
            spend[rows],
            init_score=np.log(_begun(simple, n=spend.size, mean=mean)[rows]),
            params=parameters,
        ).construct()
        models = tuple(
            lightgbm.train({**parameters, "seed": seed + place}, learned, size.n_trees)
            for place in range(N_SEEDS)
        )
        return cls(models=models, mean=mean)

    def mended(self, features: Features, simple: Numbers | None) -> Numbers:
        """Return the forecasts times what the trees make of them; as they were learned from."""
        begun = _begun(simple, n=len(features), mean=self.mean)
        limit = np.log(MOST_FACTOR)
        factor = np.zeros(begun.size)
        for begin in range(0, begun.size, BLOCK):
            rows = slice(begin, begin + BLOCK)
            for model in self.models:
                raw = np.asarray(model.predict(features[rows], raw_score=True, num_threads=1))
                factor[rows] += np.exp(np.clip(raw, -limit, limit)) / len(self.models)
        return begun * factor


def _begun(simple: Numbers | None, *, n: int, mean: float) -> Numbers:
    """Return what trees begin from, above 0."""
    return np.full(n, mean) if simple is None else simple + LEAST_SHARE * mean
