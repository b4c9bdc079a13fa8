"""The base list of every customer, ranked with all the models before anybody asks.

The list holds what scores best, and among it at least ``N_NEW`` items the customer never bought, so
that a request for new items is answered from it too. Here the blend ranks the whole catalogue;
``training.rank.records`` makes the same records from a ranker's scores.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.arrays import Mask, Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.ranking import best
from models.shaping import blend
from training.fit import calibration
from training.fit.blend import Choice
from training.fit.calibration import Calibration
from training.fit.shop import Shop

N_LIST = 200
N_NEW = 60


def records(
    shop: Shop,
    choice: Choice,
    *,
    calibrated: Calibration | None = None,
    only: Mask | None = None,
) -> Iterator[tuple[str, CustomerRecord, History]]:
    """Yield each customer's id, record and history, in row order.

    Args:
        shop: Fitted models.
        choice: How they are blended.
        calibrated: Turns scores into purchase probabilities; None leaves them as they are, for a
            shop too young to tell.
        only: Shape ``(n_customers,)``: whose records are wanted; None is everybody's.
    """
    rows = np.arange(shop.purchases.n_ranked, dtype=np.int32)
    for begin, opinions in shop.blocks(slow_days=choice.slow_days, only=only):
        repeat = blend.repeat(opinions, choice.weights)
        taste = blend.taste(opinions, choice.weights)
        popular = blend.popular(opinions, choice.weights)
        for place in range(repeat.shape[0]):
            customer = begin + place
            if only is not None and not only[customer]:
                continue
            history = history_of(shop, customer, repeat[place])
            scores = repeat[place] + taste[place] + popular
            record = record_of(
                shop,
                customer,
                history.rows,
                rows=rows,
                scores=scores,
                by_taste=taste[place] >= popular,
            )
            if calibrated is not None:
                told = calibrated.probability(calibration.of_blend(record.scores))
                record = replace(record, scores=told)
            yield shop.purchases.customer_ids[customer], record, history


def history_of(shop: Shop, customer: int, repeat: Scores) -> History:
    """Return what a customer bought.

    Args:
        shop: Fitted models.
        customer: Whose.
        repeat: Shape ``(n_ranked,)``: the repeat part of each item's score.
    """
    facts = shop.facts
    span = slice(int(facts.starts[customer]), int(facts.starts[customer + 1]))
    rows = facts.item[span]
    return History(
        rows=rows,
        times=facts.times[span],
        last_day=facts.last_day[span],
        every_days=facts.every_days[span],
        repeat=repeat[rows],
    )


def record_of(
    shop: Shop, customer: int, bought: Rows, *, rows: Rows, scores: Scores, by_taste: Mask
) -> CustomerRecord:
    """Return a customer's record with the best of ``rows``.

    Args:
        shop: Fitted models.
        customer: Whose.
        bought: What they bought, ascending.
        rows: What may be listed, ascending.
        scores: Of ``rows``, higher is better.
        by_taste: Of ``rows``, whether taste says more than popularity.
    """
    own = np.isin(rows, bought, assume_unique=True)
    places = _list(scores, own)
    reasons = np.where(by_taste[places], np.uint8(Reason.TASTE), np.uint8(Reason.POPULAR))
    reasons[own[places]] = Reason.REPEAT
    return CustomerRecord(
        vector=shop.collaborative.customers[customer].astype(np.float16),
        rows=rows[places],
        reasons=reasons.astype(np.uint8),
        scores=scores[places],
    )


def _list(scores: Scores, own: Mask) -> Rows:
    new = best(np.where(own, -np.inf, scores), N_NEW)
    others = best(scores, N_LIST)
    others = others[np.isin(others, new, invert=True)][: N_LIST - new.size]
    places = np.concatenate([new, others])
    return places[np.lexsort((places, -scores[places]))].astype(np.int32)
