"""A training run: purchases in, a judged release out, one stop after the other.

    read  ->  fit and choose on validation windows  ->  judge  ->  fit on everything  ->  write

``train`` and ``evaluate`` walk the same stops; evaluation puts the end of history at its cut and
judges on what came after.
"""

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

import numpy as np
import polars as pl

from models.artifacts import bundle
from models.artifacts.manifest import Manifest
from models.loaded import Loaded
from training import release
from training.data import purchases, split
from training.data.split import HeldOut
from training.errors import NothingToLearn
from training.fit import baselines, blend, shop
from training.fit.blend import Choice, Window
from training.fit.loaded import loaded
from training.fit.records import records
from training.fit.shop import Shop
from training.judge import evaluate, gate
from training.judge.evaluate import Judged, Lists

POPULARITY = "popularity, 28 days"


class Progress(Protocol):
    """Whoever shows how far a run is."""

    def stop(self, name: str) -> AbstractContextManager["Step"]:
        """Begin a stop of the run; it ends with the block."""


class Step(Protocol):
    """One stop, while it lasts."""

    def say(self, words: str) -> None:
        """Tell what is being done within the stop."""

    def done(self, n: int, of: int) -> None:
        """Tell how many of how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run works with."""

    lines: pl.DataFrame
    items: pl.DataFrame
    seed: int
    min_buyers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything judged on one window; ours first."""

    cut: datetime
    days: int | None
    held_out: HeldOut
    n_items: int
    choice: Choice
    judged: list[Judged]


def train(plan: Plan, *, folder: Path, settings: dict[str, Any], progress: Progress) -> Manifest:
    """Fit, choose, judge and write a release under ``folder``; nothing is published.

    Returns:
        The manifest, whose ``version`` is the release's directory in ``folder``.
    """
    end = _end(plan.lines)
    windows = _windows(plan, end, progress)
    choice = _choose(plan, windows, progress)
    metrics = _validate(plan, windows, choice, progress)
    fitted = _fit(plan, end, "fit on everything", progress)
    manifest = _manifest(plan, fitted, choice, metrics, settings)
    with progress.stop("write the release") as step:
        return release.write(
            folder / manifest.version,
            loaded(fitted, plan.items, manifest, choice.weights),
            records(fitted, choice),
            step=lambda done: step.done(done, fitted.purchases.n_customers),
        )


def judge(
    plan: Plan, *, cut: datetime, days: int | None, progress: Progress, only_ours: bool = False
) -> Evaluation:
    """Train on what was bought before ``cut`` and judge on the ``days`` after it.

    Weights are chosen on the windows before the cut, as ``train`` would on that day.

    Args:
        plan: Purchases, items, seed.
        cut: Aware.
        days: Length of the test window; None is to the end.
        progress: Told of each stop.
        only_ours: Leave the baselines out.
    """
    windows = _windows(plan, cut, progress)
    choice = _choose(plan, windows, progress)
    fitted = _fit(plan, cut, "fit before the cut", progress)
    held_out = split.hold_out(plan.lines, fitted.purchases, days=days)
    if not held_out.customer_ids:
        raise NothingToLearn(
            f"nobody bought an item with a model in the window from {cut:%Y-%m-%d}; expected "
            "purchases after the cut; choose an earlier --cut or a longer --days"
        )
    with progress.stop("ask for every list") as step:
        lists = [_ours(plan, fitted, choice, held_out)]
        if not only_ours:
            for found in baselines.all_lists(fitted, held_out):
                step.say(found.name)
                lists.append(found)
    n_items = fitted.purchases.n_ranked
    return Evaluation(
        cut=cut,
        days=days,
        held_out=held_out,
        n_items=n_items,
        choice=choice,
        judged=[evaluate.judge(one, held_out, n_items=n_items) for one in lists],
    )


def _first(lines: pl.DataFrame) -> datetime:
    first = lines["timestamp"].min()
    assert isinstance(first, datetime)
    return first


def _end(lines: pl.DataFrame) -> datetime:
    last = lines["timestamp"].max()
    assert isinstance(last, datetime)
    return last + timedelta(seconds=1)


def _windows(plan: Plan, end: datetime, progress: Progress) -> list[Window]:
    windows = []
    for cut in split.validation_cuts(_first(plan.lines), end):
        with suppress(NothingToLearn):
            fitted = _fit(plan, cut, f"fit before {cut:%Y-%m-%d}, for validation", progress)
            held_out = split.hold_out(plan.lines, fitted.purchases)
            if held_out.customer_ids:
                windows.append(Window(shop=fitted, held_out=held_out))
    return windows


def _fit(plan: Plan, until: datetime, name: str, progress: Progress) -> Shop:
    with progress.stop(name) as step:
        step.say("number customers and items")
        bought = purchases.number(
            plan.lines, plan.items["item_id"], until=until, min_buyers=plan.min_buyers
        )
        if bought.known.size == 0:
            raise NothingToLearn(
                f"before {until:%Y-%m-%d} no customer bought an item often enough to learn from: "
                f"{bought.n_customers:,} customers, {len(bought.item_ids):,} items, none of them "
                "with enough buyers that were not given back; expected at least one; check "
                "--columns customer_id=…, --until and CARTERA_MIN_BUYERS"
            )
        return shop.fit(bought, seed=plan.seed, step=step.say)


def _choose(plan: Plan, windows: list[Window], progress: Progress) -> Choice:
    with progress.stop("choose the blend's weights"):
        return blend.choose(windows, rng=np.random.default_rng(plan.seed))


def _validate(
    plan: Plan, windows: list[Window], choice: Choice, progress: Progress
) -> dict[str, float]:
    """Judge the choice on the latest window, beside counting; nothing for a shop too young."""
    if not windows:
        return {}
    window = windows[0]
    n_items = window.shop.purchases.n_ranked
    with progress.stop("judge on the validation window"):
        ours = evaluate.judge(
            _ours(plan, window.shop, choice, window.held_out), window.held_out, n_items=n_items
        )
        popular = evaluate.judge(
            next(
                lists
                for lists in baselines.all_lists(window.shop, window.held_out)
                if lists.name == POPULARITY
            ),
            window.held_out,
            n_items=n_items,
        )
    values = ours.values[gate.SCORE]
    known = {name: mean for name, mean in ours.means().items() if not np.isnan(mean)}
    return known | {
        gate.ERROR: float(np.nanstd(values) / np.sqrt(max(values.size, 1))),
        gate.BASELINE: popular.means()[gate.SCORE],
        "validation customers": float(values.size),
    }


def _ours(plan: Plan, fitted: Shop, choice: Choice, held_out: HeldOut) -> Lists:
    wanted = set(held_out.customer_ids)
    packed = {
        id_: (record.pack(), history.pack())
        for id_, record, history in records(fitted, choice)
        if id_ in wanted
    }
    manifest = _manifest(plan, fitted, choice, {}, {})
    through_bytes = _through_bytes(loaded(fitted, plan.items, manifest, choice.weights))
    return evaluate.served(through_bytes, packed, held_out, name="Cartera")


def _through_bytes(fresh: Loaded) -> Loaded:
    """Write and read a release in memory: what is judged has been through what is served."""
    content = memoryview(b"".join(bundle.pack(fresh.arrays())))
    return Loaded.from_arrays(fresh.manifest, bundle.unpack(content))


def _manifest(
    plan: Plan,
    fitted: Shop,
    choice: Choice,
    metrics: dict[str, float],
    settings: dict[str, Any],
) -> Manifest:
    now = datetime.now(UTC)
    bought = fitted.purchases
    return Manifest(
        version=f"{now:%Y%m%dT%H%M%SZ}-{token_hex(2)}",
        created_at=now.isoformat(timespec="seconds"),
        first_purchase=_first(plan.lines).isoformat(timespec="seconds"),
        last_purchase=(bought.until - timedelta(seconds=1)).isoformat(timespec="seconds"),
        counts={
            "lines": plan.lines.height,
            "orders": int(bought.order.max(initial=-1)) + 1,
            "customers": bought.n_customers,
            "items": len(bought.item_ids),
            "items with models": bought.n_ranked,
        },
        settings=settings,
        weights=choice.numbers(),
        metrics=metrics,
    )
