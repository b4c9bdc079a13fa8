"""What lookalikes among a million made-up customers take, once these have been read.

Each has a taste of 64 numbers, 30 purchases on average of 20,000 items, most of them of the three
categories that are most to their taste, and a profile. The seeds are 10,000 of those whose taste
is most like a certain one and who order most.

    python -m benchmarks.lookalike_scale 100000
"""

import resource
import sys
from time import process_time

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.fabricated_items import FACTORS, Items, items
from benchmarks.fabricated_names import N_CATEGORIES
from benchmarks.journey import manifest
from models.arrays import Rows
from models.artifacts.customer_profile import PROFILE
from training.audiences.lookalike import lookalike
from training.audiences.table import Bought, Table

SEED = 7
N_ITEMS = 20_000
N_LIKED = 3
MOST_BOUGHT = 59
N_SEEDS = 10_000
TODAY = 17_531
"""2017-12-31, in days from 1970-01-01."""
BLOCK = 50_000


def made_up(n_customers: int, shop: Items, *, rng: np.random.Generator) -> tuple[Table, Rows]:
    """Return customers, and who of them are the seeds."""
    likes = rng.integers(N_CATEGORIES, size=(n_customers, N_LIKED))
    likes[:, 0] = rng.geometric(0.05, n_customers) % N_CATEGORIES
    vectors = np.empty((n_customers, FACTORS), dtype=np.float16)
    for begin in range(0, n_customers, BLOCK):
        some = slice(begin, begin + BLOCK)
        taste = shop.tastes[likes[some]].mean(axis=1)
        vectors[some] = taste + rng.normal(0, 0.05, taste.shape)
    orders = rng.geometric(0.1, n_customers)
    fits = np.sum(likes == 0, axis=1) + np.log(orders) / 2 + rng.normal(0, 1, n_customers)
    best = np.argsort(-fits)[: 3 * N_SEEDS]
    seeds = rng.choice(best, min(N_SEEDS, n_customers // 10), replace=False)
    table = Table(
        ids=range(n_customers),  # type: ignore[arg-type]  # nobody asks for one
        profiles=_profiles(orders, rng),
        vectors=vectors,
        bought=_bought(likes, shop, rng),
    )
    return table, np.sort(seeds).astype(np.int32)


def _profiles(orders: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.void]:
    profiles = np.zeros(orders.size, dtype=PROFILE)
    profiles["orders"] = orders
    profiles["last_day"] = TODAY - rng.geometric(0.02, orders.size).clip(max=900)
    profiles["first_day"] = profiles["last_day"] - 10 * orders.clip(max=90)
    profiles["historic_clv"] = orders * rng.gamma(2, 10, orders.size)
    for name in ("predicted_clv", "spend"):
        profiles[name] = rng.gamma(2, 10, (orders.size, *PROFILE[name].shape))
    for name in ("alive", "discount_sensitivity"):
        profiles[name] = rng.random(orders.size)
    return profiles


def _bought(likes: NDArray[np.int64], shop: Items, rng: np.random.Generator) -> Bought:
    """Return purchases: two in three of a liked category, the others of any, best sellers first."""
    category = shop.loaded.catalogue.category
    by_category = np.argsort(category, kind="stable").astype(np.int32)
    n_each = N_ITEMS // N_CATEGORIES
    sizes = rng.integers(1, MOST_BOUGHT + 1, size=(likes.shape[0],))
    begins = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    rows = (N_ITEMS * rng.random(begins[-1], dtype=np.float32) ** 3).astype(np.int32)
    for begin in range(0, likes.shape[0], BLOCK):
        some = slice(begin, begin + BLOCK)
        whose = np.repeat(np.arange(likes.shape[0])[some], sizes[some])
        liked = likes[whose, rng.integers(N_LIKED, size=whose.size)]
        of_these = by_category[liked * n_each + rng.integers(n_each, size=whose.size)]
        pairs = slice(begins[begin], begins[begin] + whose.size)
        rows[pairs] = np.where(rng.random(whose.size) < 2 / 3, of_these, rows[pairs])
    return Bought(
        begins=begins,
        rows=np.minimum(rows, N_ITEMS - 1),
        times=rng.geometric(0.4, rows.size).astype(np.uint16),
        last_day=(TODAY - rng.integers(0, 300, rows.size)).astype(np.uint16),
    )


def main(n_customers: int) -> None:
    """Find who is like the seeds and print what it took."""
    rng = np.random.default_rng(SEED)
    shop = items(N_ITEMS, manifest(), rng=rng)
    table, seeds = made_up(n_customers, shop, rng=rng)
    began = process_time()
    lookalike(
        table,
        seeds,
        weights=None,
        kept_out=(),
        kept_out_rows=np.empty(0, dtype=np.int32),
        loaded=shop.loaded,
        rng_seed=SEED,
        progress=lambda _: None,
    )
    took = process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(orjson.dumps({"CPU s": took, "peak GiB": peak}).decode() + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
