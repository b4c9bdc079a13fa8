"""What a release says of its customers as a whole: groups with their value, and the matrix.

It is made once, in training, and kept in the bundle as JSON (``customers.summary``); a server
answers ``/segments`` and ``/portfolio`` from it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

import orjson

NEWCOMERS, GONE = "newcomers", "gone"
"""What stands for a group in movements where a customer was not known before, or is no more."""

Kind = Literal["tier", "stage", "segment", "portfolio", "satisfaction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What a group will bring, and where that ends up four times in five."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Sum):
    """The same, within some weeks."""

    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers who have something in common."""

    name: str
    """Unique among all kinds: ``high``, ``client``, ``about-to-sleep``, ``portfolio-3``."""
    kind: Kind
    code: int
    """As a customer's ``Standing`` has it."""
    title: str
    """What a person reads: "About to sleep", "Young parents: baby, dairy"."""
    description: str
    """The rule, or what distinguishes them."""
    customers: int
    share_of_customers: float
    historic_value: float
    share_of_value: float | None
    """Of all historic value; None where that is not above 0, or a group's of this kind is below."""
    predicted_value: Sum | None
    """Over the horizon of the release; None where nothing could be foretold."""
    joined: Mapping[str, int] | None = None
    """Who was in another group of this kind in the release before, by its name; ``NEWCOMERS``
    for who was not known then. None where there was no release before."""
    left: Mapping[str, int] | None = None
    """Likewise, by the name of the group that they are in now; ``GONE`` for who is not known."""
    expected_purchases: tuple[Within, ...] | None = None
    """Days with an order, by horizon; None where nothing could be foretold, or the release is of a
    Cartera that did not say. So too are these:"""
    expected_spend: tuple[Within, ...] | None = None
    """Money paid, likewise."""
    expected_alive: float | None = None
    """How many of them are still customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All groups of a release, and how value was told."""

    groups: tuple[Group, ...]
    currency: str | None
    basis: Literal["margin", "revenue"]
    """Whether value is margin, or money taken where no margin is known."""
    horizon_weeks: int
    annual_rate: float
    """Discount rate of the lifetime value."""
    matrix: Mapping[str, Any] = field(default_factory=dict)
    """Customers and value by historical and potential value, and the thresholds."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What the report draws: back-test figures, calibration, the Lorenz curve."""

    @property
    def n_portfolios(self) -> int:
        """How many groups of one need there are."""
        return max((group.code for group in self.groups if group.kind == "portfolio"), default=0)

    def group(self, name: str) -> Group | None:
        """Return a group by its name."""
        return next((group for group in self.groups if group.name == name), None)

    def named(self, kind: Kind, code: int) -> Group | None:
        """Return the group of a kind that a customer's standing means by ``code``."""
        return next((one for one in self.groups if (one.kind, one.code) == (kind, code)), None)

    def to_json(self) -> bytes:
        """Return the summary as JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SERIALIZE_NUMPY)

    @classmethod
    def from_json(cls, text: bytes | memoryview) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            ValueError, TypeError, KeyError: It is something else.
        """
        told = orjson.loads(text)
        groups = tuple(_group(one) for one in told.pop("groups"))
        return cls(groups=groups, **told)


def _group(told: dict[str, Any]) -> Group:
    predicted = told.pop("predicted_value")
    return Group(
        predicted_value=None if predicted is None else Sum(**predicted),
        expected_purchases=_within(told.pop("expected_purchases", None)),
        expected_spend=_within(told.pop("expected_spend", None)),
        **told,
    )


def _within(told: list[dict[str, Any]] | None) -> tuple[Within, ...] | None:
    return None if told is None else tuple(Within(**one) for one in told)
