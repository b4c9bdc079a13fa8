"""What the ranker looks at: everything known of a customer and an item at one moment.

    blend       the opinions of the first stage, their blend, and the item's place by each
    habit       the pair's own orders: how often, lately, regularly, on offer
    hazard      the share of like pairs that are bought again within 28 days
    customer    how they shop: how often, how much, how curious, how fond of offers
    item        how it sells: now, before, to new buyers, at what price, on offer
    kind, category, brand    the customer's habits in the item's group, and the item's part in it
    stores      how the item sells in the branches where the customer shops
    calendar    what is promoted in the coming weeks, and how item and customer answer to it

Computed once, here, from what was bought before the fit and the calendar; the labels of a window
lie after it and never come in. All windows of a shop have the same columns in the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Factors, Scores
from training.data.purchases import Purchases
from training.fit.shop import Shop
from training.rank import calendar, counts, hazard, stores
from training.rank.groups import Grouping, groupings
from training.rank.habits import NEVER, Habits, Orders
from training.rank.pairs import Pairs
from training.rank.stores import Stores

Columns = dict[str, Scores]
PLACED = ("blend", "repeat", "ease", "collaborative", "hazard", "habit faded 40", "item sold 28")
"""Of these the item's place on the customer's list counts too, 0 the first."""


@dataclass(frozen=True, kw_only=True)
class _InGroup:
    """Customers' habits in groups of items, and the groups' own figures."""

    grouping: Grouping
    habits: Habits
    distinct: Scores
    """Of each row of ``habits``, how many different items were bought."""
    sold: Scores
    """Orders of each group in the last 28 days."""
    sold_new: Scores
    """First purchases of an item of the group in the last 28 days."""


@dataclass(frozen=True, kw_only=True)
class Features:
    """Tables as of the fit, from which the columns of any pairs are looked up."""

    own: Habits
    hazard: hazard.Hazard
    customer: Mapping[str, Scores]
    item: Mapping[str, Scores]
    groups: list[_InGroup]
    stores: Stores | None
    """None where the shop does not say."""
    calendar: calendar.Calendar

    def matrix(self, pairs: Pairs, opinions: Mapping[str, Scores]) -> tuple[Factors, list[str]]:
        """Return a row of features for each pair, and the columns' names.

        Args:
            pairs: Whom and what to look up.
            opinions: Of the first stage, shape ``(n_pairs,)`` each.
        """
        columns: Columns = dict(opinions)
        columns |= self._habit(pairs)
        columns |= {f"customer {name}": of[pairs.customer] for name, of in self.customer.items()}
        columns |= {f"item {name}": of[pairs.item] for name, of in self.item.items()}
        usual = np.maximum(columns["customer price"], 0.01)
        columns["price to customer's"] = (columns["item price"] / usual).astype(np.float32)
        for group in self.groups:
            columns |= self._in_group(pairs, group, columns["habit times"])
        columns |= self.stores.columns(pairs) if self.stores else stores.unknown(pairs)
        columns |= self._promoted(pairs)
        columns |= {f"place by {name}": pairs.places(columns[name]) for name in PLACED}
        return np.column_stack(list(columns.values())).astype(np.float32), list(columns)

    def _habit(self, pairs: Pairs) -> Columns:
        found = self.own.find(pairs.customer, pairs.item)
        times, last, every = found["times"], found["last"], found["every"]
        chances = self.hazard.of(recency_days=last, times=times)
        kind = self.groups[0].grouping.of[pairs.item]
        of_item = np.where(found.known, chances * self.hazard.item[pairs.item], 0)
        own = {
            name.replace("_", " "): found[name]
            for name in found.habits.columns
            if name not in ("lines", "spend", "quantity", "on_offer", "orders_from_first")
        } | {
            "overdue": np.where(every > 0, last / np.maximum(every, 1), -1),
            "overdue by item": np.where(
                found.known, last / np.maximum(self.item["every"][pairs.item], 1), -1
            ),
            "days to due": np.where(every > 0, every - last, -NEVER),
            "share of orders": times / np.maximum(self.customer["orders"][pairs.customer], 1),
            "share since first": times / np.maximum(found["orders_from_first"] + 1, 1),
            "days after visit": last - self.customer["last"][pairs.customer],
            "on offer": found["on_offer"] / np.maximum(times, 1),
            "quantity": found["quantity"] / np.maximum(times, 1),
            "paid": found["spend"]
            / np.maximum(found["quantity"], 1e-6)
            / np.maximum(self.item["price"][pairs.item], 0.01),
        }
        return {f"habit {name}": column for name, column in own.items()} | {
            "hazard": of_item,
            "hazard plain": np.where(found.known, chances, 0),
            "hazard of customer": of_item * self.hazard.customer[pairs.customer],
            "hazard of kind": np.where(
                found.known, chances * self.hazard.of_kind(kind, recency_days=last), 0
            ),
            "lift of customer": self.hazard.customer[pairs.customer],
            "lift of item": self.hazard.item[pairs.item],
            "lift of kind": self.hazard.kind[kind],
        }

    def _in_group(self, pairs: Pairs, group: _InGroup, times: Scores) -> Columns:
        code = group.grouping.of[pairs.item]
        found = group.habits.find(pairs.customer, code)
        lines, last, every = found["lines"], found["last"], found["every"]
        distinct = found.take(group.distinct)
        paid = found["spend"] / np.maximum(found["quantity"], 1e-6)
        price = self.item["price"][pairs.item]
        return {
            f"{group.grouping.name} {name}": column
            for name, column in {
                "orders": found["times"],
                "orders 28": found["in_28"],
                "orders since": found["orders_since"],
                "lines": lines,
                "last": last,
                "every": every,
                "overdue": np.where(every > 0, last / np.maximum(every, 1), -1),
                "fading 40": found["faded_40"],
                "items": distinct,
                "variety": distinct / np.maximum(lines, 1),
                "share of customer": lines / np.maximum(self.customer["lines"][pairs.customer], 1),
                "item's share of own": times / np.maximum(lines, 1),
                "on offer": found["on_offer"] / np.maximum(lines, 1),
                "price to paid": np.where(found.known, price / np.maximum(paid, 0.01), -1),
                "item's share": self.item["sold 28"][pairs.item] / np.maximum(group.sold[code], 1),
                "item's share of new": self.item["new 28"][pairs.item]
                / np.maximum(group.sold_new[code], 1),
                "sold 28": group.sold[code],
            }.items()
        }

    def _promoted(self, pairs: Pairs) -> Columns:
        columns: Columns = {}
        kinds = self.groups[0].grouping
        sold = self.item["sold 28"]
        for name, promotion in self.calendar.items():
            of_kind = np.bincount(kinds.of, promotion.window * sold, kinds.n)
            in_kind = (of_kind / np.maximum(self.groups[0].sold, 1)).astype(np.float32)
            told = {
                "window": promotion.window,
                "week": promotion.week,
                "before": promotion.before,
                "usual": promotion.usual,
                "lift": promotion.lift,
                "after before": promotion.window - promotion.before,
                "above usual": promotion.window - promotion.usual,
                "of its kind": in_kind[kinds.of],
            }
            columns |= {f"{name}: {what}": of[pairs.item] for what, of in told.items()}
            columns[f"{name}: customer"] = promotion.prone[pairs.customer]
        return columns


def fit(shop: Shop, items: pl.DataFrame, promotions: pl.DataFrame | None) -> Features:
    """Count everything that the columns are looked up from.

    Args:
        shop: Fitted models of the first stage and their purchases.
        items: The catalogue, for kinds, categories and brands.
        promotions: The calendar, where there is one that reaches beyond the fit.
    """
    purchases = shop.purchases
    orders = Orders.of(purchases)
    own = Habits.of(
        purchases,
        np.arange(purchases.n_ranked, dtype=np.int32),
        purchases.n_ranked,
        orders,
    )
    item = counts.of_items(purchases, own, shop.loyalty)
    groups = [_in_group(purchases, one, own, item, orders) for one in groupings(purchases, items)]
    kinds = groups[0].grouping
    return Features(
        own=own,
        hazard=hazard.fit(purchases, kinds.of, kinds.n),
        customer=counts.of_customers(purchases, own, orders),
        item=item,
        groups=groups,
        stores=stores.fit(purchases),
        calendar=calendar.fit(promotions, purchases) if promotions is not None else {},
    )


def _in_group(
    purchases: Purchases,
    grouping: Grouping,
    own: Habits,
    item: Mapping[str, Scores],
    orders: Orders,
) -> _InGroup:
    habits = Habits.of(purchases, grouping.of, grouping.n, orders)
    customer, bought = own.keys // own.n_groups, own.keys % own.n_groups
    rows = np.searchsorted(habits.keys, customer * grouping.n + grouping.of[bought])
    return _InGroup(
        grouping=grouping,
        habits=habits,
        distinct=np.bincount(rows, minlength=habits.keys.size).astype(np.float32),
        sold=np.bincount(grouping.of, item["sold 28"], grouping.n).astype(np.float32),
        sold_new=np.bincount(grouping.of, item["new 28"], grouping.n).astype(np.float32),
    )
