"""A release whose customers differ in what they like: what audiences are found in.

As ``benchmarks.fabricated``, but purchases and vectors tell of the same two categories that a
customer likes, everybody has a profile, and the lists are short, for nobody asks for them here.
Some categories are liked much more than others. Who the seeds of an audience are was decided by a
pattern: those who like one of the wanted categories, and those who order often, are seeds more
often than others. How well the pattern itself tells them apart is the most that any model can
reach.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.fabricated import LAST_DAY, SEED
from benchmarks.fabricated_items import Items, items
from benchmarks.fabricated_names import N_CATEGORIES, customer_id
from models.arrays import Mask, Rows
from models.artifacts import manifest as manifests
from models.artifacts.customer_profile import PROFILE, pack
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.artifacts.manifest import Manifest
from models.customer.summary import Summary
from training import release
from training.fit.blend import DEFAULT
from training.release import Customer

MADE = 3
"""Raised whenever what is made here, or a format it is written in, changes."""
N_ITEMS = 21_000
N_BOUGHT = 25
"""Items of a customer at most; whoever drew one twice has fewer."""
LIKED = 0.6
"""How many of them are of a category that the customer likes."""
WANTED_EVERY = 7
"""One category in seven: more than one customer in four likes one of them."""
WANTS, ORDERS = 2.0, 0.6
"""What a wanted category, and a customer's orders, add to the logarithm of the chance."""
BLOCK = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shoppers:
    """A release on disk, and by what its customers may be told apart."""

    folder: Path
    n_items: int
    n_customers: int
    pattern: NDArray[np.float32]
    """Shape ``(n_customers,)``: logarithm of how often a customer is a seed, but for a constant."""
    vectors: NDArray[np.float16]
    """Shape ``(n_customers, n_factors)``, as their records have them."""

    @classmethod
    def of(cls, n_customers: int, *, kept: Path) -> Self:
        """Return the release of this size; make it where ``kept`` does not hold it yet."""
        kept = kept / f"shoppers-{MADE}-{manifests.FORMAT}-{n_customers}"
        folder = kept / "20180101T000000Z-5e1f"
        vectors, pattern = kept / "vectors.npy", kept / "pattern.npy"
        if not pattern.is_file():
            rng = np.random.default_rng([SEED, N_ITEMS])
            shop = items(N_ITEMS, _manifest(folder.name, n_customers), rng=rng)
            loaded = replace(shop.loaded, customers=_summary())
            told: list[_Told] = []
            release.write(folder, loaded, _customers(n_customers, shop, told))
            np.save(vectors, np.concatenate([one.vectors for one in told])[:n_customers])
            np.save(pattern, np.concatenate([one.pattern for one in told])[:n_customers])
        return cls(
            folder=folder,
            n_items=N_ITEMS,
            n_customers=n_customers,
            pattern=np.load(pattern),
            vectors=np.load(vectors, mmap_mode="r"),
        )

    def seeds(self, n: int, *, rng: np.random.Generator) -> Rows:
        """Draw ``n`` customers, each as often as the pattern says; ascending."""
        luck = rng.gumbel(size=self.n_customers)
        return np.sort(np.argpartition(-(self.pattern + luck), n)[:n]).astype(np.int32)


def auc(scores: NDArray[np.floating], is_seed: Mask) -> float:
    """Return how well scores tell seeds from others, as the area under the ROC curve."""
    n_seeds, n_others = int(is_seed.sum()), int((~is_seed).sum())
    above = rankdata(scores)[is_seed].sum() - n_seeds * (n_seeds + 1) / 2
    return float(above / (n_seeds * n_others))


class _Told(NamedTuple):
    """What is kept of some customers beside the release."""

    vectors: NDArray[np.float16]
    pattern: NDArray[np.float32]


