"""How much margins may count before lists suffer, asked of the past windows.

For every customer of a window the served function is asked for its list under each of ``WEIGHTS``
(see ``models.shaping.profit``), and ``training.judge.earned`` counts what came of it. Among the
weights that cost at most ``MAY_COST`` of NDCG@10, and whose lists held more of the margin that the
shop then earned than those by relevance did, by more than chance explains
(``training.judge.ahead``), the one is chosen that held most. Where there is none, margins count for
nothing, and the release says so. The weights are tested one by one, yet their lists are nearly
alike: with margins that tell nothing, 6 to 8 simulated shops in a hundred found a weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.artifacts.customer_record import CustomerRecord
from models.asked import Query
from models.loaded import Loaded
from models.recommend import recommend
from models.shaping.profit import DEFAULT, WEIGHT
from training.data.split import HeldOut
from training.fit.calibration import Calibration
from training.judge.ahead import is_ahead
from training.judge.earned import EARNED, Earned, K, earned

WEIGHTS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0)
"""Of margins; at 0 the list is by relevance."""
MAY_COST = 0.025
"""Of NDCG@10: half of the twentieth that is promised, for the coming weeks are none of the past
ones. On three windows of the Complete Journey one weight cost the blend 4.7, 3.6 and 2.9 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profit:
    """How much margins count, and why."""

    weight: float | None
    """None where nothing could be asked, and the default of ``models.shaping.profit`` stands."""
    choice: Mapping[str, Any] = field(default_factory=dict)
    """For the manifest."""

    def numbers(self) -> dict[str, float]:
        """Return the choice among the manifest's weights."""
        return {} if self.weight is None else {WEIGHT: self.weight}


UNASKED = Profit(
    weight=None,
    choice={
        "chosen": f"margins count {DEFAULT:g}",
        "why": "no past window says what they cost, so the default stands",
    },
)


def tried(
    loaded: Loaded,
    packed: Mapping[str, tuple[bytes, bytes]],
    held_out: HeldOut,
    calibration: Calibration,
) -> dict[float, Earned]:
    """Return what a window's lists would have earned under each of ``WEIGHTS``.

    Args:
        loaded: The release as of the window's cut.
        packed: Record and history by customer id, the scores before calibration: log odds, or what
            stands for them.
        held_out: What was bought in the window; who has no record is not asked about.
        calibration: Makes probabilities of the scores.

    Returns:
        Nothing where no margin is known, or nobody came.
    """
    records = {
        id_: _calibrated(CustomerRecord.unpack(packed[id_][0]), calibration)
        for id_ in held_out.customer_ids
        if id_ in packed
    }
    if loaded.earning is None or not records:
        return {}
    asked = held_out.only(records)
    return {weight: _earned(weighing(loaded, weight), records, asked) for weight in WEIGHTS}


def weighing(loaded: Loaded, weight: float) -> Loaded:
    """Return the release as it would be if margins counted ``weight``."""
    weights = {**loaded.manifest.weights, WEIGHT: weight}
    return replace(loaded, manifest=replace(loaded.manifest, weights=weights))


def choose(windows: Sequence[Mapping[float, Earned]]) -> Profit:
    """Choose by the mean over windows, each as ``tried`` returned it."""
    asked = [window for window in windows if window]
    if not asked:
        return UNASKED
    figures = {weight: _mean([window[weight] for window in asked]) for weight in WEIGHTS}
    plain = figures[0.0]
    least = (1 - MAY_COST) * plain["ndcg@10"]
    worth_it = [
        weight
        for weight in WEIGHTS
        if figures[weight]["ndcg@10"] >= least and _earns_more(asked, weight)
    ]
    weight = max(worth_it, key=lambda one: figures[one][EARNED], default=0.0)
    return Profit(
        weight=weight,
        choice={
            "chosen": f"margins count {weight:g}" if weight else "relevance",
            "why": _why(figures[weight], plain) if weight else NO_GAIN,
            "figures": {f"{one:g}": told for one, told in figures.items()},
        },
    )


NO_GAIN = (
    f"no weight of margins that costs at most {MAY_COST:.1%} of NDCG@10 earned more than relevance "
    "by more than chance"
)


def _earns_more(windows: Sequence[Mapping[float, Earned]], weight: float) -> bool:
    gains = [window[weight].earned - window[0.0].earned for window in windows]
    return is_ahead(gains, [window[weight].customer_ids for window in windows])


def _why(found: Mapping[str, float], plain: Mapping[str, float]) -> str:
    ratio = {name: found[name] / plain[name] for name in plain if plain[name]}
    ahead = f"{ratio[EARNED] - 1:.1%} more" if EARNED in ratio else "more"
    return (
        f"the ten shown held {ahead} margin than by relevance, for "
        f"{max(1 - ratio.get('ndcg@10', 1.0), 0.0):.1%} of NDCG@10"
    )


def _mean(windows: Sequence[Earned]) -> dict[str, float]:
    every = [window.means() for window in windows]
    return {name: float(np.mean([means[name] for means in every])) for name in every[0]}


def _calibrated(record: CustomerRecord, calibration: Calibration) -> CustomerRecord:
    return replace(record, scores=calibration.probability(record.scores))


def _earned(loaded: Loaded, records: Mapping[str, CustomerRecord], held_out: HeldOut) -> Earned:
    query = Query(limit=K, objective="profit")
    lists = [
        recommend(loaded, query, record=records[id_]).ranked.rows for id_ in held_out.customer_ids
    ]
    return earned(lists, held_out, records=records, margin=loaded.catalogue.margin)
