"""Groups of points that lie together, and how far two ways to group them agree.

Sources: Lloyd, "Least Squares Quantization in PCM", IEEE Transactions on Information Theory 1982
(k-means); Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007;
Cohen, "A Coefficient of Agreement for Nominal Scales", 1960 (kappa).
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Points = NDArray[np.float32]
Labels = NDArray[np.intp]

_MOST_ROUNDS = 50


def k_means(points: Points, k: int, *, rng: np.random.Generator, n_starts: int) -> Points:
    """Return the centres with the least squared distance of all starts.

    Args:
        points: Shape ``(n, n_axes)``, at least ``k`` of them.
        k: How many groups; fewer come out where fewer points differ.
        rng: Draws the first centres.
        n_starts: How often to begin anew.

    Returns:
        Shape ``(at most k, n_axes)``.
    """
    found = [_moved(points, _spread(points, k, rng=rng)) for _ in range(n_starts)]
    distances = [np.square(points - one[nearest(points, one)]).sum() for one in found]
    return found[int(np.argmin(distances))]


def nearest(points: Points, centres: Points) -> Labels:
    """Return the number of the centre nearest each point; the first of equals."""
    closeness = points @ centres.T - np.square(centres).sum(axis=1) / 2
    return np.asarray(np.argmax(closeness, axis=1))


def kappa(one: Labels, other: Labels) -> float:
    """Return how far two groupings into groups of the same names agree beyond chance, at most 1.

    nan where chance alone agrees on everyone.
    """
    table = crossed(one, other) / one.size
    same, by_chance = np.trace(table), float(table.sum(axis=1) @ table.sum(axis=0))
    return float((same - by_chance) / (1 - by_chance)) if by_chance < 1 else float("nan")


def crossed(one: Labels, other: Labels) -> NDArray[np.float64]:
    """Return how many points are in group ``a`` of one and ``b`` of the other: a square table."""
    k = int(max(one.max(initial=0), other.max(initial=0))) + 1
    return np.bincount(one * k + other, minlength=k * k).reshape(k, k).astype(np.float64)


def members(labels: NDArray[np.integer], k: int) -> sp.csr_matrix:
    """Return which points are in which group: ones, shape ``(k, n)``, to sum rows by group."""
    n = labels.size
    return sp.csr_matrix((np.ones(n, np.float32), labels, np.arange(n + 1)), shape=(n, k)).T


def _spread(points: Points, k: int, *, rng: np.random.Generator) -> Points:
    """Draw centres from the points, each the likelier the further it is from those before."""
    drawn = [int(rng.integers(points.shape[0]))]
    distance = np.square(points - points[drawn[0]]).sum(axis=1).astype(np.float64)
    while len(drawn) < k and distance.sum() > 0:
        drawn.append(int(rng.choice(points.shape[0], p=distance / distance.sum())))
        distance = np.minimum(distance, np.square(points - points[drawn[-1]]).sum(axis=1))
    return points[drawn]


def _moved(points: Points, centres: Points) -> Points:
    """Move centres to the middle of their points until none changes sides; empty ones stay."""
    before = np.full(points.shape[0], -1)
    for _ in range(_MOST_ROUNDS):
        labels = nearest(points, centres)
        if np.array_equal(labels, before):
            break
        sizes = np.bincount(labels, minlength=centres.shape[0])[:, None]
        middle = (members(labels, centres.shape[0]) @ points) / np.maximum(sizes, 1)
        centres = np.where(sizes > 0, middle, centres).astype(points.dtype)
        before = labels
    return centres
