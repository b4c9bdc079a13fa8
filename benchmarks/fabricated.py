"""A release of any size, made in seconds without training: what speed is measured on.

Speed depends on how many items and customers there are, how long their lists are and how the
vectors' lengths are spread, not on whether anybody ever bought any of it. So items get vectors
around their category's taste with lengths spread as those of ALS are (lognormally), and every
customer gets a vector, a list of 200 and some thirty purchases, best sellers first. Quality is
measured elsewhere, on real purchases. Everything follows from the sizes and a seed, is written by
``training.release`` in the format that the trainer writes, and is kept on disk by its sizes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.fabricated_items import FACTORS, items
from benchmarks.fabricated_names import customer_id
from models.arrays import Factors
from models.artifacts import manifest as manifests
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.artifacts.manifest import Manifest
from training import release
from training.fit.blend import DEFAULT
from training.fit.records import N_LIST

SEED = 7
MADE = 2
"""Raised whenever what is made here, or a format it is written in, changes."""
N_BOUGHT = 30
BLOCK = 20_000
LAST_DAY = 17_531
"""2017-12-31, in days from 1970-01-01."""

_REASONS = np.where(np.arange(N_LIST) % 4 == 3, int(Reason.POPULAR), int(Reason.TASTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabricated:
    """A release on disk."""

    folder: Path
    n_items: int
    n_customers: int

    @classmethod
    def of(cls, n_items: int, n_customers: int, *, kept: Path) -> Self:
        """Return the release of these sizes; make it where ``kept`` does not hold it yet."""
        folder = (
            kept
            / f"made-{MADE}-{manifests.FORMAT}-{n_items}-{n_customers}"
            / _version(n_items, n_customers)
        )
        if not (folder / release.MANIFEST).is_file():
            rng = np.random.default_rng([SEED, n_items])
            told = _manifest(folder.name, n_items=n_items, n_customers=n_customers)
            shop = items(n_items, told, rng=rng)
            made = customers(n_customers, shop.tastes, n_items=n_items)
            release.write(folder, shop.loaded, ((*one, b"") for one in made))
        return cls(folder=folder, n_items=n_items, n_customers=n_customers)


def customers(
    n_customers: int, tastes: Factors, *, n_items: int
) -> Iterator[tuple[str, CustomerRecord, History]]:
    """Yield every customer; the same however many there are.

    Args:
        n_customers: How many.
        tastes: Shape ``(n_categories, n_factors)``; a customer likes two of them.
        n_items: How many items the lists are drawn from, at least 1,000.

    Raises:
        ValueError: There are fewer items.
    """
    if n_items < 5 * N_LIST:
        raise ValueError(f"n_items must be at least {5 * N_LIST}, got {n_items}")
    for begin in range(0, n_customers, BLOCK):
        rng = np.random.default_rng([SEED, n_items, begin])
        block = _Block.of(BLOCK, tastes, n_items=n_items, rng=rng)
        for place in range(min(BLOCK, n_customers - begin)):
            yield customer_id(begin + place), block.record(place), block.history(place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """Some customers, as tables of one row each."""

    vectors: NDArray[np.float16]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    reasons: NDArray[np.uint8]
    bought: NDArray[np.int32]
    times: NDArray[np.uint16]
    last_day: NDArray[np.uint16]
    every_days: NDArray[np.uint16]
    repeat: NDArray[np.float32]

    @classmethod
    def of(cls, n: int, tastes: Factors, *, n_items: int, rng: np.random.Generator) -> Self:
        likes = tastes[rng.integers(tastes.shape[0], size=(n, 2))].mean(axis=1)
        rows = rng.permuted(_distinct(n, n_items, rng=rng), axis=1)
        place = np.argsort(rng.random((n, N_LIST)), axis=1)[:, :N_BOUGHT]
        reasons = np.tile(_REASONS.astype(np.uint8), (n, 1))
        np.put_along_axis(reasons, place, np.uint8(Reason.REPEAT), axis=1)
        head = rng.uniform(0.2, 0.9, size=(n, 1))
        times = rng.geometric(0.4, size=(n, N_BOUGHT))
        every = np.where(times > 1, rng.integers(3, 90, size=times.shape), 0)
        return cls(
            vectors=(likes + rng.normal(0, 0.05, size=likes.shape)).astype(np.float16),
            rows=rows,
            scores=(head / (1 + np.arange(N_LIST) / 12)).astype(np.float32),
            reasons=reasons,
            bought=np.sort(np.take_along_axis(rows, place, axis=1), axis=1),
            times=times.astype(np.uint16),
            last_day=(LAST_DAY - rng.integers(0, 300, size=times.shape)).astype(np.uint16),
            every_days=every.astype(np.uint16),
            repeat=rng.random(times.shape).astype(np.float32),
        )

    def record(self, place: int) -> CustomerRecord:
        return CustomerRecord(
            vector=self.vectors[place],
            rows=self.rows[place],
            reasons=self.reasons[place],
            scores=self.scores[place],
        )

    def history(self, place: int) -> History:
        return History(
            rows=self.bought[place],
            times=self.times[place],
            last_day=self.last_day[place],
            every_days=self.every_days[place],
            repeat=self.repeat[place],
        )


def _distinct(n: int, n_items: int, *, rng: np.random.Generator) -> NDArray[np.int32]:
    """Return ``N_LIST`` ascending rows for each of ``n``, closer together among best sellers."""
    widths = np.arange(N_LIST, dtype=np.float64) ** 2
    widths *= (n_items - N_LIST) / widths.sum()
    gaps = 1 + np.floor(rng.random((n, N_LIST)) * widths)
    return (np.cumsum(gaps, axis=1) - 1).astype(np.int32)


def _version(n_items: int, n_customers: int) -> str:
    return f"20180101T000000Z-{(n_items * 31 + n_customers) % 0xFFFF:04x}"


def _manifest(version: str, *, n_items: int, n_customers: int) -> Manifest:
    counts = {"items": n_items, "items_with_models": n_items, "customers": n_customers}
    settings = {"fabricated": True, "seed": SEED, "factors": FACTORS}
    return Manifest(
        version=version,
        created_at="2018-01-01T00:00:00+00:00",
        first_purchase="2017-01-01T00:00:00+00:00",
        last_purchase="2017-12-31T00:00:00+00:00",
        counts=counts,
        settings=settings,
        weights=DEFAULT.numbers(),
        metrics={},
    )
