"""Groups of customers: their size, their value, and who came and went since the last release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.customer.summary import GONE, NEWCOMERS, Group, Kind, Sum, Within
from training.customers.before import Before

Codes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a code of a kind is called, and what it means."""

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What is to come of some customers together; None where nothing can be foretold."""

    purchases: tuple[Within, ...] | None
    spend: tuple[Within, ...] | None
    alive: float | None
    """How many of them are still customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What the customers are worth, one by one and as many as one likes together."""

    historic: NDArray[np.floating]
    """Shape ``(n_customers,)``."""
    predicted: Callable[[NDArray[np.bool_]], Sum | None]
    """The sum of what some of them are expected to bring, by a mask."""
    coming: Callable[[NDArray[np.bool_]], Coming]
    """What is to come of some of them, by a mask."""


def groups(
    kind: Kind,
    codes: Codes,
    names: Mapping[int, Named],
    worth: Worth,
    *,
    before: Before | None = None,
) -> list[Group]:
    """Return the groups of one kind, in the order of ``names``.

    Args:
        kind: Of the groups.
        codes: Shape ``(n_customers,)``: the group of each.
        names: By code; every code in ``codes`` has one.
        worth: Of the same customers.
        before: Where they stood in the release before; None where there was none.
    """
    values = {code: float(worth.historic[codes == code].sum()) for code in names}
    shares = _shares(values)
    found = []
    for code, named in names.items():
        members = codes == code
        n, coming = int(members.sum()), worth.coming(members)
        joined = left = None
        if before is not None and kind in before.there:
            then = before.there[kind]
            joined = _counted(then[members], code, names, unknown=NEWCOMERS)
            left = _counted(codes[then == code].astype(np.int16), code, names)
            n_gone = int((before.gone[kind] == code).sum())
            left |= {GONE: n_gone} if n_gone else {}
        found.append(
            Group(
                name=named.name,
                kind=kind,
                code=code,
                title=named.title,
                description=named.description,
                customers=n,
                share_of_customers=n / codes.size if codes.size else 0.0,
                historic_value=values[code],
                share_of_value=shares[code],
                predicted_value=worth.predicted(members) if n else Sum(expected=0, low=0, high=0),
                joined=joined,
                left=left,
                expected_purchases=coming.purchases,
                expected_spend=coming.spend,
                expected_alive=coming.alive,
            )
        )
    return found


def _shares(values: Mapping[int, float]) -> dict[int, float | None]:
    """Return each one's share of all; None where losses would make it no share of anything."""
    total = sum(values.values())
    is_told = total > 0 and min(values.values()) >= 0
    return {code: value / total if is_told else None for code, value in values.items()}


def _counted(
    codes: NDArray[np.int16], own: int, names: Mapping[int, Named], *, unknown: str = ""
) -> dict[str, int]:
    """Count by name who was, or is, in another group than ``own``."""
    found, counts = np.unique(codes[codes != own], return_counts=True)
    return {
        names[code].name if code in names else unknown: n
        for code, n in zip(found.tolist(), counts.tolist(), strict=True)
    }
