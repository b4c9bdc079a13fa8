"""Asking the tiny shop, in names of items instead of rows."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord, History
from models.asked import NO_ROWS, Query, Ranked
from models.loaded import Loaded
from models.recommend import Recommendation, recommend
from models.shaping.rules import parse
from tests import shop

MADE = shop.tiny()
LOADED = MADE.loaded
ROW = {item: row for row, item in enumerate(shop.ITEMS)}


def rows(*items: str) -> Rows:
    return np.array([ROW[item] for item in items], dtype=np.int32)


def names(found: NDArray[Any] | Ranked | Recommendation) -> list[str]:
    if isinstance(found, Recommendation):
        found = found.ranked
    if isinstance(found, Ranked):
        found = found.rows
    return [shop.ITEMS[row] for row in found]


def query(
    *,
    context: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    meets: object = None,
    **rest: Any,  # noqa: ANN401  # whatever else a query takes
) -> Query:
    return Query(
        context=rows(*context) if context else NO_ROWS,
        exclude=rows(*exclude) if exclude else NO_ROWS,
        filter=parse(meets) if meets is not None else None,
        **rest,
    )


def ask(
    customer: str | None,
    loaded: Loaded = LOADED,
    **asked: Any,  # noqa: ANN401  # as `query`
) -> Recommendation:
    """Ask for a customer's list, with the history where the server would read it."""
    wanted = query(**asked)
    record, history = MADE.customers[customer] if customer else (None, None)
    return recommend(
        loaded, wanted, record=record, history=history if wanted.needs_history else None
    )


def copied(loaded: Loaded) -> dict[str, bytes]:
    """Every byte of a release, to compare before and after."""
    return {name: array.tobytes() for name, array in loaded.arrays().items()}


def bytes_of(packed: CustomerRecord | History | Ranked) -> dict[str, bytes]:
    """Every byte of a record, a history or a list."""
    held = {field.name: getattr(packed, field.name) for field in fields(packed)}
    return {
        name: part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode()
        for name, part in held.items()
    }