def _customers(n_customers: int, shop: Items, told: list[_Told]) -> Iterator[Customer]:
    """Yield every customer; what is kept of each block is added to ``told``."""
    shelves = np.argsort(shop.loaded.catalogue.category, kind="stable").astype(np.int32)
    for begin in range(0, n_customers, BLOCK):
        rng = np.random.default_rng([SEED, N_ITEMS, begin])
        block = _Block.of(shop, shelves, rng=rng)
        told.append(_Told(block.vectors, block.pattern))
        for place in range(min(BLOCK, n_customers - begin)):
            yield customer_id(begin + place), *block.customer(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Some customers, as tables of one row each."""

    pattern: NDArray[np.float32]
    vectors: NDArray[np.float16]
    bought: Rows
    """Shape ``(n, N_BOUGHT)``, ascending."""
    is_new: NDArray[np.bool_]
    """Likewise: False where the same item stands before."""
    last_day: NDArray[np.uint16]
    profiles: NDArray[np.void]

    @classmethod
    def of(cls, shop: Items, shelves: Rows, *, rng: np.random.Generator) -> Self:
        likes = (rng.random((BLOCK, 2)) ** 2 * N_CATEGORIES).astype(np.int64)
        vectors = shop.tastes[likes].mean(axis=1)
        bought = _bought(likes, shelves, rng=rng)
        often = rng.standard_normal(BLOCK)
        return cls(
            pattern=(WANTS * (likes % WANTED_EVERY == 0).sum(axis=1) + ORDERS * often).astype(
                np.float32
            ),
            vectors=(vectors + rng.normal(0, 0.05, size=vectors.shape)).astype(np.float16),
            bought=bought,
            is_new=np.diff(bought, axis=1, prepend=-1) > 0,
            last_day=(LAST_DAY - rng.integers(0, 300, size=bought.shape)).astype(np.uint16),
            profiles=_profiles(likes, often, rng=rng),
        )

    def customer(self, place: int) -> tuple[CustomerRecord, History, bytes]:
        is_new = self.is_new[place]
        rows = self.bought[place][is_new]
        scores = np.linspace(0.9, 0.1, rows.size, dtype=np.float32)
        none = np.zeros(rows.size, dtype=np.uint16)
        record = CustomerRecord(
            vector=self.vectors[place],
            rows=rows,
            reasons=np.full(rows.size, int(Reason.REPEAT), dtype=np.uint8),
            scores=scores,
        )
        history = History(
            rows=rows,
            times=none + 1,
            last_day=self.last_day[place][is_new],
            every_days=none,
            repeat=scores,
        )
        return record, history, pack(self.profiles[place])


def _bought(likes: NDArray[np.int64], shelves: Rows, *, rng: np.random.Generator) -> Rows:
    """Return rows of the catalogue, ascending; best sellers stand first on each shelf."""
    drawn = likes.shape[0], N_BOUGHT
    liked = np.take_along_axis(likes, rng.integers(2, size=drawn), axis=1)
    other = rng.integers(N_CATEGORIES, size=drawn)
    category = np.where(rng.random(drawn) < LIKED, liked, other)
    n_each = shelves.size // N_CATEGORIES
    place = (rng.random(drawn) ** 2 * n_each).astype(np.int64)
    return np.sort(shelves[category * n_each + place], axis=1)


def _profiles(
    likes: NDArray[np.int64], often: NDArray[np.float64], *, rng: np.random.Generator
) -> NDArray[np.void]:
    n = often.size
    made = np.zeros(n, dtype=PROFILE)
    for name in PROFILE.names or ():
        if PROFILE[name].base.kind == "f":
            made[name] = np.nan
    made["category"] = -1
    made["category"][:, :2] = likes
    made["category_share"][:, :2] = LIKED / 2
    made["tier"] = 1 + np.digitize(often, (-0.5, 1.0))
    made["stage"] = rng.integers(2, 9, size=n)
    made["segment"] = rng.integers(1, 12, size=n)
    made["orders"] = 1 + np.exp(1.5 + 0.8 * often).astype(np.int64)
    made["last_day"] = LAST_DAY - rng.integers(0, 300, size=n)
    made["first_day"] = made["last_day"] - rng.integers(0, 600, size=n)
    made["average_order_value"] = np.exp(rng.normal(3, 0.5, size=n))
    made["historic_clv"] = made["orders"] * made["average_order_value"]
    made["predicted_clv"] = made["historic_clv"][:, None] * (0.5, 0.3, 0.8)
    made["alive"] = rng.random(n)
    made["buys"] = np.sort(rng.random((n, 3)), axis=1)
    made["discount_sensitivity"] = rng.random(n)
    made["silence"] = rng.exponential(size=n)
    return made


def _summary() -> Summary:
    """Return as little as a server needs to know that profiles are there."""
    return Summary(groups=(), currency="EUR", basis="revenue", horizon_weeks=52, annual_rate=0.15)


def _manifest(version: str, n_customers: int) -> Manifest:
    return Manifest(
        version=version,
        created_at="2018-01-01T00:00:00+00:00",
        first_purchase="2017-01-01T00:00:00+00:00",
        last_purchase="2017-12-31T00:00:00+00:00",
        counts={"items": N_ITEMS, "customers": n_customers},
        settings={"fabricated": True, "seed": SEED},
        weights=DEFAULT.numbers(),
        metrics={},
    )
