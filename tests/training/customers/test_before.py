"""Ann was in the release before, bob is new, and cas is known no more."""

import polars as pl

from training.customers.before import COMPARED, Before, before

TIER = {"ann": 3, "cas": 1}


def _before() -> Before:
    codes = {kind: pl.Series(TIER.values(), dtype=pl.UInt8) for kind in COMPARED}
    found = before(pl.DataFrame({"customer_id": list(TIER), **codes}), ["bob", "ann"])
    assert found is not None
    return found


def test_todays_customers_have_the_group_they_were_in() -> None:
    assert _before().there["tier"].tolist() == [-1, 3]


def test_who_is_known_no_more_is_told_apart() -> None:
    assert _before().gone["stage"].tolist() == [1]


def test_where_no_release_serves_there_is_nothing_to_compare_with() -> None:
    assert before(None, ["ann"]) is None
