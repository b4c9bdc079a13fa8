"""What the manifest is told of choices, where there was little to choose from."""

import polars as pl

from tests.training.tiny import basket, lines
from tests.training.walked import plan
from training.fit.blend import DEFAULT
from training.fit.profit import UNASKED
from training.lessons import NO_PROFIT, NOT_RANKED, Learned

LINES = lines(*basket("ann", "milk jam", 1))


def test_a_shop_without_margins_is_told_that_it_has_no_profit_to_rank_by() -> None:
    told = Learned(choice=DEFAULT, ranking=NOT_RANKED).choices(plan(LINES))

    assert told["profit"] == NO_PROFIT


def test_a_shop_with_margins_and_no_window_is_told_of_the_default() -> None:
    known = plan(LINES)
    known.items[0, "margin"] = 0.5

    told = Learned(choice=DEFAULT, ranking=NOT_RANKED).choices(known)

    assert known.items["margin"].dtype == pl.Float64
    assert told["profit"] == UNASKED.choice
    assert told["profit"]["chosen"] == "margins count 0.2"
