"""A training run: purchases in, a judged release out, one stop after the other.

    read  ->  fit and choose on validation windows  ->  judge  ->  fit on everything
          ->  know the customers  ->  write

``train`` and ``evaluate`` walk the same stops; evaluation puts the end of history at its cut and
judges on what came after.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from models.arrays import Mask
from models.artifacts import bundle
from models.artifacts.manifest import Manifest
from models.loaded import Loaded
from training import release
from training.customers import coupons
from training.customers import known as known_customers
from training.customers.known import Known, Told
from training.data import split
from training.data.split import HeldOut
from training.errors import NothingToLearn
from training.fit import baselines, content, repurchase
from training.fit.blend import Choice
from training.fit.content import Labels
from training.fit.loaded import loaded
from training.fit.records import Made
from training.fit.records import records as blended_records
from training.fit.shop import Shop
from training.judge import evaluate
from training.judge.evaluate import Judged, Lists
from training.lessons import NOT_RANKED, Learned, learn
from training.plan import Plan, Progress
from training.rank import features
from training.rank.contest import Ranking
from training.rank.records import ranked
from training.rank.records import records as ranked_records
from training.settings import TrainerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything judged on one window; ours first."""

    cut: datetime
    days: int | None
    held_out: HeldOut
    n_items: int
    choice: Choice
    ranking: Ranking
    judged: list[Judged]


def train(
    plan: Plan,
    *,
    folder: Path,
    settings: TrainerSettings,
    told: dict[str, Any],
    progress: Progress,
    before: pl.DataFrame | None = None,
) -> Manifest:
    """Fit, choose, judge and write a release under ``folder``; nothing is published.

    Args:
        plan: Purchases, items, and what else the shop gives.
        folder: Of all releases of the shop.
        settings: The rules by which customers are told apart.
        told: What the manifest says of all that was given.
        progress: Told of each stop.
        before: The groups of each customer in the release that serves, from which movements are
            counted; None where there is none.

    Returns:
        The manifest, whose ``version`` is the release's directory in ``folder``.
    """
    end = plan.end
    learned = _learn(plan, end, progress)
    fitted = plan.fit(end, "fit on everything", progress)
    known = _known(plan, fitted, settings, before, progress)
    redeemed = coupons.names(plan.redeemed, customer_ids=known.customer_ids)
    manifest = _manifest(plan, fitted, learned, told, known)
    labels = content.fit(fitted, plan.items)
    with (
        progress.stop("rank every customer's list and write the release") as step,
        threadpool_limits(1, "blas"),  # of many small products, threads would only wait
    ):
        return release.write(
            folder / manifest.version,
            loaded(
                fitted,
                plan.items,
                manifest,
                learned.choice.weights,
                labels=labels,
                customers=known.summary,
            ),
            known.entering(_records(plan, fitted, learned, labels)),
            coupons=redeemed,
            step=lambda done: step.done(done, len(known.customer_ids)),
        )


def _known(
    plan: Plan,
    fitted: Shop,
    settings: TrainerSettings,
    before: pl.DataFrame | None,
    progress: Progress,
) -> Known:
    with (
        progress.stop("know the customers") as step,
        threadpool_limits(1, "blas"),  # of many small searches, likewise
    ):
        return known_customers.fit(
            fitted.purchases,
            Told(
                settings=settings,
                lines=plan.lines,
                items=plan.items,
                feedback=plan.feedback,
                listed=plan.listed,
                before=before,
            ),
            step=step.say,
        )


