"""What each model says of the customers, side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.customers.coming.next_purchase import NextPurchase
from training.customers.discounts import Discounts
from training.customers.needs.portfolios import Portfolios
from training.customers.needs.share import Share
from training.customers.rhythm import Rhythm
from training.customers.satisfaction import Satisfactions
from training.customers.tiers import Tiers
from training.customers.worth.value import Value
from training.data.orders import Orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Of the same customers in the same order: those who have bought."""

    orders: Orders
    rhythm: Rhythm
    worth: Value
    soon: NextPurchase
    needs: Portfolios
    feels: Satisfactions
    """Of these, and behind them of prospects."""
    offers: Discounts
    wallet: Share
    tiers: Tiers
    stage: NDArray[np.uint8]
    segment: NDArray[np.uint8]
