"""What was bought since the release: not to be shown now, but to be bought again when it is due.

**The interval** is the customer's own: the median of the days between their orders of the item, or
where there were only two, or one before and one since, the days between. Whoever bought it for the
first time has the item's, the median over those who bought it again, if at least ``SELDOM`` of its
customers did. What hardly anybody buys twice is not shown again before the next release.

**Due** it is when a tenth of the interval has passed: who buys often, buys again soon, and lists
that waited for longer were the worse for it (see ``HELD``). From then on it moves up, for it is
what the customer buys these days: by the share of customers who buy it again, or in full where this
one has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.arrays import Rows, Scores
from models.artifacts.customer_record import History
from models.asked import NO_ROWS, NO_SCORES
from models.loaded import Loaded

DAY_MS = 86_400_000
HELD = 0.1
"""Share of an interval that must pass. On the Complete Journey's validation window, of the thirty
best of each list, what was just bought was bought again on the next visit by 6 % of the customers
while a tenth of its interval had not passed, by 9 % in the next tenth, by 15 % in the one after, by
45 % when the interval was over; what had not been bought, by 4, 7, 9 and 12 %."""
SELDOM = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What was bought since the release, in its rows."""

    rows: Rows = field(default_factory=lambda: NO_ROWS)
    """All of it, ascending."""
    held: Rows = field(default_factory=lambda: NO_ROWS)
    """What is not due yet."""
    due: Rows = field(default_factory=lambda: NO_ROWS)
    """The others, ascending, and
    """
    shares: Scores = field(default_factory=lambda: NO_SCORES)
    """how many buy each again, 0 to 1."""


NOTHING_BOUGHT = Bought()


def bought(
    loaded: Loaded, times: Mapping[str, Sequence[int]], history: History | None, *, now_ms: int
) -> Bought:
    """Return what ``times`` come to.

    Args:
        loaded: The release.
        times: When each item was bought since, by its id, in ms since 1970, oldest first. Items
            that the release does not know are left out.
        history: What the customer bought before; None where that is not known.
        now_ms: In milliseconds since 1970.
    """
    held, due = [], {}
    for id_, when in times.items():
        row = loaded.catalogue.ids.row_of(id_)
        if row is None:
            continue
        every_ms, share = _interval_ms(loaded, row, when, history)
        if every_ms is None or now_ms - when[-1] < HELD * every_ms:
            held.append(row)
        else:
            due[row] = share
    rows = np.array(sorted(due), dtype=np.int32)
    return Bought(
        rows=np.array(sorted([*held, *due]), dtype=np.int32),
        held=np.array(held, dtype=np.int32),
        due=rows,
        shares=np.array([due[row] for row in rows.tolist()], dtype=np.float32),
    )


def just_bought(loaded: Loaded, learned: Mapping[str, int], *, now_ms: int) -> list[int]:
    """Return the rows of what the release knows to have been bought, and is not due yet.

    Args:
        loaded: The release.
        learned: When each item was last bought, by its id, in ms since 1970.
        now_ms: In milliseconds since 1970.
    """
    rows = loaded.catalogue.ids.each_row_of(list(learned))
    return [
        row
        for row, when_ms in zip(rows, learned.values(), strict=True)
        if row is not None and now_ms - when_ms < HELD * loaded.rebuying.of(row)[0] * DAY_MS
    ]


def _interval_ms(
    loaded: Loaded, row: int, when: Sequence[int], history: History | None
) -> tuple[float | None, float]:
    """Return after how long an item is bought again, None for never, and by how many."""
    if history is not None:
        place = int(history.rows.searchsorted(row))
        if place < history.rows.size and history.rows[place] == row:
            days = int(history.every_days[place])
            gap_ms = when[0] - int(history.last_day[place]) * DAY_MS
            return max(days * DAY_MS or gap_ms, DAY_MS), 1.0
    if len(when) > 1:
        return max((when[-1] - when[0]) / (len(when) - 1), DAY_MS), 1.0
    days, share = loaded.rebuying.of(row)
    if not days or share < SELDOM:
        return None, 0.0
    return days * DAY_MS, share
