"""How alike two items are: bought by like customers, and of one kind.

Half is the cosine of their vectors, half what the catalogue says: category and brand.
"""

import numpy as np

from models.arrays import Codes, Rows, Scores
from models.loaded import Loaded

SAME_CATEGORY = 0.75
"""Of being of one kind, the share that is the category; the rest is the brand. Chosen by eye."""


def resemblance(loaded: Loaded, context: Rows, rows: Rows) -> Scores:
    """Return how much each of ``rows`` is like ``context`` taken together, 0 to 1.

    Args:
        loaded: The release.
        context: Some items, at least one.
        rows: Any items.
    """
    catalogue = loaded.catalogue
    alike = np.maximum(loaded.likeness(context, rows), 0)
    kin = SAME_CATEGORY * _shares(catalogue.category, rows, context)
    kin += (1 - SAME_CATEGORY) * _shares(catalogue.brand, rows, context)
    return np.asarray((alike + kin) / 2, dtype=np.float32)


def _shares(codes: Codes, rows: Rows, context: Rows) -> Scores:
    """Return 1 for each of ``rows`` that has a code of the context's items, else 0."""
    wanted = codes[context]
    return np.isin(codes[rows], wanted[wanted >= 0]).astype(np.float32)
