"""What each placement brought under each release: the counts of attribution, summed, and rates.

A rate is of lists shown. A list may be clicked more than once, and an order may come of a mail that
nobody told was seen, so a rate may be above 1; then it is no share, and has no interval.

Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927,
for the interval of a share: it stays between 0 and 1, and holds for few lists too.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt

from models.counted import OTHER, Field, What
from models.credit import UNIT

N_PLACEMENTS, N_RELEASES = 50, 20
"""Those that are told apart: the most shown placements, and the latest releases."""
NAME = "name"
"""The field that names counts which are set aside, to be added to the sums once."""
_OF_MONEY = frozenset({"revenue", "margin", "provisional_revenue"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_Z = 1.959964
"""Of a normal distribution 95 % lie within so many standard deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many."""

    value: float
    low: float | None
    """The interval's ends, 95 %; None where the rate is no share."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What was earned in one currency; empty where the events named none."""

    currency: str
    revenue: float
    margin: float | None
    """None where no item's is known."""
    provisional_revenue: float
    """By pages' word alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one placement brought under one release."""

    placement: str
    release: str
    impressions: int
    clicks: int
    orders: int
    money: tuple[Money, ...]
    """By currency."""

    @property
    def click_rate(self) -> Rate | None:
        """Clicks of lists shown; None where none was."""
        return rate(self.clicks, self.impressions)

    @property
    def order_rate(self) -> Rate | None:
        """Orders of lists shown; None where none was."""
        return rate(self.orders, self.impressions)


def results(
    counts: Mapping[Field, int], *, since: date | None = None, until: date | None = None
) -> list[Result]:
    """Sum counts over days, by placement and release, the most shown first.

    What is seldom shown, or old, stands together as ``other``: pages can make names up.

    Args:
        counts: Of all shards.
        since: The first day that counts; None counts from the beginning.
        until: The last day that counts; None counts to the end.
    """
    first, last = since.isoformat() if since else "", until.isoformat() if until else "9999"
    of_days = {field: n for field, n in counts.items() if first <= field.day <= last}
    sums: dict[tuple[str, str], Counter[tuple[str, What]]] = defaultdict(Counter)
    for field, n in _bounded(of_days).items():
        sums[field.placement, field.release][field.currency, field.what] += n
    found = [_result(placement, release, of) for (placement, release), of in sums.items()]
    return sorted(found, key=lambda one: (-one.impressions, one.placement, one.release))


def _result(placement: str, release: str, sums: Counter[tuple[str, What]]) -> Result:
    currencies = sorted({currency for currency, what in sums if what in _OF_MONEY})
    return Result(
        placement=placement,
        release=release,
        impressions=sums["", "impressions"],
        clicks=sums["", "clicks"],
        orders=sums["", "orders"],
        money=tuple(
            Money(
                currency=currency,
                revenue=sums[currency, "revenue"] / UNIT,
                margin=sums[currency, "margin"] / UNIT if (currency, "margin") in sums else None,
                provisional_revenue=sums[currency, "provisional_revenue"] / UNIT,
            )
            for currency in currencies
        ),
    )


def _bounded(counts: Mapping[Field, int]) -> dict[Field, int]:
    """Return the counts without their days, and what is seldom shown, or old, as ``other``."""
    shown: Counter[str] = Counter()
    for field, n in counts.items():
        shown[field.placement] += n if field.what == "impressions" else 0
    placements = {name for name, _ in shown.most_common(N_PLACEMENTS)}
    releases = set(sorted({field.release for field in counts})[-N_RELEASES:])
    sums: Counter[Field] = Counter()
    for field, n in counts.items():
        kept = field._replace(
            day="",
            placement=field.placement if field.placement in placements else OTHER,
            release=field.release if field.release in releases else OTHER,
        )
        sums[kept] += n
    return dict(sums)


def mark(shard: int) -> str:
    """Return the field of the sums that names what was added last of a shard."""
    return f"s{shard:03d}"


def size(day: str) -> str:
    """Return the field of the sums that says how many numbers of a day are told apart."""
    return f"n{day}"


def day_of(name: bytes) -> str | None:
    """Return the day of a field of the sums; None where it has none."""
    text = name.decode(errors="replace").removeprefix("n").removeprefix('["')[:10]
    return text if _DAY.fullmatch(text) else None


def is_count(name: bytes) -> bool:
    """Whether a field counts something; others are names of what was added."""
    return name.startswith(b"[")


def marks(sums: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Return what was added last of each shard."""
    return {name: value for name, value in sums.items() if not is_count(name)}


def summed(
    sums: Mapping[bytes, bytes],
    shards: Iterable[tuple[Mapping[bytes, bytes], Mapping[bytes, bytes]]],
) -> Counter[bytes]:
    """Add what shards have counted to the sums, under the names of the fields.

    Args:
        sums: As the store has them.
        shards: Of each shard in order, what it has counted since, and what is set aside of it to be
            added: that counts unless the sums say that it is in them.
    """
    found = Counter({name: int(n) for name, n in sums.items() if is_count(name)})
    for shard, (counts, aside) in enumerate(shards):
        is_added = aside and sums.get(mark(shard).encode()) == aside.get(NAME.encode())
        for some in (counts, {} if is_added else aside):
            for name, n in some.items():
                if is_count(name):
                    found[name] += int(n)
    return found


def rate(n: int, of: int) -> Rate | None:
    """Return a rate and its interval; None of nothing."""
    if of <= 0:
        return None
    value = n / of
    if not 0 <= n <= of:
        return Rate(value=value, low=None, high=None)
    weight = 1 + _Z * _Z / of
    middle = (value + _Z * _Z / (2 * of)) / weight
    reach = _Z * sqrt(value * (1 - value) / of + _Z * _Z / (4 * of * of)) / weight
    return Rate(value=value, low=max(0.0, middle - reach), high=min(1.0, middle + reach))
