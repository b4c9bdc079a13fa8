"""What the ten shown came to: how good they were, and what the shop earned with them.

The margin that a list *promises* is the probability that the customer buys each item within 28
days times what a unit earns: a unit each. The margin *earned* is all the units that the customer
bought of them in the window times the same, so that it is more than was promised where more than
one is bought at a time. Nobody knows whether they would have bought them unshown: it says which
list names more of what earns, not what a list causes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Money, Rows
from models.artifacts.customer_record import CustomerRecord
from training.data.split import HeldOut
from training.judge import metrics
from training.judge.metrics import Values

K = 10
PROMISED = "promised margin, a unit each"
EARNED = "margin of all units bought"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """A value a customer, each of shape ``(n_customers,)``."""

    customer_ids: Sequence[str]
    ndcg: Values
    promised: Values
    """Money that the list promises, a unit of each item."""
    earned: Values
    """Money that was earned with all units bought."""

    def means(self) -> dict[str, float]:
        """Return the mean of each figure over customers."""
        return {
            "ndcg@10": float(np.nanmean(self.ndcg)),
            PROMISED: float(self.promised.mean()),
            EARNED: float(self.earned.mean()),
        }


def earned(
    lists: Sequence[Rows],
    held_out: HeldOut,
    *,
    records: Mapping[str, CustomerRecord],
    margin: Money,
) -> Earned:
    """Judge the first ten of lists by money.

    Args:
        lists: In the order of ``held_out``.
        held_out: What was bought.
        records: By customer id; their scores are probabilities. What is on no record promises
            nothing.
        margin: Shape ``(n_items,)``: per unit; unknown (nan) earns nothing.
    """
    margin = np.nan_to_num(margin, nan=0.0)
    shown = [rows[:K] for rows in lists]
    told = [records[id_] for id_ in held_out.customer_ids]
    return Earned(
        customer_ids=held_out.customer_ids,
        ndcg=metrics.ndcg(shown, held_out.bought, K),
        promised=_summed(
            shown, [one.rows for one in told], [one.scores for one in told], margin=margin
        ),
        earned=_summed(shown, held_out.bought, held_out.quantity, margin=margin),
    )


def _summed(
    shown: Sequence[Rows],
    rows: Sequence[Rows],
    counts: Sequence[NDArray[np.floating]],
    *,
    margin: Money,
) -> Values:
    """Return for each list the sum of count times margin over those of ``rows`` that are on it."""
    sums = []
    for listed, among, each in zip(shown, rows, counts, strict=True):
        places = np.flatnonzero(np.isin(among, listed))
        sums.append(float(each[places] @ margin[among[places]]))
    return np.array(sums)
