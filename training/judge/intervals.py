"""How far chance reaches in a figure that is a mean over windows of means over customers.

Who shops in two windows is one customer: whole customers are drawn again, each with all they did,
so that windows which hold the same people do not pass for twice the evidence.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13 (percentiles); Field
and Welsh, "Bootstrapping clustered data", JRSS B 2007 (drawing whole clusters).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.judge.metrics import Values

SHARE = 0.95
N_RESAMPLES = 2000
_BLOCK = 100
"""Resamples made together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The figures of the customers of one window."""

    customer_ids: Sequence[str]
    """Shape ``(n,)``, each once."""
    values: Mapping[str, Values]
    """By metric, shape ``(n,)``; nan where a customer could not be judged by it."""


def intervals(
    windows: Sequence[Judgement], *, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each metric's mean over windows.

    A metric by which some window judged nobody has none, as it has no mean.

    Args:
        windows: With the same metrics.
        rng: Draws the customers.
    """
    names = [
        name
        for name in (windows[0].values if windows else ())
        if all(np.isfinite(window.values[name]).any() for window in windows)
    ]
    if not names:
        return {}
    ids = sorted({id_ for window in windows for id_ in window.customer_ids})
    row_of = {id_: row for row, id_ in enumerate(ids)}
    values = np.full((len(ids), len(windows), len(names)), np.nan)
    for place, window in enumerate(windows):
        rows = [row_of[id_] for id_ in window.customer_ids]
        for number, name in enumerate(names):
            values[rows, place, number] = window.values[name]
    means = _resampled(values, rng)
    tail = (1 - SHARE) / 2
    return {
        name: (float(low), float(high))
        for name, each in zip(names, means.T, strict=True)
        for low, high in [np.nanquantile(each, [tail, 1 - tail])]
    }


def _resampled(values: Values, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the means of resamples, shape ``(n_resamples, n_metrics)``.

    A resample in which some window judges nobody counts as nan.

    Args:
        values: Shape ``(n_customers, n_windows, n_metrics)``.
        rng: Draws the customers.
    """
    n, n_windows, n_metrics = values.shape
    judged = np.isfinite(values).reshape(n, -1)
    sums = np.where(judged, values.reshape(n, -1), 0.0)
    counted = judged.astype(np.float64)
    means = []
    for _ in range(N_RESAMPLES // _BLOCK):
        drawn = rng.integers(n, size=(_BLOCK, n)) + np.arange(_BLOCK)[:, None] * n
        times = np.bincount(drawn.ravel(), minlength=_BLOCK * n).reshape(_BLOCK, n)
        among = times @ counted
        each = np.divide(times @ sums, among, out=np.full(among.shape, np.nan), where=among > 0)
        means.append(each.reshape(_BLOCK, n_windows, n_metrics).mean(axis=1))
    return np.concatenate(means)
