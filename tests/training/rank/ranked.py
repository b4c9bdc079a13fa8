"""A planted shop as the ranker sees it: windows, features, what was promoted and bought on it."""

from functools import cache

import numpy as np
import polars as pl

from models.arrays import Factors
from tests.training.fitted import window
from tests.training.rank.calendars import Promoted, calendar_of
from tests.training.tiny import bought, items_of, lines, planted
from training.fit.blend import DEFAULT, Window
from training.rank import features
from training.rank.features import Features
from training.rank.ranker import UNTAUGHT, Lesson, LogOdds, Ranker
from training.rank.records import ranked
from training.rank.study import Studied, study

CUTS = (86, 114, 142)
"""Of the windows of ``planted``, oldest first; the last purchase is on day 170."""
SEED = 7


@cache
def planted_window(cut: float) -> Window:
    return window(planted(), cut=cut)


@cache
def features_at(cut: float) -> Features:
    return counted(planted_window(cut))


def counted(
    of: Window, promotions: pl.DataFrame | None = None, **items: dict[str, str]
) -> Features:
    """The features as of a window's cut; the catalogue knows no more than ``items`` tells."""
    table = items_of(lines(*(bought(None, id_, 0) for id_ in of.shop.purchases.item_ids)), **items)
    return features.fit(of.shop, table, promotions)


@cache
def studied_at(cut: float) -> Studied:
    """A window that nothing had taught."""
    return study(
        planted_window(cut), DEFAULT, features_at(cut), UNTAUGHT, rng=np.random.default_rng(SEED)
    )


@cache
def taught_by(cut: float) -> Ranker:
    return UNTAUGHT.taught(studied_at(cut).lesson, seed=SEED)


def table_of(of: Window, known: Features) -> tuple[Factors, list[str]]:
    """The features of every customer's candidates."""
    blocks = list(ranked(of.shop, DEFAULT, known, UNTAUGHT))
    return np.concatenate([block.matrix for block in blocks]), blocks[0].names


def told(of: Window, known: Features, ranker: Ranker) -> tuple[LogOdds, np.ndarray]:
    """Every candidate's score, and whether it was bought in the window."""
    scores, labels = [], []
    held = dict(zip(of.held_out.customers.tolist(), of.held_out.bought, strict=True))
    for block in ranked(of.shop, DEFAULT, known, ranker):
        assert block.log_odds is not None
        scores.append(block.log_odds)
        pairs = block.candidates.pairs
        labels += [np.isin(pairs.item[span], held.get(who, [])) for who, span in pairs.spans()]
    return np.concatenate(scores), np.concatenate(labels)


def auc(scores: LogOdds, bought_then: np.ndarray) -> float:
    """How often what was bought scores above what was not; .5 is chance."""
    order = np.argsort(scores, kind="stable")
    places = np.empty(scores.size)
    _, first, times = np.unique(scores[order], return_index=True, return_counts=True)
    places[order] = np.repeat(first + (times - 1) / 2, times)
    n_bought = int(bought_then.sum())
    n_others = scores.size - n_bought
    above = places[bought_then].sum() - n_bought * (n_bought - 1) / 2
    return float(above / (n_bought * n_others))


def shuffled(lesson: Lesson) -> Lesson:
    """The same lesson with its labels dealt out among its pairs anew."""
    labels = np.concatenate(lesson.labels)
    return Lesson(
        rng=lesson.rng,
        names=lesson.names,
        matrices=lesson.matrices,
        labels=[np.random.default_rng(SEED).permutation(labels)],
        sizes=lesson.sizes,
    )


def promoted_shop(*, days: float = 170) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Purchases and calendar of ``planted``, where three items a week are in the mailer.

    Every third customer buys the week's three, whatever their taste, and nobody else does.
    """
    rng = np.random.default_rng(SEED)
    mailer = {week: rng.choice(120, 3, replace=False) for week in range(0, int(days) // 7 + 5)}
    moved = [
        bought(f"c-{customer:03d}", f"p-{item:03d}", 7 * week + 2.5, order=f"m-{customer}-{week}")
        for week, items in mailer.items()
        for customer in range(0, 160, 3)
        for item in items
        if 7 * week + 2.5 < days
    ]
    promotions = calendar_of(
        *(
            Promoted(f"p-{item:03d}", 7 * week, 7 * week + 7)
            for week, items in mailer.items()
            for item in items
        )
    )
    return pl.concat([planted(), lines(*moved)]), promotions
