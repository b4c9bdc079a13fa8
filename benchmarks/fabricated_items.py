"""The items of a fabricated release, and all that a server knows of them.

300 categories at every size, some 170 items each among 50,000, so that a filter leaves more of a
larger catalogue, as in a shop that grows. Companions and successors are fifty a row, as the trainer
makes them, mostly of the item's own category.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.fabricated_names import N_CATEGORIES, category_name, item_id
from models.arrays import Codes, Factors, Money
from models.artifacts.manifest import Manifest
from models.catalogue import Catalogue
from models.ids import Ids, Texts
from models.loaded import Loaded
from models.scorers.collaborative import Collaborative
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.scorers.rebuying import Rebuying
from models.scorers.transitions import Transitions
from training.fit.blend import DEFAULT
from training.fit.copurchase import N_COMPANIONS
from training.fit.transitions import DECAY, N_SUCCESSORS

FACTORS = 64
N_BRANDS = 500
POPULARITY_DAYS = 28
SPREAD = 0.35
"""Of the logarithm of a vector's length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """What a server maps, and what customers may like."""

    loaded: Loaded
    tastes: Factors
    """Shape ``(n_categories, n_factors)``."""


def items(n_items: int, manifest: Manifest, *, rng: np.random.Generator) -> Items:
    """Make ``n_items`` items, best-selling first, all with models."""
    tastes = rng.normal(0, 1 / np.sqrt(FACTORS), size=(N_CATEGORIES, FACTORS)).astype(np.float32)
    category = rng.permutation(np.arange(n_items, dtype=np.int32) % N_CATEGORIES)
    companions, successors = (
        _neighbours(category, n, rng=rng) for n in (N_COMPANIONS, N_SUCCESSORS)
    )
    loaded = Loaded(
        manifest=manifest,
        catalogue=_catalogue(n_items, category, rng=rng),
        popularity=Popularity(
            buyers=(20_000 / (1 + np.arange(n_items)) ** 0.7).astype(np.int32),
            days=POPULARITY_DAYS,
        ),
        collaborative=Collaborative(
            items=_vectors(tastes[category], rng=rng), alpha=10.0, regularization=0.1
        ),
        copurchase=CoPurchase(companions=companions, strengths=_strengths(companions, rng=rng)),
        transitions=Transitions(
            successors=successors, strengths=_strengths(successors, rng=rng), decay=DECAY
        ),
        rebuying=Rebuying.none(n_items),
        weights=DEFAULT.weights,
    )
    return Items(loaded=loaded, tastes=tastes)


def _vectors(around: Factors, *, rng: np.random.Generator) -> Factors:
    noise = rng.standard_normal(around.shape, dtype=np.float32) / np.float32(np.sqrt(FACTORS))
    lengths = np.exp(rng.normal(0, SPREAD, size=(around.shape[0], 1))).astype(np.float32)
    return np.asarray((around + noise) * lengths, dtype=np.float32)


def _neighbours(category: Codes, n_each: int, *, rng: np.random.Generator) -> NDArray[np.int32]:
    """Return ``n_each`` different other rows for every row, three in four of its category."""
    n_items = category.size
    order = np.argsort(category, kind="stable").astype(np.int32)
    place = np.empty(n_items, dtype=np.int32)
    place[order] = np.arange(n_items, dtype=np.int32)
    steps = np.arange(1, n_each + 1, dtype=np.int32) * rng.integers(1, 4, dtype=np.int32)
    steps[3::4] += n_items // 2
    return order[(place[:, None] + steps) % np.int32(n_items)]


def _strengths(rows: NDArray[np.int32], *, rng: np.random.Generator) -> NDArray[np.float32]:
    top = rng.uniform(0.05, 0.6, size=(rows.shape[0], 1)).astype(np.float32)
    return np.asarray(top / np.arange(1, rows.shape[1] + 1, dtype=np.float32), dtype=np.float32)


def _catalogue(n_items: int, category: Codes, *, rng: np.random.Generator) -> Catalogue:
    brand = rng.integers(N_BRANDS, size=n_items, dtype=np.int32)
    price: Money = np.round(np.exp(rng.normal(1.5, 0.9, size=n_items)) + 0.2, 2)
    ids = [item_id(row) for row in range(n_items)]
    titles = [f"Article {row} of brand {code}" for row, code in enumerate(brand.tolist())]
    return Catalogue(
        ids=Ids.of(ids),
        titles=Texts.of(titles),
        category=category,
        categories=Texts.of(category_name(code) for code in range(N_CATEGORIES)),
        brand=brand,
        brands=Texts.of(_brand_name(code) for code in range(N_BRANDS)),
        price=price,
        margin=np.round(price * rng.uniform(0.05, 0.5, size=n_items), 2),
        stock=np.where(rng.random(n_items) < 0.02, 0, rng.integers(1, 500, size=n_items)),
        fragments=Texts.of(_fragments(ids, titles, category, brand, price)),
        n_ranked=n_items,
    )


def _fragments(
    ids: list[str], titles: list[str], category: Codes, brand: Codes, price: NDArray[Any]
) -> Iterator[bytes]:
    for id_, title, of_category, of_brand, amount in zip(
        ids, titles, category.tolist(), brand.tolist(), price.tolist(), strict=True
    ):
        yield orjson.dumps(
            {
                "item_id": id_,
                "title": title,
                "category": category_name(of_category),
                "brand": _brand_name(of_brand),
                "price": amount,
                "currency": "EUR",
            }
        )[1:-1]


def _brand_name(code: int) -> str:
    return f"brand {code:03d}"
