"""How well spend was foretold: off by how much, and in the right order.

    mae       mean of |foretold - spent|, in money a customer
    bias      what was foretold in all, by what was spent in all; 1 is right
    spearman  correlation of ranks, -1 to 1
    gini      how much of the inequality of spend the order of the forecasts finds, at most 1
    top 10 %  share of all spend that came from the tenth foretold the most

Source: Frees, Meyers and Cummings, "Summarizing Insurance Scores Using a Gini Index", JASA 2011,
for the ordered Lorenz curve; normalised by that of the spend itself.
"""

from math import ceil

import numpy as np
from scipy.stats import rankdata

from training.fit.repeat_buying import Numbers


def accuracy(foretold: Numbers, spent: Numbers) -> dict[str, float]:
    """Return every figure; nan where all spent the same, or nothing.

    Args:
        foretold: Shape ``(n_customers,)``, at least one.
        spent: Likewise, at least 0.
    """
    total = spent.sum()
    return {
        "mae": float(np.abs(foretold - spent).mean()),
        "bias": float(foretold.sum() / total) if total else float("nan"),
        "spearman": spearman(foretold, spent),
        "gini": gini(foretold, spent),
        "top 10 %": captured(foretold, spent, share=0.1),
    }


def spearman(foretold: Numbers, spent: Numbers) -> float:
    """Return the correlation of ranks, ties at their mean rank; nan where one side is constant."""
    first, second = (rankdata(values) - (values.size + 1) / 2 for values in (foretold, spent))
    size = np.sqrt((first @ first) * (second @ second))
    return float(first @ second / size) if size else float("nan")


def gini(foretold: Numbers, spent: Numbers) -> float:
    """Return the Gini coefficient of spend in the order of the forecasts, by that in its own.

    Equal forecasts share what their customers spent, so that ties neither help nor harm.
    """
    best = _concentration(spent, spent)
    return _concentration(foretold, spent) / best if best else float("nan")


def captured(foretold: Numbers, spent: Numbers, *, share: float) -> float:
    """Return the share of spend of the customers foretold the most; of ties, the first rows."""
    total = spent.sum()
    top = np.argsort(-foretold, kind="stable")[: ceil(share * foretold.size)]
    return float(spent[top].sum() / total) if total else float("nan")


def _concentration(by: Numbers, spent: Numbers) -> float:
    """Return 1 minus twice the area under the curve of spend, customers in the order of ``by``."""
    total = spent.sum()
    if not total:
        return 0.0
    place = (rankdata(by) - 0.5) / by.size
    return float(2 * (place @ spent) / total - 1)
