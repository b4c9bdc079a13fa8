"""From items to items, whoever asks: what is like them, and what lands in a basket with them."""

import numpy as np

from models.arrays import Codes, Rows
from models.artifacts.customer_record import Reason
from models.asked import Allowed, Query, Ranked
from models.loaded import Loaded
from models.ranking import best
from models.resemblance import resemblance

BY_COSINE = 0.5001
"""No item scores so much that shares neither: half a cosine, and what 32 bits err. Where enough of
its kind score more, the others need not be looked at."""


def similar(loaded: Loaded, query: Query) -> Ranked:
    """Return the items most like ``query.context``: of their kind, and bought by like customers.

    Half of the score is the cosine of the vectors, half what the catalogue says: category and
    brand. So substitutes come before what merely sells to the same people, and an item too new for
    a vector is answered by its kind. Items that share neither are left out.
    """
    allowed = Allowed.of(loaded, query)
    kin = _kin(loaded, query.context)
    ranked = _most_alike(loaded, query, kin[allowed.keep(kin)])
    if ranked.rows.size == query.limit and ranked.scores[-1] > BY_COSINE:
        return ranked
    return _most_alike(loaded, query, allowed.everything())


def bought_together(loaded: Loaded, query: Query) -> Ranked:
    """Return what lands in one basket with ``query.context``; as many as there are."""
    rows, strengths = loaded.copurchase.score(query.context)
    keep = Allowed.of(loaded, query).keep(rows)
    rows, strengths = rows[keep], strengths[keep]
    places = best(strengths, query.limit)
    return Ranked.of(rows[places], strengths[places], Reason.GOES_WITH)


def _kin(loaded: Loaded, context: Rows) -> Rows:
    """Return the rows that share a category or a brand with ``context``, ascending."""
    catalogue = loaded.catalogue
    return np.union1d(
        catalogue.of_category.of_codes(_known(catalogue.category, context)),
        catalogue.of_brand.of_codes(_known(catalogue.brand, context)),
    )


def _known(codes: Codes, context: Rows) -> list[int]:
    return [code for code in set(codes[context].tolist()) if code >= 0]


def _most_alike(loaded: Loaded, query: Query, rows: Rows) -> Ranked:
    """Return those of ``rows``, ascending, that are most like the context."""
    scores = resemblance(loaded, query.context, rows)
    scores[scores == 0] = -np.inf
    places = best(scores, query.limit)
    return Ranked.of(rows[places], scores[places], Reason.ALIKE)
