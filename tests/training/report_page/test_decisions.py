"""What was chosen, what was refused, and the figures behind it."""

import pytest

from tests.training.report_page import told
from training.report_page.decisions import decisions, tables, why_not


def test_what_is_refused_stands_before_what_was_chosen() -> None:
    told_ = decisions(told.manifest()).decisions

    assert [one.refused for one in told_] == [True, False, False, False, False, False]
    assert (told_[0].name, told_[0].chosen) == ("Share of customer", "not used")
    assert [one.chosen for one in told_[1:4]] == ["ranker", "used", "trees"]
    assert told_[-1].name == "Next purchase, due date"
    assert told_[-1].chosen == "8 to 15 orders by clock, 16 or more orders by chances"


@pytest.mark.parametrize("nothing", [False, None, "", "none", "nothing", [], {}])
def test_whatever_stands_for_nothing_is_a_refusal(nothing: object) -> None:
    choices = {"share of customer": {"chosen": nothing, "why": "too few orders"}}

    (decision,) = decisions(told.with_choices(choices)).decisions

    assert decision.refused
    assert why_not(choices, "share of customer") == "Too few orders."
    assert why_not(choices, "another") == ""


def test_a_release_without_choices_says_that_it_does_not_say() -> None:
    said = decisions(told.with_choices({}))

    assert said.decisions == ()
    assert said.sentences == (
        "This release does not say how it was chosen: an earlier Cartera made it.",
    )


def test_figures_of_every_shape_become_tables() -> None:
    alone, by_way, by_both, rows, plain = tables(
        {
            "all_cases": 2400,
            "good": True,
            "weeks": 12.5,
            "unknown": None,
            "auc": {"own rate": 0.79, "learned": 0.824},
            "figures": {"blend": {"a": 0.1}, "ranker": {"a": 0.2, "b": [1, 2]}},
            "errors": [{"orders": "1", "given": False}, {"orders": "2 to 3", "date": 1.5}],
            "kinds": ["mailer", "offer"],
            "empty": {},
        }
    )

    assert alone.rows == (
        ("all cases", "2,400"),
        ("good", "yes"),
        ("weeks", "12.5"),
        ("unknown", "–"),
    )
    assert by_way.rows == (("own rate", "0.790"), ("learned", "0.824"))
    assert by_both.columns == ("figures", "a", "b")
    assert by_both.rows == (("blend", "0.100", "–"), ("ranker", "0.200", "1, 2"))
    assert rows.columns == ("orders", "given", "date")
    assert rows.rows == (("1", "no", "–"), ("2 to 3", "–", "1.500"))
    assert plain.rows == (("mailer, offer",),)
