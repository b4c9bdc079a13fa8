"""The matrix of historic and potential value."""

from dataclasses import replace

from tests.training.report_page import told
from training.report_page.tiers import tiers


def test_the_matrix_says_from_what_money_on_value_is_high() -> None:
    said = tiers(told.summary())

    assert said.sentences == (
        "High historic value starts at €2,480: 80 % of 2,400 customers are below it.",
        "High potential value starts at €1,200: the settings name 1,200.00.",
    )
    table = said.figures[0].table
    assert table is not None
    assert table.rows[-1] == ("high and high", "high", "400", "€2,000,000", "€1,000,000")


def test_the_matrix_says_where_nobody_is_high_and_of_how_many_nothing_is_known() -> None:
    nobody = {"from": None, "by": "quantile", "why": "none stands out"}
    changed = {"thresholds": {"historic": nobody}, "unknown_customers": 12}

    said = tiers(replace(told.summary(), matrix=told.matrix() | changed)).sentences

    assert said == (
        "High historic value is nobody's: none stands out.",
        "Of 12 customers too little is known for a tier.",
    )


def test_a_matrix_of_nobody_is_not_drawn() -> None:
    cells = [cell | {"customers": 0} for cell in told.matrix()["cells"]]

    said = tiers(replace(told.summary(), matrix=told.matrix() | {"cells": cells}))

    assert said.figures == ()
    assert said.sentences[0].startswith("Nothing is known yet: a tier needs both")
