"""Who moved between groups since the release before.

A move is told once, from the side of the group that was joined; where groups have an order (low,
medium, high) it was a rise or a fall.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.customer.summary import GONE, NEWCOMERS, Group
from training.report_page.parts import Figure, Table
from training.report_page.words import count, listed, sentence

N_TOLD = 6
"""So many moves are told in words, the largest; the table has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Customers who were in one group, and are in another."""

    customers: int
    before: str
    """Name of the group."""
    now: Group


def moves(ours: Sequence[Group]) -> list[Figure]:
    """Return what moved between groups of one kind; nothing where no release was before."""
    if all(group.joined is None for group in ours):
        return []
    groups = {group.name: group for group in ours}
    found = sorted(
        (
            Move(customers=n, before=before, now=group)
            for group in ours
            for before, n in (group.joined or {}).items()
        ),
        key=lambda move: -move.customers,
    )
    new = sum(move.customers for move in found if move.before == NEWCOMERS)
    gone = sum((group.left or {}).get(GONE, 0) for group in ours)
    words = [_told(move, groups) for move in found if move.before != NEWCOMERS][:N_TOLD]
    words += [f"{_people(new)} new"] if new else []
    words += [f"{_people(gone)} not known any more"] if gone else []
    return [
        Figure(
            title="Since the release before",
            caption=sentence(listed(words)) if words else "Nobody moved.",
            table=_table(found, groups) if found else None,
            wide=True,
        )
    ]


def _told(move: Move, groups: Mapping[str, Group]) -> str:
    verb, before = "went", groups.get(move.before)
    if before is not None and _has_order(before) and _has_order(move.now):
        verb = "rose" if move.now.code > before.code else "fell"
    return (
        f"{count(move.customers)} {verb} from {_title(move.before, groups)} to "
        f"{_title(move.now.name, groups)}"
    )


def _has_order(group: Group) -> bool:
    return group.kind in ("tier", "satisfaction") and group.code > 0


def _title(name: str, groups: Mapping[str, Group]) -> str:
    """Return a group's title as it stands within a sentence."""
    title = groups[name].title if name in groups else name
    return title[:1].lower() + title[1:]


def _people(n: int) -> str:
    return f"{count(n)} {'is' if n == 1 else 'are'}"


def _table(found: Sequence[Move], groups: Mapping[str, Group]) -> Table:
    def titled(name: str) -> str:
        if name == NEWCOMERS:
            return "New"
        return groups[name].title if name in groups else name

    return Table(
        columns=("From", "To", "Customers"),
        rows=tuple((titled(move.before), move.now.title, count(move.customers)) for move in found),
    )
