"""The shop's customers as groups: how many, what they are worth, who came and who went."""

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from models.customer.summary import Group, Sum, Summary
from models.customer.value import Tier
from training.customers.before import Before
from training.customers.described import described
from training.customers.groups import Coming, Worth, groups
from training.customers.parts import Parts
from training.customers.stages import Rules
from training.settings import TrainerSettings


def summary(
    parts: Parts,
    profiles: NDArray[np.void],
    *,
    settings: TrainerSettings,
    currency: str | None,
    before: Before | None,
) -> Summary:
    """Return what a release says of its customers as a whole.

    Args:
        parts: Of those who bought.
        profiles: Shape ``(n,)`` of ``PROFILE``: of those, and behind them of prospects.
        settings: With the rules.
        currency: Of all money; None where the purchases do not say.
        before: Where they stood in the release before.
    """
    worth = _worth(parts, profiles.size)
    kinds = described(
        thresholds=parts.tiers.thresholds,
        rules=Rules.of(settings),
        shop_days=parts.rhythm.shop_days,
        portfolios=parts.needs,
    )
    found: list[Group] = []
    for kind, names in kinds.items():
        found += groups(kind, profiles[kind], names, worth, before=before)
    predicted = worth.predicted(np.ones(profiles.size, dtype=np.bool_))
    return Summary(
        groups=tuple(found),
        currency=currency,
        basis=parts.worth.basis,
        horizon_weeks=settings.clv_horizon_weeks,
        annual_rate=settings.clv_annual_rate,
        matrix=parts.tiers.matrix
        | {"unknown_customers": int((profiles["tier"] == Tier.UNKNOWN).sum())},
        evidence={
            "value": {
                **parts.worth.evidence,
                "predicted": None if predicted is None else asdict(predicted),
            },
            "next_purchase": parts.soon.evidence,
        },
    )


def _worth(parts: Parts, n: int) -> Worth:
    """Return the worth of all ``n`` customers; the last, prospects, brought nothing."""
    n_bought = parts.orders.n_customers
    historic = np.zeros(n)
    historic[:n_bought] = parts.worth.historic

    def predicted(members: NDArray[np.bool_]) -> Sum | None:
        return parts.worth.summed(members[:n_bought])

    def coming(members: NDArray[np.bool_]) -> Coming:
        rows = members[:n_bought]
        return Coming(
            purchases=parts.worth.purchases_of(rows),
            spend=parts.worth.spend_of(rows),
            alive=parts.worth.alive_of(rows),
        )

    return Worth(historic=historic, predicted=predicted, coming=coming)
