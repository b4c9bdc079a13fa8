"""The matrix of historic and potential value: thresholds, ties, and what is told of them."""

import numpy as np
import orjson
import pytest

from models.customer.value import Tier
from training.customers import tiers


def test_the_quantile_is_the_share_of_customers_below_high() -> None:
    values = np.arange(1.0, 11.0)

    found = tiers.fit(values, values, quantile=0.8)

    assert found.thresholds.historic == found.thresholds.potential == 9.0
    assert found.codes.tolist() == [Tier.LOW] * 8 + [Tier.HIGH] * 2
    told = found.matrix["thresholds"]["historic"]
    assert told == {"from": 9.0, "by": "quantile", "why": "80 % of 10 customers are below it"}


def test_who_is_good_in_one_way_only_is_medium() -> None:
    found = tiers.fit(
        np.array([1.0, 9.0, 1.0, 9.0]),
        np.array([1.0, 1.0, 9.0, 9.0]),
        quantile=0.5,
    )

    assert found.codes.tolist() == [Tier.LOW, Tier.MEDIUM, Tier.MEDIUM, Tier.HIGH]


def test_money_that_the_shop_names_goes_before_the_quantile() -> None:
    values = np.arange(1.0, 11.0)

    found = tiers.fit(values, values, quantile=0.8, historic_at=3.0)

    assert (found.thresholds.historic, found.thresholds.potential) == (3.0, 9.0)
    told = found.matrix["thresholds"]
    assert told["historic"] == {"from": 3.0, "by": "money", "why": "the settings name 3.00"}
    assert told["potential"]["by"] == "quantile"


def test_potential_value_can_be_given_in_money_alone() -> None:
    values = np.arange(1.0, 11.0)

    found = tiers.fit(values, values, quantile=0.8, potential_at=2.0)

    assert (found.thresholds.historic, found.thresholds.potential) == (9.0, 2.0)


def test_equal_customers_are_not_torn_apart() -> None:
    values = np.array([0.0] * 75 + [10.0] * 20 + [20.0] * 5)

    found = tiers.fit(values, values, quantile=0.8)

    assert found.thresholds.historic == 10.0
    assert (found.codes == Tier.HIGH).sum() == 25
    assert (
        "75 % of 100 customers are below it: as near to 80 %"
        in (found.matrix["thresholds"]["historic"]["why"])
    )


@pytest.mark.parametrize(
    "values",
    [[10.0] * 50, [5.0] * 5 + [10.0] * 45, [0.0] * 50, [-3.0] * 10 + [0.0] * 40, [7.0]],
    ids=["all equal", "nearly all at the top", "nothing", "losses", "one customer"],
)
def test_where_nobody_stands_out_nobody_is_high_and_it_is_told(values: list[float]) -> None:
    one = np.array(values)

    found = tiers.fit(one, one, quantile=0.8)

    assert set(found.codes.tolist()) == {Tier.LOW}
    told = found.matrix["thresholds"]["potential"]
    assert told["from"] is None
    assert told["why"].startswith("too many customers have the highest value in common")


def test_most_customers_being_equal_at_the_bottom_leaves_the_others_high() -> None:
    values = np.array([0.0] * 90 + [10.0] * 10)

    found = tiers.fit(values, values, quantile=0.8)

    assert found.thresholds.historic == 10.0
    assert (found.codes == Tier.HIGH).sum() == 10


def test_what_is_not_known_makes_no_tier_and_no_threshold() -> None:
    historic = np.array([1.0, 2.0, 3.0, 4.0, np.nan])
    potential = np.full(5, np.nan)

    found = tiers.fit(historic, potential, quantile=0.75)

    assert found.thresholds.historic == 4.0
    assert set(found.codes.tolist()) == {Tier.UNKNOWN}
    assert found.matrix["unknown_customers"] == 5
    assert found.matrix["thresholds"]["potential"]["why"].startswith("the value of no customer")


def test_each_cell_holds_its_customers_and_their_value() -> None:
    found = tiers.fit(
        np.array([1.0, 2.0, 9.0, 1.0, 9.0], dtype=np.float32),
        np.array([1.0, 3.0, 2.0, 9.0, 9.5], dtype=np.float32),
        quantile=0.6,
    )

    assert found.matrix["cells"] == [
        {"historic": "low", "potential": "low", "tier": "low", "customers": 2,
         "historic_value": 3.0, "predicted_value": 4.0},
        {"historic": "low", "potential": "high", "tier": "medium", "customers": 1,
         "historic_value": 1.0, "predicted_value": 9.0},
        {"historic": "high", "potential": "low", "tier": "medium", "customers": 1,
         "historic_value": 9.0, "predicted_value": 2.0},
        {"historic": "high", "potential": "high", "tier": "high", "customers": 1,
         "historic_value": 9.0, "predicted_value": 9.5},
    ]  # fmt: skip
    assert orjson.loads(orjson.dumps(found.matrix)) == found.matrix


def test_the_cells_count_every_customer_once() -> None:
    rng = np.random.default_rng(7)
    historic, potential = rng.lognormal(size=(2, 500)).astype(np.float32)
    potential[:20] = np.nan

    found = tiers.fit(historic, potential, quantile=0.8)

    counted = sum(cell["customers"] for cell in found.matrix["cells"])
    assert counted + found.matrix["unknown_customers"] == 500
    assert found.matrix["unknown_customers"] == 20
