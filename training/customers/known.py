"""All that a release knows of its customers: a profile of each, and a summary of the shop.

Every model says its part (see the package); ``profiles`` puts the parts into a row a customer, and
``summaries`` into the groups that ``/segments`` answers from.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.artifacts.customer_profile import pack, standing
from models.customer.summary import Summary
from training.customers import (
    discounts,
    profiles,
    rhythm,
    satisfaction,
    segments,
    stages,
    summaries,
    tiers,
)
from training.customers.agreed import agreed
from training.customers.before import before as standing_before
from training.customers.coming import next_purchase
from training.customers.needs import portfolios, share
from training.customers.parts import Parts
from training.customers.worth import value
from training.customers.worth.margins import margins
from training.data import orders as shop_orders
from training.data.purchases import Purchases
from training.fit.loaded import coded
from training.fit.records import Made
from training.release import Customer
from training.settings import TrainerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the shop says of its customers beside what they bought."""

    settings: TrainerSettings
    lines: pl.DataFrame
    """As ``training.data.read`` promises them: returns are among them."""
    items: pl.DataFrame
    """With a ``currency`` where the purchases name one."""
    feedback: pl.DataFrame | None = None
    listed: pl.Series | None = None
    """Ids of all customers whom the shop knows; None where it does not list them."""
    before: pl.DataFrame | None = None
    """The groups of each customer in the release that serves; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that is known of the customers."""

    customer_ids: list[str]
    """Shape ``(n,)``: who bought by row, then prospects."""
    profiles: NDArray[np.void]
    """Shape ``(n,)`` of ``PROFILE``."""
    summary: Summary
    choices: dict[str, Any]

    def entering(self, made: Iterable[Made]) -> Iterator[Customer]:
        """Yield every customer: the profile, and record and history where they were made."""
        rows = {id_: row for row, id_ in enumerate(self.customer_ids)}
        for id_, record, history in made:
            packed = pack(self.profiles[rows.pop(id_)])
            yield id_, replace(record, standing=standing(packed)), history, packed
        for id_, row in rows.items():
            yield id_, None, None, pack(self.profiles[row])


def fit(bought: Purchases, told: Told, *, step: Callable[[str], None]) -> Known:
    """Learn what every customer is worth, needs and feels.

    Args:
        bought: Everything that was bought, by one known customer at least.
        told: The rest.
        step: Told what is being done.
    """
    earned = margins(bought, told.items, share=told.settings.margin_share)
    listed = [] if told.listed is None else told.listed.to_list()
    prospects = [id_ for id_ in listed if id_ not in bought.customer_row]
    customer_ids = bought.customer_ids + prospects
    parts = _parts(bought, told, margin=earned.lines, customer_ids=customer_ids, step=step)
    before = standing_before(told.before, customer_ids)
    known = profiles.filled(parts, n_prospects=len(prospects), before=before)
    return Known(
        customer_ids=customer_ids,
        profiles=known,
        summary=summaries.summary(
            parts, known, settings=told.settings, currency=_currency(told.items), before=before
        ),
        choices={
            "customer value": {
                **parts.worth.choice,
                "basis": parts.worth.basis,
                "margins": earned.why,
            },
            **{f"next purchase, {what}": choice for what, choice in parts.soon.choice.items()},
            "portfolios": parts.needs.choice,
            "satisfaction": parts.feels.choice,
            "discount sensitivity": parts.offers.choice,
            "share of customer": parts.wallet.choice,
        },
    )


def _parts(
    bought: Purchases,
    told: Told,
    *,
    margin: NDArray[np.float64] | None,
    customer_ids: list[str],
    step: Callable[[str], None],
) -> Parts:
    settings = told.settings
    orders = shop_orders.orders(bought, margin=margin)
    category, names = _categories(bought, told.items)
    step("what each customer will bring")
    worth = value.fit(
        orders,
        horizon_weeks=settings.clv_horizon_weeks,
        annual_rate=settings.clv_annual_rate,
        seed=settings.seed,
        step=step,
    )
    step("when each customer buys again")
    soon = next_purchase.fit(orders, bought, category=category, seed=settings.seed, step=step)
    worth, soon = agreed(worth, soon)
    step("what each customer needs")
    needs = portfolios.fit(
        bought,
        category=category,
        names=names,
        value=worth.historic,
        seed=settings.seed,
        step=step,
    )
    step("what each customer feels")
    feels = satisfaction.fit(
        orders,
        returned=satisfaction.returned(told.lines, bought.customer_ids, bought.until),
        feedback=told.feedback,
        customer_ids=customer_ids,
    )
    felt = feels.level[: orders.n_customers]
    return Parts(
        orders=orders,
        rhythm=rhythm.fit(orders),
        worth=worth,
        soon=soon,
        needs=needs,
        feels=feels,
        offers=discounts.fit(bought, seed=settings.seed),
        wallet=share.fit(bought, category=category, seed=settings.seed),
        tiers=tiers.fit(
            worth.historic,
            worth.clv[:, 0],
            quantile=settings.tier_quantile,
            historic_at=settings.tier_historic,
            potential_at=settings.tier_potential,
        ),
        stage=stages.fit(orders, satisfaction=felt, rules=stages.Rules.of(settings)),
        segment=segments.fit(orders),
    )


def _currency(items: pl.DataFrame) -> str | None:
    """Return the shop's currency, which is on every item or on none."""
    if "currency" not in items.columns or items.is_empty():
        return None
    currency: str | None = items.row(0, named=True)["currency"]
    return currency


def _categories(bought: Purchases, items: pl.DataFrame) -> tuple[NDArray[np.int32], list[str]]:
    """Return each item's category, by its place among the names, as the catalogue numbers them."""
    order = pl.DataFrame({"item_id": bought.item_ids})
    codes, names = coded(
        order.join(items, on="item_id", how="left", maintain_order="left")["category"]
    )
    return codes, [names[place] for place in range(len(names))]
