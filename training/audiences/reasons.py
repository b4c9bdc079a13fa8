"""What distinguishes the members of an audience: five things that they have more of, or less.

Compared are the members' mean and everybody's, over the standard deviation of everybody: one that
is half a deviation away says more than one that is twice as large and differs as much by chance. Of
the numbers each family speaks once, as the same thing is otherwise said in money, in orders and in
items; a share of what is bought may speak as often as it likes.

Source: Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988, ch. 2.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from models.artifacts.audience import Reason
from models.audience_told import mean_told
from models.loaded import Loaded
from training.audiences.features import TOGETHER, Features, features
from training.audiences.numbers import Number
from training.audiences.table import Table

MOST = 5
FEWEST_APART = 0.05
"""Deviations; what is less far apart distinguishes nobody."""
MOST_LOOKED_AT = 50_000
"""Members, and customers, drawn by chance of more: their means are then good to half a hundredth of
a deviation."""

Means = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Summed:
    """Means and standard deviations of columns, shape ``(n_columns,)``."""

    means: Means
    deviations: Means


def reasons(
    table: Table,
    members: Rows,
    *,
    loaded: Loaded,
    kept_out: Collection[str],
    kept_out_rows: Rows,
    rng_seed: int,
) -> list[Reason]:
    """Return what distinguishes members from all customers, the strongest first.

    Args:
        table: All customers of a release.
        members: Rows of the table.
        loaded: The release.
        kept_out: Fields of ``models.customer.rule`` that say who is a member: no news.
        kept_out_rows: Items whose purchase says so.
        rng_seed: Where chance begins, where there are too many to look at all.

    Returns:
        Five at most; fewer where less distinguishes them, none of nobody. None whose two means
        are told in the same words.
    """
    if not members.size:
        return []
    known = features(table, loaded, kept_out=kept_out, kept_out_rows=kept_out_rows)
    rng = np.random.default_rng(rng_seed)
    names, families = _told(known)
    of_all = _summed(known, _some(np.arange(len(table.ids)), rng))
    of_members = _summed(known, _some(members, rng))
    apart = of_members.means - of_all.means
    size = np.divide(
        apart, of_all.deviations, out=np.zeros_like(apart), where=of_all.deviations > 0
    )
    both = zip(names, of_members.means, of_all.means, strict=True)
    reads_alike = [mean_told(name, one) == mean_told(name, other) for name, one, other in both]
    size[reads_alike] = 0
    return [
        Reason(
            feature=names[place],
            direction="higher" if apart[place] > 0 else "lower",
            members=_round(of_members.means[place]),
            everybody=_round(of_all.means[place]),
        )
        for place in _strongest(np.abs(size), families)
    ]


def _strongest(size: Means, families: list[str]) -> list[int]:
    """Return the places of the columns that are furthest apart, one a family, the first first."""
    spoken: set[str] = set()
    places: list[int] = []
    for place in np.argsort(-size, kind="stable").tolist():
        if size[place] < FEWEST_APART or len(places) == MOST:
            break
        if families[place] not in spoken:
            places.append(place)
            spoken.add(families[place])
    return places


def _told(known: Features) -> tuple[list[str], list[str]]:
    """Return the name of each column that is told, and its family; a share is its own."""
    shares = [f"share of {name}" for name in known.categories]
    numbers = _numbers(known)
    return (
        shares + [number.name for number in numbers],
        shares + [number.families[0] for number in numbers],
    )


def _numbers(known: Features) -> list[Number]:
    return [number for number in known.numbers if number.is_told]


def _summed(known: Features, rows: NDArray[np.intp]) -> _Summed:
    """Return means and deviations of what is told; what is unknown of a customer is left out."""
    n = sums = squares = np.zeros(len(_told(known)[0]))
    for columns in _columns(known, rows):
        there = np.isfinite(columns)
        columns[~there] = 0
        n = n + there.sum(axis=0)
        sums = sums + columns.sum(axis=0)
        squares = squares + (columns**2).sum(axis=0)
    means = sums / np.maximum(n, 1)
    return _Summed(
        means=means, deviations=np.sqrt(np.maximum(squares / np.maximum(n, 1) - means**2, 0))
    )


def _columns(known: Features, rows: NDArray[np.intp]) -> Iterator[Means]:
    """Yield what is told of some customers at a time, as a person reads it."""
    for begin in range(0, rows.size, TOGETHER):
        some = known.some(rows[begin : begin + TOGETHER])
        numbers = [number.of(some)[:, None] for number in _numbers(known)]
        yield np.concatenate([known.shares(some), *numbers], axis=1, dtype=np.float64)


def _some(rows: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.intp]:
    if rows.size > MOST_LOOKED_AT:
        rows = np.sort(rng.choice(rows, MOST_LOOKED_AT, replace=False))
    return rows.astype(np.intp)


def _round(mean: float) -> float:
    """Return four digits: more than that is chance."""
    return float(f"{mean:.4g}")