def judge(
    plan: Plan, *, cut: datetime, days: int | None, progress: Progress, only_ours: bool = False
) -> Evaluation:
    """Train on what was bought before ``cut`` and judge on the ``days`` after it.

    Everything is chosen on the windows before the cut, as ``train`` would on that day.

    Args:
        plan: Purchases, items, seed.
        cut: Aware.
        days: Length of the test window; None is to the end.
        progress: Told of each stop.
        only_ours: Leave the baselines out.
    """
    learned = _learn(plan, cut, progress)
    fitted = plan.fit(cut, "fit before the cut", progress)
    held_out = split.hold_out(plan.lines, fitted.purchases, days=days)
    if not held_out.customer_ids:
        raise NothingToLearn(
            f"nobody bought an item with a model in the window from {cut:%Y-%m-%d}; expected "
            "purchases after the cut; choose an earlier --cut or a longer --days"
        )
    with progress.stop("ask for every list") as step:
        step.say("ours")
        lists = [_ours(plan, fitted, learned, held_out)]
        if not only_ours:
            for found in baselines.all_lists(fitted, held_out):
                step.say(found.name)
                lists.append(found)
    n_items, facts = fitted.purchases.n_ranked, evaluate.item_facts(fitted.purchases, plan.items)
    return Evaluation(
        cut=cut,
        days=days,
        held_out=held_out,
        n_items=n_items,
        choice=learned.choice,
        ranking=learned.ranking,
        judged=[evaluate.judge(one, held_out, n_items=n_items, facts=facts) for one in lists],
    )


def _learn(plan: Plan, end: datetime, progress: Progress) -> Learned:
    return learn(
        plan,
        end,
        progress,
        release_of=lambda window, choice: _release_of(plan, window.shop, choice),
    )


def _records(
    plan: Plan,
    fitted: Shop,
    learned: Learned,
    labels: Labels | None,
    *,
    only: Mask | None = None,
) -> Iterator[Made]:
    """Yield the records as they are served, of all customers or of some."""
    ranking = learned.ranking
    if ranking.ranker is None or ranking.calibration is None:
        made = blended_records(fitted, learned.choice, calibrated=ranking.calibration, only=only)
    else:
        counted = features.fit(fitted, plan.items, learned.promotions)
        blocks = ranked(fitted, learned.choice, counted, ranking.ranker, only=only)
        facts = repurchase.facts(fitted.purchases, only=only)
        made = ranked_records(fitted, facts, blocks, ranking.calibration)
    return made if labels is None else labels.entering(made)


def _ours(plan: Plan, fitted: Shop, learned: Learned, held_out: HeldOut) -> Lists:
    only = np.zeros(fitted.purchases.n_customers, dtype=np.bool_)
    only[held_out.customers[held_out.customers >= 0]] = True
    labels = content.fit(fitted, plan.items)
    packed = {
        id_: (record.pack(), history.pack())
        for id_, record, history in _records(plan, fitted, learned, labels, only=only)
    }
    served = _release_of(plan, fitted, learned.choice, labels)
    return evaluate.served(served, packed, held_out, name="Cartera")


def _release_of(plan: Plan, fitted: Shop, choice: Choice, labels: Labels | None = None) -> Loaded:
    manifest = _manifest(plan, fitted, Learned(choice=choice, ranking=NOT_RANKED), {})
    return _through_bytes(loaded(fitted, plan.items, manifest, choice.weights, labels=labels))


def _through_bytes(fresh: Loaded) -> Loaded:
    """Write and read a release in memory: what is judged has been through what is served."""
    content = memoryview(b"".join(bundle.pack(fresh.arrays())))
    return Loaded.from_arrays(fresh.manifest, bundle.unpack(content))


def _manifest(
    plan: Plan,
    fitted: Shop,
    learned: Learned,
    told: dict[str, Any],
    known: Known | None = None,
) -> Manifest:
    now = datetime.now(UTC)
    bought = fitted.purchases
    n_prospects = len(known.customer_ids) - bought.n_customers if known is not None else 0
    return Manifest(
        version=f"{now:%Y%m%dT%H%M%SZ}-{token_hex(2)}",
        created_at=now.isoformat(timespec="seconds"),
        first_purchase=plan.first.isoformat(timespec="seconds"),
        last_purchase=(bought.until - timedelta(seconds=1)).isoformat(timespec="seconds"),
        counts={
            "lines": plan.lines.height,
            "orders": int(bought.order.max(initial=-1)) + 1,
            "customers": bought.n_customers,
            **({"prospects": n_prospects} if n_prospects else {}),
            "items": len(bought.item_ids),
            "items with models": bought.n_ranked,
        },
        settings=told,
        weights=learned.choice.numbers() | learned.ranking.profit.numbers(),
        metrics=learned.ranking.metrics,
        intervals=learned.ranking.intervals,
        choices=learned.choices(plan) | (known.choices if known is not None else {}),
    )
