"""Visits told as a person would: days ago, a list a visitor."""

from collections.abc import Sequence

import numpy as np

from training.customers.coming.visits import Visits


def visiting(*days_ago: Sequence[float], spend: Sequence[float] | None = None) -> Visits:
    """Visits of each visitor, oldest first, at 1 each but where ``spend`` says."""
    ages = [age for own in days_ago for age in own]
    return Visits(
        starts=np.append(0, np.cumsum([len(own) for own in days_ago])).astype(np.int64),
        age_days=np.array(ages, np.float64),
        spend=np.ones(len(ages)) if spend is None else np.array(spend, np.float64),
    )


def at_their_own_pace(*, n: int, days: float, seed: int) -> Visits:
    """Visitors who come at random, each at a rate of their own, for ``days``.

    Gaps are exponential; mean gaps are spread evenly over logarithms, from 2 days to 200.
    """
    rng = np.random.default_rng(seed)
    gaps = np.exp(rng.uniform(np.log(2), np.log(200), n))
    ages = []
    for gap in gaps:
        steps = np.cumsum(rng.exponential(gap, int(3 * days / gap) + 5))
        ages.append((days - steps[steps < days]).tolist())
    return visiting(*(own for own in ages if own))
