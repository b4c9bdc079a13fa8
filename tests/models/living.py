"""Live states of the tiny shop, told as a customer would tell them."""

from collections.abc import Mapping
from typing import Any

from models.artifacts.live_state import Happened, LiveState
from models.loaded import Loaded
from models.recommend import Recommendation, recommend
from tests.models.asking import LOADED, MADE, query

DAY_MS = 86_400_000
NOW_MS = 1_514_764_800_000 + 100 * DAY_MS
"""A hundred days after the release's last purchase."""


def did(event: str, *items: str, ago_days: float = 0.0, term: str | None = None) -> Happened:
    """Return an event, a moment ago unless it says when."""
    return Happened(event, NOW_MS - 1000 - int(ago_days * DAY_MS), list(items), term)


def live(*events: Happened, hidden: Mapping[str, int] | None = None) -> LiveState:
    return LiveState(events=events, hidden=dict(hidden or {}))


def ask_live(
    customer: str | None,
    state: LiveState,
    loaded: Loaded = LOADED,
    *,
    now_ms: int = NOW_MS,
    **asked: Any,  # noqa: ANN401  # as `query`
) -> Recommendation:
    """Ask as a server would that has read record, history and live state."""
    record, history = MADE.customers[customer] if customer else (None, None)
    wanted = query(**asked)
    return recommend(loaded, wanted, record=record, history=history, live=state, now_ms=now_ms)
