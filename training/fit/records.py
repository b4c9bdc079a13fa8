"""The base list of every customer, ranked with all the models before anybody asks.

The list holds the best of the blend, and among them at least ``N_NEW`` items the customer never
bought, so that a request for new items is answered from it too.
"""

from collections.abc import Iterator

import numpy as np

from models.arrays import Mask, Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.ranking import best
from models.shaping import blend
from training.fit.blend import Choice
from training.fit.shop import Shop

N_LIST = 200
N_NEW = 60


def records(shop: Shop, choice: Choice) -> Iterator[tuple[str, CustomerRecord, History]]:
    """Yield each customer's id, record and history, in row order."""
    for begin, opinions in shop.blocks(slow_days=choice.slow_days):
        repeat = blend.repeat(opinions, choice.weights)
        taste = blend.taste(opinions, choice.weights)
        popular = blend.popular(opinions, choice.weights)
        for place in range(repeat.shape[0]):
            customer = begin + place
            history = _history(shop, customer, repeat[place])
            record = _record(
                shop,
                customer,
                history.rows,
                scores=repeat[place] + taste[place] + popular,
                by_taste=taste[place] >= popular,
            )
            yield shop.purchases.customer_ids[customer], record, history


def _history(shop: Shop, customer: int, repeat: Scores) -> History:
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


def _record(
    shop: Shop, customer: int, bought: Rows, *, scores: Scores, by_taste: Mask
) -> CustomerRecord:
    rows = _list(scores, bought)
    reasons = np.where(by_taste[rows], np.uint8(Reason.TASTE), np.uint8(Reason.POPULAR))
    reasons[np.isin(rows, bought)] = Reason.REPEAT
    return CustomerRecord(
        vector=shop.collaborative.customers[customer].astype(np.float16),
        rows=rows,
        reasons=reasons.astype(np.uint8),
        scores=scores[rows],
    )


def _list(scores: Scores, bought: Rows) -> Rows:
    unseen = scores.copy()
    unseen[bought] = -np.inf
    new = best(unseen, N_NEW)
    others = best(scores, N_LIST)
    others = others[np.isin(others, new, invert=True)][: N_LIST - new.size]
    rows = np.concatenate([new, others])
    return rows[np.lexsort((rows, -scores[rows]))].astype(np.int32)
