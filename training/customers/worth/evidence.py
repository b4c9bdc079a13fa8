"""What the report draws of value: who was right in the past, and how value is spread.

back_test   accuracy of each candidate and of the mix, a mean over the cuts
alive       customers by P(alive) at the latest cut: said, and the share that bought again
spend       customers by foretold spend at the latest cut: foretold and spent, means
lorenz      share of historic value of the poorest 0, 1 … 100 % of customers
clv         customers by expected lifetime value: edges and counts

Whether intervals hold is told beside these, by ``training.customers.worth.held_out``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.customers.worth.accuracy import accuracy
from training.customers.worth.back_test import mixed
from training.customers.worth.learned import Learned
from training.fit.repeat_buying import Numbers

THE_MIX = "the mix"
N_BARS = 40
SHOWN = 0.99
"""The last bar holds all above this quantile."""

Tenths = list[dict[str, float]]


def of_learned(learned: Learned) -> dict[str, Any]:
    """Return what back-tests showed."""
    latest = learned.cuts[0]
    mix = mixed(latest.foretold, learned.choice.mix)
    alive = latest.models.buying[learned.choice.process].alive(latest.seen.counts)
    came_back = (latest.came.days > 0).astype(np.float64)
    return {
        "window_weeks": round(learned.models.weeks, 2),
        "cuts_weeks_ago": [round(cut.moment.days_ago / 7, 1) for cut in learned.cuts],
        "back_test": figures(learned),
        "alive": by_tenths(alive, came_back),
        "spend": by_tenths(mix, latest.came.spend),
    }


def of_customers(historic: Numbers, clv: Numbers) -> dict[str, Any]:
    """Return how value is spread over the customers."""
    return {"lorenz": lorenz(historic), "clv": histogram(clv)}


def figures(learned: Learned) -> dict[str, dict[str, float | None]]:
    """Return the accuracy of each candidate and of the mix, means over the cuts.

    None where a figure has no meaning: forecasts that are all equal put nobody in order.
    """
    told = [
        dict(cut.foretold) | {THE_MIX: mixed(cut.foretold, learned.choice.mix)}
        for cut in learned.cuts
    ]
    found: dict[str, dict[str, float | None]] = {}
    for name in told[0]:
        if not all(name in foretold for foretold in told):
            continue
        cuts = [
            accuracy(foretold[name], cut.came.spend)
            for foretold, cut in zip(told, learned.cuts, strict=True)
        ]
        found[name] = {figure: _mean([one[figure] for one in cuts]) for figure in cuts[0]}
        found[name]["mae, spread"] = _short(np.std([one["mae"] for one in cuts]))
    return found


def by_tenths(foretold: Numbers, came: Numbers) -> Tenths:
    """Return mean forecast and mean outcome of ten groups by forecast, the lowest first."""
    order = np.argsort(foretold, kind="stable")
    return [
        {
            "customers": rows.size,
            "foretold": _short(foretold[rows].mean()),
            "came": _short(came[rows].mean()),
        }
        for rows in np.array_split(order, 10)
        if rows.size
    ]


def lorenz(values: Numbers) -> list[float]:
    """Return the share of all value that the poorest 0, 1 … 100 % of customers hold.

    Losses count as nothing, so that the curve begins at 0 and rises; all 0 where there is no value.
    """
    running = np.concatenate(([0.0], np.cumsum(np.sort(np.maximum(values, 0)))))
    if not running[-1]:
        return [0.0] * 101
    at = np.linspace(0, values.size, 101)
    shares = np.interp(at, np.arange(running.size), running) / running[-1]
    return [_short(share) for share in shares]


def histogram(values: Numbers) -> dict[str, list[float]]:
    """Return edges, and how many customers are between each two; the last holds all above too."""
    known = values[np.isfinite(values)]
    if not known.size:
        return {"edges": [], "customers": []}
    last = float(np.quantile(known, SHOWN))
    edges = np.linspace(min(float(known.min()), 0.0), max(last, 1e-9), N_BARS + 1)
    counts, _ = np.histogram(np.minimum(known, edges[-1]), bins=edges)
    return {"edges": [_short(edge) for edge in edges], "customers": counts.tolist()}


def _short(value: float | np.floating[Any]) -> float:
    """Return a figure with five digits, which is more than is drawn."""
    return float(f"{value:.5g}")


def _mean(values: Sequence[float]) -> float | None:
    """Return a mean; None where a figure has no meaning at one of the cuts, as ranks of equals."""
    return _short(np.mean(values)) if np.isfinite(values).all() else None
