"""Tiny shops with every model fitted."""

import numpy as np
import polars as pl

from tests.training.tiny import basket, day, lines
from training.data.purchases import number
from training.data.split import hold_out
from training.fit import shop
from training.fit.blend import Window
from training.fit.shop import Shop

SEED = 7
LAST_DAY = 128
CUT = 100


def fitted(purchases: pl.DataFrame, *, until: float, min_buyers: int = 1) -> Shop:
    ids = purchases["item_id"].unique()
    rows = number(purchases, ids, until=day(until), min_buyers=min_buyers)
    return shop.fit(rows, seed=SEED)


def window(purchases: pl.DataFrame, *, cut: float = CUT) -> Window:
    models = fitted(purchases, until=cut)
    return Window(shop=models, held_out=hold_out(purchases, models.purchases))


def of_habits() -> pl.DataFrame:
    """Forty customers, each of whom buys the same three things every week and nothing else."""
    rng = np.random.default_rng(5)
    told = []
    for customer in range(40):
        staples = " ".join(f"p-{item:02d}" for item in rng.choice(60, 3, replace=False))
        for n in range(0, LAST_DAY, 7):
            told += basket(f"c-{customer:02d}", staples, n + customer % 5)
    return lines(*told)


def of_discovery() -> pl.DataFrame:
    """Forty customers of three tastes, none of whom ever buys a thing twice."""
    rng = np.random.default_rng(5)
    told = []
    for customer in range(40):
        liked = rng.permutation(np.arange(customer % 3, 90, 3))
        for n, item in enumerate(liked[:24]):
            told += basket(f"c-{customer:02d}", f"p-{item:02d}", 5 * n + customer % 5)
    return lines(*told)
