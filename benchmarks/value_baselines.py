"""What the automatic choice is measured against: each forecast alone, as it is commonly made.

The purchase models foretell any horizon; an average of spend a week is taken to go on; the last
period is one as long as the horizon. Trees foretell the longest window that history teaches, at
most 12 weeks, and are carried to the horizon by MBG/NBD, which is kinder to them than a straight
line.
"""

import lightgbm
import numpy as np

from training.customers.worth.back_test import window_weeks
from training.customers.worth.buying import Buying
from training.customers.worth.past import DAYS_PER_WEEK, following, history_days, then
from training.customers.worth.seen import HALF_LIVES_WEEKS, Seen
from training.customers.worth.spend_models import LESSONS, N_MODELLED, lesson
from training.data.orders import Orders
from training.fit.bg_nbd import BGNBD
from training.fit.repeat_buying import Numbers

HALF_LIFE = 8.0
N_TREES, N_SEEDS = 120, 3
PARAMETERS = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.3,
    "num_leaves": 15,
    "learning_rate": 0.05,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def baselines(orders: Orders, *, weeks: int, seed: int) -> dict[str, Numbers]:
    """Return what each customer will spend within ``weeks``, by each forecast."""
    window = window_weeks(history_days(orders))
    seen = Seen.of(orders, weeks=weeks)
    fitted = Buying.fit(seen)
    usual = fitted["MBG/NBD"]
    bg = Buying(process=BGNBD.fit(seen.counts), money=usual.money)
    bought = {
        f"{name} + GG": buying.purchases(seen.counts, weeks=weeks) * buying.worth(seen)
        for name, buying in ({"BG/NBD": bg} | fitted).items()
    }
    longer, shorter = (
        usual.purchases_if_alive(seen.counts, weeks=span) for span in (weeks, window)
    )
    return bought | {
        f"EWMA, half-life {HALF_LIFE:g} weeks": seen.averages[HALF_LIVES_WEEKS.index(HALF_LIFE)]
        * weeks,
        "last period": seen.last * weeks,
        "trees on RFM": _trees(orders, usual, window=window, n_left_out=N_MODELLED, seed=seed)
        * (longer / shorter),
        "trees on RFM and BTYD": _trees(orders, usual, window=window, n_left_out=0, seed=seed)
        * (longer / shorter),
    }


def _trees(orders: Orders, buying: Buying, *, window: float, n_left_out: int, seed: int) -> Numbers:
    """Return what trees foretell for the window, the mean of some seeds."""
    features, spend = [], []
    for windows in LESSONS:
        moment = then(orders, windows * window * DAYS_PER_WEEK)
        told, _ = lesson(Seen.of(moment.orders, weeks=window), buying, weeks=window)
        features.append(told[:, : told.shape[1] - n_left_out])
        spend.append(following(orders, moment, window * DAYS_PER_WEEK).spend)
    now, _ = lesson(Seen.of(orders, weeks=window), buying, weeks=window)
    learned = lightgbm.Dataset(
        np.concatenate(features), np.concatenate(spend), params=dict(PARAMETERS)
    ).construct()
    foretold = [
        lightgbm.train(
            {**PARAMETERS, "seed": seed + place}, learned, num_boost_round=N_TREES
        ).predict(now[:, : now.shape[1] - n_left_out])
        for place in range(N_SEEDS)
    ]
    return np.asarray(np.mean(foretold, axis=0), dtype=np.float64)
