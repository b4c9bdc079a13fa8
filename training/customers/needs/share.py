"""How much of what a customer needs they buy here: their share of wallet, an estimate.

What customers buy elsewhere no shop sees. But customers like them show what is usual: the estimate
goes by the part of those customers' spend that is in categories which this customer buys here, and
by how much the customer spends, for little money touches few categories wherever one buys. It is
calibrated on copies of customers with some categories hidden, whose share is known.

It is shipped only where it beats the trivial estimate, the same by the mix of the whole shop, in
the shop's own back-test: on copies of other customers it must rank them better (Spearman) and miss
by less (mean absolute error), each with the lower end of a paired bootstrap over customers above 0.
Categories hidden by chance stand for those bought elsewhere, and every customer is taken to buy all
here before any is hidden; who needs no baby food seems to buy it elsewhere as soon as customers
like them do. So it stays an estimate, and ranks customers better than it measures them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.arrays import Codes
from training.customers.needs import spending
from training.customers.needs.mixes import Mixes, shop_mix
from training.data.purchases import Purchases

LEAST_ORDERS = 3
LEAST_LINES = 20
LEAST_CUSTOMERS = 200
LEAST_CATEGORIES = 5
MOST_HIDDEN = 0.7
"""A copy has a share of its categories hidden that is drawn evenly from 0 to this."""
_SAMPLE = 10_000
_CHUNK = 50_000
_N_BOOTSTRAPS = 200

Numbers = NDArray[np.float64]
Estimate = Callable[[sp.csr_matrix], NDArray[np.floating]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share of each customer's needs that they buy here."""

    share: NDArray[np.float32]
    """Shape ``(n_customers,)``: 0 to 1; nan where it is refused, or too little was bought."""
    choice: Mapping[str, Any]


def fit(purchases: Purchases, *, category: Codes, seed: int) -> Share:
    """Estimate the share of every customer, if that beats the trivial estimate.

    Of more categories than ``spending.MOST_CATEGORIES`` only those with most buyers count.

    Args:
        purchases: What was bought.
        category: Of each item.
        seed: Where chance begins.
    """
    n_categories = int(category.max(initial=-1)) + 1
    if n_categories < LEAST_CATEGORIES:
        return _none(purchases, f"{n_categories} categories; it takes {LEAST_CATEGORIES}", {})
    category, left = spending.most_bought(purchases, category, n_categories=n_categories)
    lines = spending.countable(purchases, category)
    spent = spending.by_category(purchases, category, lines=lines, n_categories=left.size)
    told = spent.told(orders=LEAST_ORDERS, lines=LEAST_LINES)
    if told.size < LEAST_CUSTOMERS:
        why = (
            f"{told.size} customers bought in {LEAST_ORDERS} orders and {LEAST_LINES} lines or "
            f"more; it takes {LEAST_CUSTOMERS}"
        )
        return _none(purchases, why, {})
    rng = np.random.default_rng(seed)
    teach, test = np.array_split(rng.permutation(told)[: 2 * _SAMPLE], 2)
    estimate, figures = _back_tested(spent.money[np.sort(teach)], spent.money[np.sort(test)], rng)
    figures |= {"categories": left.size, "categories_left_out": n_categories - left.size}
    if not (figures["spearman_gain_low"] > 0 and figures["error_gain_low"] > 0):
        return _none(purchases, "not better than by the mix of the whole shop", figures)
    share = np.full(purchases.n_customers, np.nan, np.float32)
    for some in np.array_split(told, 1 + told.size // _CHUNK):
        share[some] = estimate(spent.money[some])
    why = "better than by the mix of the whole shop, where categories were hidden"
    return Share(share=share, choice={"chosen": "customers like them", "why": why, **figures})


def _none(purchases: Purchases, why: str, figures: Mapping[str, Any]) -> Share:
    return Share(
        share=np.full(purchases.n_customers, np.nan, np.float32),
        choice={"chosen": "none", "why": why, **figures},
    )


def _back_tested(
    teach: sp.csr_matrix, test: sp.csr_matrix, rng: np.random.Generator
) -> tuple[Estimate, dict[str, Any]]:
    """Learn both estimates from some customers, and compare them on copies of others."""
    mix = shop_mix(teach)
    teacher, teacher_share = hidden(teach, rng=rng)
    similar = calibrated(Mixes.of(teach, rng=rng).covered, teacher, teacher_share)
    trivial = calibrated(lambda money: money.sign() @ mix, teacher, teacher_share)
    copies, share = hidden(test, rng=rng)
    by_similar, by_trivial = similar(copies), trivial(copies)
    draws = rng.integers(0, share.size, (_N_BOOTSTRAPS, share.size))
    ranks = [_spearman(by_similar[d], share[d]) - _spearman(by_trivial[d], share[d]) for d in draws]
    missed = np.abs(by_trivial - share) - np.abs(by_similar - share)
    return similar, {
        "spearman": round(_spearman(by_similar, share), 4),
        "spearman_of_shop_mix": round(_spearman(by_trivial, share), 4),
        "spearman_gain_low": round(float(np.quantile(ranks, 0.025)), 4),
        "error": round(float(np.abs(by_similar - share).mean()), 4),
        "error_of_shop_mix": round(float(np.abs(by_trivial - share).mean()), 4),
        "error_gain_low": round(float(np.quantile(missed[draws].mean(axis=1), 0.025)), 4),
        "customers_tested": share.size,
    }


def hidden(money: sp.csr_matrix, *, rng: np.random.Generator) -> tuple[sp.csr_matrix, Numbers]:
    """Return copies of customers with whole categories hidden, and the share of spend left.

    Whoever would have nothing left is left out.
    """
    part = rng.uniform(0, MOST_HIDDEN, money.shape[0])
    keeps = rng.uniform(size=money.nnz) >= np.repeat(part, np.diff(money.indptr))
    copies = money.copy()
    copies.data = copies.data * keeps
    copies.eliminate_zeros()
    whole, left = (np.asarray(one.sum(axis=1), np.float64).ravel() for one in (money, copies))
    some = np.flatnonzero(left > 0)
    return copies[some], left[some] / whole[some]


def calibrated(covered: Estimate, copies: sp.csr_matrix, share: Numbers) -> Estimate:
    """Return the estimate that fits the true share of ``copies`` best.

    It is linear in what ``covered`` says, in the log of the money spent and its square, and in
    the product of the two.
    """
    fitted = np.linalg.lstsq(_terms(covered, copies), share, rcond=None)[0]
    return lambda money: np.clip(_terms(covered, money) @ fitted, 0.0, 1.0)


def _terms(covered: Estimate, money: sp.csr_matrix) -> Numbers:
    seen = np.asarray(covered(money), np.float64)
    level = np.log(np.asarray(money.sum(axis=1), np.float64).ravel())
    return np.stack([np.ones_like(seen), seen, level, level**2, seen * level], axis=1)


def _spearman(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return the rank correlation; 0 where either says the same of everyone."""
    a, b = (rankdata(values) - (values.size + 1) / 2 for values in (one, other))
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / length if length > 0 else 0.0
