"""Every model, behind one face: how it is fitted, saved, read, and asked.

popularity     what sells                        one list for all
collaborative  customers who bought alike        vectors
copurchase     what lands in one basket          companions
ease           items that explain one another    learns lists; is not saved
transitions    what follows what                 successors
neighbours     customers who buy alike, lately   learns lists; is not saved
repurchase     what is bought again              saved with each customer, as their history
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Arrays, Rows, Scores
from models.scorers.collaborative import Collaborative
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.scorers.transitions import Transitions
from training.data.purchases import Purchases
from training.fit import (
    collaborative,
    copurchase,
    ease,
    neighbours,
    popularity,
    repurchase,
    transitions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One model. ``Any`` is what it is when fitted, which nobody but itself looks into."""

    name: str
    fit: Callable[[Purchases, int], Any]
    """Purchases and a seed."""
    save: Callable[[Any], Arrays]
    """Everything that was learned."""
    read: Callable[[Arrays], Any]
    one: Callable[[Any, Purchases, int], Scores]
    """The ranked items' scores for one customer."""
    batch: Callable[[Any, Purchases], Scores]
    """The same for all customers at once."""
    stranger: Callable[[Any, Rows, int], Scores] | None
    """For somebody unknown with some items in view; None where it answers no strangers."""


def _companions(model: CoPurchase | Transitions, basket: Rows, n_items: int) -> Scores:
    rows, strengths = model.score(basket)
    scores = np.zeros(n_items, dtype=np.float32)
    scores[rows] = strengths
    return scores


def _table(model: CoPurchase) -> NDArray[np.float32]:
    n_items = model.companions.shape[0]
    each = [_companions(model, np.array([row], np.int32), n_items) for row in range(n_items)]
    return np.array(each)


def _followed(arrays: Arrays) -> transitions.Fitted:
    model = Transitions(
        successors=arrays["successors"],
        strengths=arrays["strengths"],
        decay=float(arrays["decay"][0]),
    )
    recent = sp.csr_matrix(arrays["recent"])
    return transitions.Fitted(model=model, table=transitions.table(model), recent=recent)


def _bought(purchases: Purchases) -> NDArray[np.float32]:
    return np.asarray(purchases.matrix().toarray() > 0, dtype=np.float32)


MEMBERS = (
    Member(
        name="popularity",
        fit=lambda purchases, _seed: popularity.fit(purchases),
        save=lambda fitted: {"buyers": fitted.buyers, "days": np.array([fitted.days])},
        read=lambda arrays: Popularity(buyers=arrays["buyers"], days=int(arrays["days"][0])),
        one=lambda fitted, purchases, _customer: fitted.score()[: purchases.n_ranked],
        batch=lambda fitted, purchases: np.tile(
            fitted.score()[: purchases.n_ranked], (purchases.n_customers, 1)
        ),
        stranger=lambda fitted, _basket, n_items: fitted.score()[:n_items],
    ),
    Member(
        name="collaborative",
        fit=lambda purchases, seed: collaborative.fit(purchases, seed=seed),
        save=lambda fitted: {"items": fitted.model.items, "customers": fitted.customers},
        read=lambda arrays: collaborative.Fitted(
            model=Collaborative(
                items=arrays["items"],
                alpha=collaborative.ALPHA,
                regularization=collaborative.REGULARIZATION,
            ),
            customers=arrays["customers"],
        ),
        one=lambda fitted, purchases, customer: fitted.model.score(
            fitted.customers[customer], np.arange(purchases.n_ranked, dtype=np.int32)
        ),
        batch=lambda fitted, _purchases: fitted.customers @ fitted.model.items.T,
        stranger=lambda fitted, basket, n_items: fitted.model.score(
            fitted.model.fold_in(basket), np.arange(n_items, dtype=np.int32)
        ),
    ),
    Member(
        name="copurchase",
        fit=lambda purchases, _seed: copurchase.fit(purchases),
        save=lambda fitted: {"companions": fitted.companions, "strengths": fitted.strengths},
        read=lambda arrays: CoPurchase(**arrays),
        one=lambda fitted, purchases, customer: _companions(
            fitted, purchases.bought_by(customer), purchases.n_ranked
        ),
        batch=lambda fitted, purchases: _bought(purchases) @ _table(fitted),
        stranger=_companions,
    ),
    Member(
        name="ease",
        fit=lambda purchases, _seed: ease.fit(purchases),
        save=lambda fitted: {
            "learned": fitted.dual if fitted.dual is not None else fitted.primal,
            "is_dual": np.array([fitted.dual is not None], np.uint8),
            "diagonal": fitted.diagonal,
            "counts.data": fitted.counts.data,
            "counts.indices": fitted.counts.indices,
            "counts.indptr": fitted.counts.indptr,
        },
        read=lambda arrays: ease.Ease(
            counts=sp.csr_matrix(
                (arrays["counts.data"], arrays["counts.indices"], arrays["counts.indptr"])
            ),
            dual=arrays["learned"] if arrays["is_dual"][0] else None,
            primal=None if arrays["is_dual"][0] else arrays["learned"],
            diagonal=arrays["diagonal"],
        ),
        one=lambda fitted, _purchases, customer: fitted.score(np.array([customer]))[0],
        batch=lambda fitted, purchases: fitted.score(np.arange(purchases.n_customers)),
        stranger=None,
    ),
    Member(
        name="transitions",
        fit=lambda purchases, _seed: transitions.fit(transitions.orders(purchases)),
        save=lambda fitted: {
            "successors": fitted.model.successors,
            "strengths": fitted.model.strengths,
            "decay": np.array([fitted.model.decay]),
            "recent": fitted.recent.toarray(),
        },
        read=_followed,
        one=lambda fitted, _purchases, customer: fitted.score(np.array([customer])).toarray()[0],
        batch=lambda fitted, purchases: fitted.score(np.arange(purchases.n_customers)).toarray(),
        stranger=lambda fitted, basket, n_items: _companions(fitted.model, basket, n_items),
    ),
    Member(
        name="neighbours",
        fit=lambda purchases, _seed: neighbours.fit(purchases, transitions.orders(purchases)),
        save=lambda fitted: {
            "bought": fitted.bought.toarray(),
            "shares": fitted.shares.toarray(),
            "pool": fitted.pool,
        },
        read=lambda arrays: neighbours.Neighbours.of(
            sp.csr_matrix(arrays["bought"]), sp.csr_matrix(arrays["shares"]), arrays["pool"]
        ),
        one=lambda fitted, _purchases, customer: fitted.score(np.array([customer])).toarray()[0],
        batch=lambda fitted, purchases: fitted.score(np.arange(purchases.n_customers)).toarray(),
        stranger=None,
    ),
    Member(
        name="repurchase",
        fit=lambda purchases, _seed: repurchase.habit(purchases, days=120.0),
        save=lambda fitted: {
            "data": fitted.data,
            "indices": fitted.indices,
            "indptr": fitted.indptr,
            "shape": np.array(fitted.shape),
        },
        read=lambda arrays: sp.csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]), shape=tuple(arrays["shape"])
        ),
        one=lambda fitted, _purchases, customer: fitted[customer].toarray()[0],
        batch=lambda fitted, _purchases: fitted.toarray(),
        stranger=None,
    ),
)
