"""What the past windows choose and teach: weights, the way to rank, and the ranker.

Everything optional is here: what the budget cannot pay for, or the history is too short for, is
left out and named in the manifest. The fits themselves are ``Plan.fit``.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from models.loaded import Loaded
from training.data import split
from training.errors import NothingToLearn
from training.fit import blend
from training.fit.blend import Choice, Window
from training.plan import Plan, Progress
from training.rank import calendar, contest, features
from training.rank.contest import Ranking

N_CHOOSING = 2
"""Windows that choose the blend's weights."""
N_FITS_LEFT = 3
"""Fits to come after a window that must be paid for, or older windows are left out."""
LEAST_CUSTOMER_S = 0.004
"""What a customer's list of two stages takes at the very least; 6 to 15 ms were measured. Where the
budget does not hold even that for everybody, no window is asked what it really takes."""
CALENDAR_REACHES = "the calendar reaches into the coming window"
CALENDAR_UNREAD = "only the ranker reads the calendar, and the blend makes the base lists"
CALENDAR_ENDS = "the calendar says too little of the 28 days after the last purchase"
NO_PROFIT = {"chosen": False, "why": "no item's margin is known"}

NOT_RANKED = Ranking(ranker=None, calibration=None, metrics={}, choice={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What the validation windows chose and taught."""

    choice: Choice
    ranking: Ranking
    promotions: pl.DataFrame | None = None

    def choices(self, plan: Plan) -> dict[str, Any]:
        """Return the choices for the manifest."""
        choices: dict[str, Any] = {"base lists": self.ranking.choice, "profit": NO_PROFIT}
        if plan.items["margin"].is_not_null().any():
            choices["profit"] = self.ranking.profit.choice
        if plan.promotions is not None:
            why = CALENDAR_REACHES if self.ranking.ranker is not None else CALENDAR_UNREAD
            why = why if self.promotions is not None else CALENDAR_ENDS
            used = self.promotions if why == CALENDAR_REACHES else None
            kinds = [] if used is None else used["kind"].unique().sort().to_list()
            choices["promotions"] = {"chosen": bool(kinds), "why": why, "kinds": kinds}
        return choices


def learn(
    plan: Plan,
    end: datetime,
    progress: Progress,
    *,
    release_of: Callable[[Window, Choice], Loaded],
) -> Learned:
    """Choose weights and the way to rank on the windows before ``end``.

    Args:
        plan: With the budget.
        end: Aware; later purchases are not looked at.
        progress: Told of each stop.
        release_of: Makes of a window what a server would hold.
    """
    latest, older, refused = _windows(plan, end, progress)
    with progress.stop("choose the blend's weights"):
        choice = blend.choose(latest, rng=np.random.default_rng(plan.seed))
    promotions = _promotions(plan, end)

    def oldest_first() -> Iterator[Window]:
        for cut in older:
            yield from _window(plan, cut, progress)
        while latest:
            yield latest.pop()  # and forget it, for each is hundreds of MB

    with progress.stop("judge and learn to rank on the validation windows") as step:
        ranking = contest.hold(
            oldest_first(),
            choice,
            features_of=lambda window: features.fit(window.shop, plan.items, promotions),
            release_of=lambda window: release_of(window, choice),
            affordable=lambda windows_s, customer_s: _affordable(plan, windows_s, customer_s),
            refused=refused,
            n_windows=len(latest) + len(older),
            seed=plan.seed,
        )
        step.say(ranking.choice["why"])
    return Learned(choice=choice, ranking=ranking, promotions=promotions)


def _promotions(plan: Plan, end: datetime) -> pl.DataFrame | None:
    if plan.promotions is None:
        return None
    covering = calendar.covering(plan.promotions, end)
    return covering if covering.height else None


def _affordable(plan: Plan, windows_s: float, customer_s: float) -> str | None:
    """Say why the ranker cannot be paid for, if it cannot.

    Args:
        plan: With the budget.
        windows_s: What the windows left will take, in seconds.
        customer_s: What each customer's list of today will take.
    """
    needed = windows_s + customer_s * plan.lines["customer_id"].n_unique()
    if needed <= plan.budget.left:
        return None
    return (
        f"it needs some {needed:,.0f} s more, and {max(plan.budget.left, 0):,.0f} s of the "
        f"budget of {plan.budget.seconds:,.0f} s are left; give a longer --budget"
    )


def _windows(
    plan: Plan, end: datetime, progress: Progress
) -> tuple[list[Window], list[datetime], str | None]:
    """Return the windows that choose the weights, latest first, and the cuts of older ones.

    And, third, why there are no more of them, where the budget is the reason: the older ones are
    for the ranker alone.
    """
    cuts = split.validation_cuts(plan.first, end)
    windows: list[Window] = []
    for cut in cuts[:N_CHOOSING]:
        before = plan.budget.left
        windows += _window(plan, cut, progress)
        took = before - plan.budget.left
        if plan.budget.left < N_FITS_LEFT * took:
            left = max(plan.budget.left, 0)
            why = (
                f"a fit took {took:,.0f} s, and {left:,.0f} s of the budget of "
                f"{plan.budget.seconds:,.0f} s are left; give a longer --budget"
            )
            return windows, [], why
    refused = _affordable(plan, 0.0, LEAST_CUSTOMER_S)
    return windows, [] if refused else cuts[N_CHOOSING:], refused


def _window(plan: Plan, cut: datetime, progress: Progress) -> list[Window]:
    """Return the window from ``cut``, or none where there is nothing to learn or to judge."""
    with suppress(NothingToLearn):
        fitted = plan.fit(cut, f"fit before {cut:%Y-%m-%d}, for validation", progress)
        held_out = split.hold_out(plan.lines, fitted.purchases)
        if (held_out.customers >= 0).any():
            return [Window(shop=fitted, held_out=held_out)]
    return []
