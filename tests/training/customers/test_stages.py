"""Every rung of the ladder has its rule, and the rule is told with its numbers."""

import numpy as np
import pytest

from models.customer.satisfaction import Satisfaction
from models.customer.segments import Stage
from tests.training.customers.ordering import ordered
from training.customers import stages
from training.customers.stages import Rules
from training.settings import TrainerSettings

RULES = Rules(client_orders=5, lapsing_after=2.0, lapsed_after=4.0, won_back_days=56)
EVERY_TEN_DAYS = (41, 31, 21, 11, 1)


def stage_of(
    *days_ago: float, feels: Satisfaction = Satisfaction.UNKNOWN, rules: Rules = RULES
) -> Stage:
    """The stage of one customer in a shop where two others ordered twice, ten days apart."""
    orders = ordered(days_ago, [11, 1], [12, 2])
    felt = np.array([feels, 0, 0], dtype=np.uint8)
    return Stage(int(stages.fit(orders, satisfaction=felt, rules=rules)[0]))


@pytest.mark.parametrize(
    ("n_orders", "stage"),
    [(1, Stage.FIRST_TIME), (2, Stage.REPEAT), (4, Stage.REPEAT), (5, Stage.CLIENT)],
)
def test_orders_lead_up_the_ladder(n_orders: int, stage: Stage) -> None:
    assert stage_of(*EVERY_TEN_DAYS[-n_orders:]) == stage


def test_an_advocate_is_a_client_who_is_completely_satisfied() -> None:
    happy = Satisfaction.COMPLETELY_SATISFIED

    assert stage_of(*EVERY_TEN_DAYS, feels=happy) == Stage.ADVOCATE
    assert stage_of(*EVERY_TEN_DAYS, feels=Satisfaction.SATISFIED) == Stage.CLIENT
    assert stage_of(*EVERY_TEN_DAYS[1:], feels=happy) == Stage.REPEAT


def test_orders_of_one_day_are_one_order() -> None:
    assert stage_of(1.4, 1.2, 1.0, 0.9, 0.8) == Stage.FIRST_TIME


@pytest.mark.parametrize(
    ("silent", "stage"),
    [
        (19.9, Stage.CLIENT),
        (20, Stage.LAPSING),
        (39.9, Stage.LAPSING),
        (40, Stage.LAPSED),
        (400, Stage.LAPSED),
    ],
)
def test_silence_is_measured_by_what_is_usual_for_the_customer(silent: float, stage: Stage) -> None:
    assert stage_of(*(silent + after for after in (40, 30, 20, 10, 0))) == stage


def test_who_ordered_once_is_measured_by_what_is_usual_in_the_shop() -> None:
    assert stage_of(19) == Stage.FIRST_TIME
    assert stage_of(21) == Stage.LAPSING
    assert stage_of(41) == Stage.LAPSED


def test_where_nobody_ordered_twice_nobody_lapses() -> None:
    orders = ordered([300], [2])

    found = stages.fit(orders, satisfaction=np.zeros(2, dtype=np.uint8), rules=RULES)

    assert found.tolist() == [Stage.FIRST_TIME, Stage.FIRST_TIME]


def test_an_order_after_a_lapse_wins_a_customer_back() -> None:
    # every ten days, then silent for forty
    assert stage_of(75, 65, 55, 45, 5) == Stage.WON_BACK
    assert stage_of(74, 64, 54, 44, 5) == Stage.CLIENT  # only thirty-nine


def test_a_customer_stays_won_back_while_their_return_is_recent() -> None:
    assert stage_of(170, 160, 150, 140, 56, 50, 40, 30, 20, 10, 1) == Stage.WON_BACK
    assert stage_of(170, 160, 150, 140, 57, 50, 40, 30, 20, 10, 1) == Stage.CLIENT


def test_a_return_is_measured_by_what_was_usual_before_it() -> None:
    # ten days were usual before the forty-five; with the gaps since, twenty-one are
    assert stage_of(110, 100, 90, 45, 15) == Stage.WON_BACK


def test_the_second_order_wins_back_who_the_shop_had_lost() -> None:
    assert stage_of(45, 5) == Stage.WON_BACK
    assert stage_of(40, 5) == Stage.REPEAT


def test_who_came_back_and_is_silent_again_is_lapsing() -> None:
    # what is usual by now is (10 + 10 + 10 + 50 + 10) / 5 = 18 days
    assert stage_of(115, 105, 95, 85, 35) == Stage.WON_BACK
    assert stage_of(116, 106, 96, 86, 36) == Stage.LAPSING


def test_codes_are_the_same_whoever_else_is_in_the_shop() -> None:
    histories = [(75, 65, 55, 45, 5), (19,), EVERY_TEN_DAYS, (41,), (11, 1)]

    together = stages.fit(
        ordered(*histories, [11, 1], [12, 2]),
        satisfaction=np.zeros(7, dtype=np.uint8),
        rules=RULES,
    )

    assert together[:5].tolist() == [stage_of(*one) for one in histories]


def test_the_rules_are_those_of_the_settings() -> None:
    settings = TrainerSettings(
        client_orders=3, lapsing_after=1.5, lapsed_after=3.0, won_back_days=7
    )

    assert Rules.of(settings) == Rules(
        client_orders=3, lapsing_after=1.5, lapsed_after=3.0, won_back_days=7
    )


def test_each_stage_is_told_with_the_numbers_in_use() -> None:
    told = stages.sentences(RULES, shop_days=12.5)

    assert set(told) == set(Stage) - {Stage.UNKNOWN}
    assert told[Stage.REPEAT].startswith("Has ordered 2 to 4 times")
    assert told[Stage.CLIENT].startswith("Has ordered 5 times or more")
    assert "2 to 4 times their usual days" in told[Stage.LAPSING]
    assert "with 12.5 days counted in as one more" in told[Stage.LAPSED]
    assert told[Stage.WON_BACK].startswith(
        "Ordered again in the last 56 days, after a silence of 4"
    )


def test_a_stage_that_the_settings_leave_empty_says_so() -> None:
    rules = Rules(client_orders=2, lapsing_after=3.0, lapsed_after=3.0, won_back_days=1)

    told = stages.sentences(rules, shop_days=float("nan"))

    assert told[Stage.REPEAT].startswith("Nobody")
    assert told[Stage.LAPSING].startswith("Nobody")
    assert "nobody has ordered twice yet" in told[Stage.LAPSED]
    assert "in the last 1 day," in told[Stage.WON_BACK]


def test_one_number_of_orders_is_no_span() -> None:
    rules = Rules(client_orders=3, lapsing_after=2.0, lapsed_after=3.0, won_back_days=1)

    assert stages.sentences(rules, shop_days=1.0)[Stage.REPEAT].startswith("Has ordered 2 times")
