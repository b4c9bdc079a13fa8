"""The base list of every customer, ranked by the second stage."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors
from training.fit.blend import Choice
from training.fit.calibration import Calibration
from training.fit.records import Made, Scored, made
from training.fit.repurchase import Facts
from training.fit.shop import Shop
from training.rank import candidates
from training.rank.candidates import Candidates
from training.rank.features import Features
from training.rank.ranker import LogOdds, Ranker


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A block of customers with their candidates, features and scores."""

    candidates: Candidates
    matrix: Factors
    names: list[str]
    log_odds: LogOdds | None
    """None where no window has taught yet."""


def ranked(
    shop: Shop,
    choice: Choice,
    features: Features,
    ranker: Ranker,
    *,
    only: NDArray[np.bool_] | None = None,
) -> Iterator[Ranked]:
    """Yield every block of customers, scored; only one block's features exist at a time."""
    for block in candidates.blocks(shop, choice, features, only=only):
        matrix, names = features.matrix(block.pairs, block.opinions)
        yield Ranked(
            candidates=block,
            matrix=matrix,
            names=names,
            log_odds=ranker.log_odds(matrix) if ranker.models and len(block.pairs) else None,
        )


def records(
    shop: Shop, facts: Facts, blocks: Iterable[Ranked], calibration: Calibration | None
) -> Iterator[Made]:
    """Yield the id, record and history of each customer that has candidates.

    Args:
        shop: Whose models made the blocks.
        facts: What its customers bought.
        blocks: Scored.
        calibration: Makes probabilities of scores; None leaves the log odds as they are.
    """
    for block in blocks:
        if block.log_odds is None:
            continue
        pairs, scores = block.candidates.pairs, block.log_odds
        scored = Scored(
            customers=pairs.customers,
            place=np.repeat(np.arange(pairs.customers.size), np.diff(pairs.starts)),
            item=pairs.item,
            scores=calibration.probability(scores) if calibration else scores.astype(np.float32),
            own=block.candidates.own,
            by_taste=block.candidates.by_taste,
        )
        yield from made(shop, facts, scored, repeat=block.candidates.repeat)
