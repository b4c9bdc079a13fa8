"""Learning what labels say, for ``models.scorers.content``, and what a new item is worth to whom.

An item's label is cut into tokens: category, brand, price step, words of the title, and the
category with each of brand and price. Hashed into ``N_TOKENS`` columns they make a row an item, and
ridge regression reads anything off them that is known of the items that sell,

    Ŷ = T_new (TᵀT + λI)⁻¹ Tᵀ Y

their vectors, their buyers, and, since it is linear in ``Y``, the scores of a customer: a new
cheese is worth what the cheeses, the items of its brand and the items of its price are worth to
this customer, those that sell badly included. So a new item enters a list where it is worth as much
as what it displaces, which is low down at first; no place is given to it for being new. What a
launch or an advertisement does for it is not in a label.

Measured on a validation window with a tenth of the items held out (``make bench-cold-start``).
Between λ of 1 and 20, and with or without the tokens of two parts, the figures differ by chance.
Vectors are read off the ranked items alone, for the others' are unknown, not 0.

Source: Gantner et al., "Learning Attribute-to-Feature Mappings for Cold-Start Recommendations",
ICDM 2010 (the map to factors); Weinberger et al., "Feature Hashing for Large Scale Multitask
Learning", ICML 2009.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from math import floor, log2
from zlib import crc32

import numpy as np
import polars as pl
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Factors, Rows, Scores
from models.artifacts.customer_record import CustomerRecord, Reason
from models.ranking import best
from models.scorers.content import Content
from training.data.purchases import Purchases
from training.fit.records import Made
from training.fit.shop import Shop

N_TOKENS = 4096
RIDGE = 5.0
NEW_DAYS = 28
"""An item is new this long after it was first bought, or while nobody has bought it."""
DOUBT = 0.5
"""What a new item's worth counts on a list: on a validation window, then, new items on lists were
bought as often as the known ones beside them. Undoubted they were bought half as often: most of
what is new never sells, and the items that taught had sold."""
MOST = 20
"""So many of a customer's list may be new items, however much they are worth."""
MAX_NEW = 1000
"""Of more new items than this, those with the most expected buyers may enter lists: each costs some
thousand multiplications a customer, and a catalogue that nobody ever bought is not new."""

BLOCK = 256

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What the labels of a shop's items say."""

    model: Content
    new: Rows
    """The new items' rows, ascending, all behind the ranked ones."""
    _known: sp.csr_matrix
    """Tokens of the ranked items."""
    _told: Factors
    """``(TᵀT + λI)⁻¹ T_newᵀ`` over all items that had their time: tokens by new items."""

    def worth(self, scores: Scores | sp.csr_matrix) -> Scores:
        """Return what each new item is worth, in the unit of what the ranked items are worth.

        Args:
            scores: Shape ``(n, n_ranked)``, of any kind that is 0 where nothing is expected:
                blended scores, purchase probabilities; dense or sparse.

        Returns:
            Shape ``(n, new.size)``.
        """
        said = scores @ self._known
        said = said.toarray() if sp.issparse(said) else said
        return np.asarray(said @ self._told, dtype=np.float32)

    def entering(self, made: Iterable[Made]) -> Iterator[Made]:
        """Yield ``made`` with the new items that are worth more than what they displace.

        The best of them is held against the last of the list, the next against the last but one,
        and so on to ``MOST``; they stand where their worth puts them. A list's own scores stand for
        all that the customer likes.
        """
        left = iter(made)
        while block := list(islice(left, BLOCK)):
            lists = sp.csr_matrix(
                (
                    np.concatenate([record.scores for _, record, _ in block]),
                    np.concatenate([record.rows for _, record, _ in block]),
                    np.cumsum([0, *(record.rows.size for _, record, _ in block)]),
                ),
                shape=(len(block), self._known.shape[0]),
            )
            worths = DOUBT * self.worth(lists)
            most = worths.max(axis=1, initial=-np.inf)
            for place, (id_, record, history) in enumerate(block):
                enters = record.scores.size and most[place] > record.scores[-1]
                yield id_, self._entered(record, worths[place]) if enters else record, history

    def _entered(self, record: CustomerRecord, worth: Scores) -> CustomerRecord:
        places = best(worth, min(MOST, max(record.rows.size, 1)))
        displaced = record.scores[::-1][: places.size]  # the best entrant displaces the last
        places = places[: displaced.size][worth[places[: displaced.size]] > displaced]
        n_left = record.rows.size - places.size
        rows = np.concatenate([record.rows[:n_left], self.new[places]])
        scores = np.concatenate([record.scores[:n_left], worth[places]])
        why = np.full(places.size, Reason.ALIKE, dtype=np.uint8)
        order = np.lexsort((rows, -scores))
        return replace(
            record,
            rows=rows[order],
            scores=scores[order],
            reasons=np.concatenate([record.reasons[:n_left], why])[order],
        )


