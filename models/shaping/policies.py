"""The best service to the best customers: what a placement does for customers of each tier.

The shop writes it as a table, once, and not into every request:

    [home]                              # whoever comes
    novelty = 0.2

    [home.high]                         # customers of the high tier: besides, or instead
    novelty = 0.4
    categories = ["Cheese", "Wine"]

    novelty      any, new_only, or the share of the list that must be new
    diversity    0 to 1
    objective    relevance or profit
    categories   the list keeps to them

Novelty, diversity and objective are a request's own fields: where it says one, that counts.
Categories stand beside its filter: an item must meet both. Tiers: high, medium, low, and unknown,
which is visitors as well as customers whose value cannot be told. Of whom no tier is at hand, for
the store is away or the release knows none, gets what whoever comes gets.

What a release cannot do is left out while it serves: profit where no margin is known, and
categories of which it has no item, which would leave the list empty.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any, Literal, Self

from models.catalogue import Catalogue
from models.customer.value import Tier
from models.filter_tree import MAX_VALUES
from models.shaping.placements import Columns, checked, tables
from models.shaping.rules import Filter, parse

_N_READY = 4096
"""Rows that are at hand as requests leave them; a table has few, and each four columns."""
TIERS: Mapping[str, Tier] = {tier.name.lower(): tier for tier in reversed(Tier)}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What one row of the table says; None, or no category, where it says nothing."""

    novelty: Literal["any", "new_only"] | float | None = None
    diversity: float | None = None
    objective: Literal["relevance", "profit"] | None = None
    categories: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Return a number that is worked out once: rows are looked up with every request."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.novelty, self.diversity, self.objective, self.categories))

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """What the row says, by column."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: said for name, said in every.items() if said is not None and said != ()}

    @cached_property
    def filter(self) -> Filter | None:
        """The categories, as a filter."""
        return parse({"in": ["category", list(self.categories)]}) if self.categories else None

    def over(self, below: Self) -> Self:
        """Return what this row says, and where it says nothing, what the one ``below`` does."""
        return replace(below, **self.told)

    def but(self, names: Container[str]) -> Self:
        """Return the same without some of its columns."""
        kept = {name: said for name, said in self.told.items() if name not in names}
        return self if len(kept) == len(self.told) else type(self)(**kept)


Rows = Mapping[Tier | None, Policy]
"""What a placement does, by tier: each has a row, if an empty one, and so has whoever comes."""
Policies = Mapping[str, Rows]
"""By placement."""


def read(table: Mapping[str, object]) -> Policies:
    """Check a table as TOML gave it.

    Raises:
        PolicyError: A name or a value is none of ours; says which.
    """
    return {
        placement: _rows(_row(f"[{placement}]", columns), placement, of_tiers)
        for placement, columns, of_tiers in tables(table, kind="tier", names=TIERS)
    }


def unmet(policies: Policies, catalogue: Catalogue, *, has_margins: bool) -> Iterator[str]:
    """Yield what a release lacks that the table asks for, in words: no request fails for it."""
    for placement, rows in policies.items():
        if not has_margins and any(row.objective == "profit" for row in rows.values()):
            yield f"[{placement}] asks for profit, and no margin is known: it gets relevance"
        for name in sorted({name for row in rows.values() for name in row.categories}):
            if not _has(catalogue, name):
                yield f"[{placement}] keeps to {name!r}, and no item is of that category"


def fitting(policies: Policies, catalogue: Catalogue, *, has_margins: bool) -> Policies:
    """Return the table as far as a release can do it.

    Args:
        policies: The table as the shop wrote it.
        catalogue: The release's.
        has_margins: Whether it knows any.
    """
    beyond = set() if has_margins else {"objective"}

    def fit(row: Policy) -> Policy:
        is_there = any(_has(catalogue, name) for name in row.categories)
        return row.but(beyond if is_there else beyond | {"categories"})

    return {
        placement: {tier: fit(row) for tier, row in rows.items()}
        for placement, rows in policies.items()
    }


@lru_cache(_N_READY)
def left_open(row: Policy, filled: frozenset[str]) -> Policy:
    """Return what of a row a request leaves open that fills some of the columns itself."""
    return row.but(filled)


def _has(catalogue: Catalogue, category: str) -> bool:
    return bool(parse({"eq": ["category", category]}).of(catalogue).at_most)


def _rows(anyone: Policy, placement: str, of_tiers: Mapping[str, Mapping[str, object]]) -> Rows:
    rows: dict[Tier | None, Policy] = dict.fromkeys((*TIERS.values(), None), anyone)
    for tier, columns in of_tiers.items():
        rows[TIERS[tier]] = _row(f"[{placement}.{tier}]", columns).over(anyone)
    return rows


def _row(place: str, columns: Mapping[str, object]) -> Policy:
    told = checked(place, columns, _COLUMNS)
    if "categories" in told:
        told["categories"] = tuple(told["categories"])
    return Policy(**told)


def _is_share(said: object) -> bool:
    return isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= 1


def _is_names(said: object) -> bool:
    return (
        isinstance(said, list)
        and 0 < len(said) <= MAX_VALUES
        and all(isinstance(name, str) and name for name in said)
    )


_COLUMNS: Columns = {
    "novelty": (
        '"any", "new_only" or a share from 0 to 1',
        lambda said: said in ("any", "new_only") or _is_share(said),
    ),
    "diversity": ("a number from 0 to 1", _is_share),
    "objective": ('"relevance" or "profit"', lambda said: said in ("relevance", "profit")),
    "categories": (f"a list of 1 to {MAX_VALUES} names", _is_names),
}
COLUMNS = frozenset(_COLUMNS)
