"""From items to items, whoever asks: what is like them, and what lands in a basket with them."""

import numpy as np

from models.arrays import Codes, Rows, Scores
from models.artifacts.customer_record import Reason
from models.asked import Allowed, Query, Ranked
from models.loaded import Loaded
from models.ranking import best

SAME_CATEGORY = 0.75
"""Of being of one kind, the share that is the category; the rest is the brand. Chosen by eye."""


def similar(loaded: Loaded, query: Query) -> Ranked:
    """Return the items most like ``query.context``: of their kind, and bought by like customers.

    Half of the score is the cosine of the vectors, half what the catalogue says: category and
    brand. So substitutes come before what merely sells to the same people, and an item too new for
    a vector is answered by its kind. Items that share neither are left out.
    """
    catalogue = loaded.catalogue
    rows = Allowed.of(loaded, query).everything()
    alike = np.maximum(loaded.likeness(query.context, rows), 0)
    kin = SAME_CATEGORY * _shares(catalogue.category, rows, query.context)
    kin += (1 - SAME_CATEGORY) * _shares(catalogue.brand, rows, query.context)
    scores = ((alike + kin) / 2).astype(np.float32)
    scores[scores == 0] = -np.inf
    places = best(scores, query.limit)
    return Ranked.of(rows[places], scores[places], Reason.ALIKE)


def bought_together(loaded: Loaded, query: Query) -> Ranked:
    """Return what lands in one basket with ``query.context``; as many as there are."""
    rows, strengths = loaded.copurchase.score(query.context)
    keep = Allowed.of(loaded, query).keep(rows)
    rows, strengths = rows[keep], strengths[keep]
    places = best(strengths, query.limit)
    return Ranked.of(rows[places], strengths[places], Reason.GOES_WITH)


def _shares(codes: Codes, rows: Rows, context: Rows) -> Scores:
    """Return 1 for each of ``rows`` that has a code of the context's items, else 0."""
    wanted = codes[context]
    return np.isin(codes[rows], wanted[wanted >= 0]).astype(np.float32)