def fit(shop: Shop, items: pl.DataFrame) -> Labels | None:
    """Learn from the items that sell; None where every item has a model of its own.

    Args:
        shop: Fitted models.
        items: As ``training.data.catalog`` reads them.
    """
    purchases = shop.purchases
    n_ranked, n_items = purchases.n_ranked, len(purchases.item_ids)
    if n_ranked == n_items:
        return None
    labels = tokens(purchases, items)
    new = _new(purchases, items)
    old = np.setdiff1d(np.arange(n_items), new)
    ranked, others = labels[:n_ranked], labels[n_ranked:]
    inverse = _inverse(_factor(labels[old]))
    buyers = labels[new] @ (inverse @ (labels[old].T @ shop.popularity.buyers[old]))
    expected = np.zeros(n_items - n_ranked, dtype=np.float32)
    expected[new - n_ranked] = np.maximum(buyers, 0)
    if new.size > MAX_NEW:
        new = np.sort(new[np.argsort(-buyers, kind="stable")[:MAX_NEW]])
    map_ = scipy.linalg.cho_solve(
        (_factor(ranked), True), ranked.T @ shop.collaborative.model.items, check_finite=False
    )
    return Labels(
        model=Content(items=np.asarray(others @ map_, dtype=np.float32), buyers=expected),
        new=new.astype(np.int32),
        _known=ranked,
        _told=np.ascontiguousarray((labels[new] @ inverse).T),
    )


def tokens(purchases: Purchases, items: pl.DataFrame) -> sp.csr_matrix:
    """Return which tokens each item's label has: items by tokens, those that none has left out."""
    labels = pl.DataFrame({"item_id": purchases.item_ids}).join(
        items.select("item_id", "category", "brand", "price", "title"),
        on="item_id",
        how="left",
        maintain_order="left",
    )
    columns: list[int] = []
    ends = [0]
    for label in labels.drop("item_id").iter_rows(named=True):
        columns += {crc32(token.encode()) % N_TOKENS for token in _tokens(**label)}
        ends.append(len(columns))
    used, places = np.unique(np.array(columns, dtype=np.int32), return_inverse=True)
    return sp.csr_matrix(
        (np.ones(places.size, np.float32), places, ends), shape=(len(ends) - 1, used.size)
    )


def _tokens(
    *, category: str | None, brand: str | None, price: float | None, title: str | None
) -> Iterator[str]:
    yield "item"  # what is true of all of them
    step = f"price {floor(2 * log2(price))}" if price is not None and price > 0 else None
    for token in (category and f"category {category}", brand and f"brand {brand}", step):
        if token:
            yield token
            if category:
                yield f"category {category}, {token}"
    for word in _WORD.findall((title or "").lower()):
        yield f"word {word}"


def _new(purchases: Purchases, items: pl.DataFrame) -> NDArray[np.int64]:
    """Return the rows of the items without a model that are new and may be shown, ascending."""
    first_days = np.zeros(len(purchases.item_ids))
    np.maximum.at(first_days, purchases.item, purchases.age_days)
    table = pl.DataFrame({"item_id": purchases.item_ids})
    table = table.join(items, on="item_id", how="left", maintain_order="left")
    new = np.flatnonzero((first_days <= NEW_DAYS) & (table["stock"].fill_null(-1) != 0).to_numpy())
    return new[new >= purchases.n_ranked]


def _factor(labels: sp.csr_matrix) -> NDArray[np.float64]:
    """Return the lower Cholesky factor of ``TᵀT + λI``."""
    gram = (labels.T @ labels).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += RIDGE
    return np.asarray(scipy.linalg.cholesky(gram, lower=True, overwrite_a=True, check_finite=False))


def _inverse(factor: NDArray[np.float64]) -> Factors:
    """Return ``(TᵀT + λI)⁻¹``, for what is yet to be read off the labels."""
    inverse, _ = scipy.linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(inverse)
    return np.asarray(lower + np.tril(inverse, -1).T, dtype=np.float32)
