"""Where two models speak of one customer, neither may say what the other rules out.

Value and next purchase are learned apart, each by what tells it best, so of some customers they
contradict each other: who came often has been silent for long, the purchase model has given them
up, and the other, which saw many come back from such silences, expects them within the month. One
of the two must give way, and what follows from the better tested one stands:

    P(still a customer)       is at least   P(buys within 12 weeks)
    orders within some weeks  are at least  P(buys within them), and one with P above nine in ten
    P(buys of a category)     is at most    P(buys at all), both within 4 weeks
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.customer.value import HORIZONS_WEEKS, SOON_WEEKS
from training.customers.coming.next_purchase import NextPurchase
from training.customers.worth.value import Value

ALMOST_SURE = 0.9
"""An interval that holds four times in five, with one time in ten on either side."""

Floats = NDArray[np.float32]


def agreed(worth: Value, soon: NextPurchase) -> tuple[Value, NextPurchase]:
    """Return both, the weaker word brought into line; what is nan on either side stays as it is."""
    comes = {weeks: soon.buys[:, place] for place, weeks in enumerate(SOON_WEEKS)}
    purchases = worth.purchases.copy()
    for place, weeks in enumerate(HORIZONS_WEEKS):
        within = max(known for known in SOON_WEEKS if known <= weeks)
        purchases[:, place] = _at_least(purchases[:, place], comes[within])
    longest = comes[max(SOON_WEEKS)]
    return (
        replace(worth, alive=_raised(worth.alive, longest), purchases=purchases),
        replace(soon, category_buys=_lowered(soon.category_buys, comes[4][:, None])),
    )


def _at_least(purchases: Floats, comes: Floats) -> Floats:
    expected, low, high = purchases.T
    expected = _raised(expected, comes)
    sure = np.where(comes > ALMOST_SURE, np.minimum(expected, 1), 0)
    return np.stack([expected, _raised(low, sure), _raised(high, expected)], axis=1)


def _raised(said: Floats, least: NDArray[np.floating]) -> Floats:
    return np.where(said < least, least, said).astype(np.float32)


def _lowered(said: Floats, most: NDArray[np.floating]) -> Floats:
    return np.where(said > most, most, said).astype(np.float32)
