"""The shelf of a made-up shop: what an item is, how well it sells, when, and how long it lasts.

Items stand by category, and within one by kind; a **place** is a category's kind. Whoever wants
something of a place picks by popularity there, which is one search in the running sum of it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Rows
from training.data.catalog import as_items

N_KINDS = 4
N_STYLES = 40
ITEMS_PER_CATEGORY = 200
MOST_CATEGORIES = 1000
EVERY_DAYS = (7, 14, 21, 28, 42, 60)
"""How long items last that are used up; those of a category last alike."""
OFFER_EVERY_WEEKS = 8
OFF = 0.2
"""What an offer takes off the price, in the one week in eight that an item has one."""
YEAR_DAYS = 365

_SHIFT = 30
"""Makes the best-seller of 100,000 items 1 line in 250, where Zipf's bare law makes it 1 in 12."""
_SHARE_USED_UP, _SHARE_SEASONAL, _SHARE_LATER = 0.4, 0.2, 0.3
_QUIETEST = 0.05
"""How often a seasonal item sells half a year from its peak, beside the peak itself."""
_KINDS = ("Classic", "Organic", "Light", "Premium")
_THINGS = (
    "coffee", "tea", "bread", "cheese", "yogurt", "juice", "pasta", "rice", "soap", "shampoo",
    "candles", "notebooks", "socks", "gloves", "lamps", "mugs", "knives", "plants", "toys", "games",
)  # fmt: skip
_N_BRANDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Every item, and who likes what; arrays are of shape ``(n_items,)`` where none is told."""

    place: Rows
    """``category * N_KINDS + kind``, ascending."""
    popularity: NDArray[np.float64]
    """Shares, sum 1, by Zipf's law."""
    every_days: Rows
    """Days until an item that is used up is bought again; 0 for one that lasts."""
    peak_day: Rows
    """Day of the year on which a seasonal item sells best; -1 for one of every season."""
    first_day: Rows
    """When it came into the shop."""
    offer_week: Rows
    """In which of ``OFFER_EVERY_WEEKS`` weeks it is on offer."""
    price: NDArray[np.float64]
    brand: Rows
    share_before: NDArray[np.float64]
    """Shape ``(n_items + 1,)``: the running sum of ``popularity``."""
    first_of_place: NDArray[np.int64]
    """Shape ``(n_places + 1,)``: where each place begins."""
    liked: NDArray[np.float64]
    """Shape ``(n_styles, n_categories)``: how each style of customer shares its favour, sum 1."""

    @property
    def n_categories(self) -> int:
        """How many categories there are; each has every kind."""
        return (self.first_of_place.size - 1) // N_KINDS

    def pick(self, place: Rows, rng: np.random.Generator) -> Rows:
        """Pick an item for each place, by popularity there; -1 is the whole shelf. As ``place``."""
        start = np.where(place < 0, 0, self.first_of_place[place])
        end = np.where(place < 0, self.price.size, self.first_of_place[place + 1])
        low, high = self.share_before[start], self.share_before[end]
        aim = low + rng.random(place.size) * (high - low)
        found = np.searchsorted(self.share_before, aim, side="right") - 1
        return np.clip(found, start, end - 1).astype(np.int32)

    def sells(self, item: Rows, day: Rows) -> NDArray[np.float64]:
        """Return how gladly an item is taken on a day: 1 at its peak, 0 before it came."""
        peak = self.peak_day[item]
        angle = 2 * np.pi * (day - peak) / YEAR_DAYS
        in_season = _QUIETEST + (1 - _QUIETEST) * ((1 + np.cos(angle)) / 2) ** 2
        return np.where(peak < 0, 1.0, in_season) * (day >= self.first_day[item])

    def table(self) -> pl.DataFrame:
        """Return the items file: the columns of ``training.data.catalog.ITEMS``, a row an item."""
        category, kind = np.divmod(self.place, N_KINDS)
        names = [
            f"{_THINGS[n % len(_THINGS)]} {n // len(_THINGS) + 1}" for n in range(category[-1] + 1)
        ]
        frame = pl.DataFrame(
            {
                "item_id": ids("i", np.arange(self.price.size)),
                "kind": np.array(_KINDS)[kind],
                "category": np.array(names)[category],
                "brand": ids("Brand ", self.brand),
                "price": self.price,
            }
        )
        title = pl.format("{} {}, {}", "kind", "category", "item_id")
        return as_items(frame.with_columns(title=title).drop("kind"))


def ids(prefix: str, numbers: NDArray[np.integer]) -> pl.Series:
    """Return the ids that the shop's files have for rows."""
    return pl.select(pl.lit(prefix) + pl.lit(pl.Series(numbers)).cast(pl.String)).to_series()


def make_shelf(n_items: int, *, n_days: int, rng: np.random.Generator) -> Shelf:
    """Stock a shelf of ``n_items`` for a history of ``n_days``."""
    n_categories = int(np.clip(n_items // ITEMS_PER_CATEGORY, 2, MOST_CATEGORIES))
    n_places = n_categories * N_KINDS
    place = (np.arange(n_items) * n_places // n_items).astype(np.int32)
    category = place // N_KINDS
    popularity = 1 / (_SHIFT + 1 + rng.permutation(n_items))
    popularity /= popularity.sum()
    lasts = np.where(
        rng.random(n_categories) < _SHARE_USED_UP, rng.choice(EVERY_DAYS, n_categories), 0
    )
    peaks = rng.integers(0, YEAR_DAYS, n_categories)
    peaks = np.where(rng.random(n_categories) < _SHARE_SEASONAL, peaks, -1)
    later = rng.integers(0, n_days, n_items)
    costs = rng.lognormal(2, 0.8, n_categories)
    liked = rng.gamma(0.3, 1, (N_STYLES, n_categories)) * np.bincount(category, popularity)
    return Shelf(
        place=place,
        popularity=popularity,
        every_days=lasts[category].astype(np.int32),
        peak_day=peaks[category].astype(np.int32),
        first_day=np.where(rng.random(n_items) < _SHARE_LATER, later, 0).astype(np.int32),
        offer_week=rng.integers(0, OFFER_EVERY_WEEKS, n_items, dtype=np.int32),
        price=np.maximum(0.5, costs[category] * rng.lognormal(0, 0.4, n_items)).round(2),
        brand=rng.integers(0, _N_BRANDS, n_items, dtype=np.int32),
        share_before=np.concatenate([[0.0], np.cumsum(popularity)]),
        first_of_place=np.searchsorted(place, np.arange(n_places + 1)),
        liked=liked / liked.sum(axis=1, keepdims=True),
    )
