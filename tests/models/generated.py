"""Shops that hypothesis makes up, small enough to be scored by a plain definition.

Vectors are of small whole numbers, so that their products are exact and equal scores are equal:
then ties are the rule, and an answer that breaks them otherwise than by row is found out.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from models.catalogue import Catalogue
from models.ids import Ids, Texts
from models.loaded import Loaded
from models.scorers.collaborative import Collaborative
from models.scorers.content import Content
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.scorers.rebuying import Rebuying
from models.scorers.transitions import Transitions
from tests.models.asking import LOADED

CATEGORIES = ["bakery", "dairy", "drinks"]
BRANDS = ["Alba", "Bock"]
N_FACTORS = 3


def shop(n: int, rng: np.random.Generator) -> Loaded:
    """Return a release of ``n`` items: some without a model, some without a label or stock."""
    n_ranked = int(rng.integers(0, n + 1))
    vectors = rng.integers(-2, 3, (n, N_FACTORS)).astype(np.float32)
    vectors *= rng.choice([0, 1, 1, 4], (n, 1)).astype(np.float32)
    companions = rng.integers(-1, max(n_ranked, 1), (n_ranked, 2)).astype(np.int32)
    return replace(
        LOADED,
        catalogue=_catalogue(n, n_ranked, rng),
        popularity=Popularity(buyers=rng.integers(0, 5, n).astype(np.int32), days=28),
        collaborative=Collaborative(items=vectors[:n_ranked], alpha=10.0, regularization=0.5),
        copurchase=CoPurchase(
            companions=companions,
            strengths=rng.choice([0.25, 0.5, 1], companions.shape).astype(np.float32),
        ),
        transitions=Transitions.none(n_ranked),
        rebuying=Rebuying.none(n_ranked),
        content=Content(
            items=vectors[n_ranked:], buyers=rng.integers(0, 5, n - n_ranked).astype(np.float32)
        ),
    )


SHOPS = st.builds(shop, st.integers(1, 60), st.integers(0, 2**32 - 1).map(np.random.default_rng))


def _catalogue(n: int, n_ranked: int, rng: np.random.Generator) -> Catalogue:
    ids = [f"p-{row}" for row in range(n)]
    return Catalogue(
        ids=Ids.of(ids),
        titles=Texts.of("" for _ in ids),
        category=rng.integers(-1, len(CATEGORIES), n).astype(np.int32),
        categories=Texts.of(CATEGORIES),
        brand=rng.integers(-1, len(BRANDS), n).astype(np.int32),
        brands=Texts.of(BRANDS),
        price=rng.choice([np.nan, 1.0, 2.0, 5.0], n),
        margin=rng.choice([np.nan, 0.5, 1.0], n),
        stock=rng.choice([-1, 0, 3], n).astype(np.int64),
        fragments=Texts.of("" for _ in ids),
        n_ranked=n_ranked,
    )
