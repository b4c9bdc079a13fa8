"""What back-tests said: of the lists, of the next purchase, of value."""

from dataclasses import replace

from tests.training.report_page import told
from training.report_page.next_buys import next_buys
from training.report_page.quality import quality
from training.report_page.trust import trust


def test_quality_stands_with_its_interval_beside_the_best_sellers() -> None:
    said = quality(told.manifest())

    figure, every = said.figures
    assert every.table is not None
    assert len(every.table.rows) == 7
    assert figure.table is not None
    assert figure.table.rows[0] == (
        "List of ten",
        "0.431",
        "0.418 to 0.444",
        "0.178",
        "0.170 to 0.186",
    )
    assert str(figure.drawing).count('class="whisker"') == 8
    assert [fact.value for fact in said.facts] == ["3,910", "1.2\u00a0%"]


def test_a_release_that_knows_no_interval_shows_none() -> None:
    metrics = {"ndcg@10": 0.4, "popularity ndcg@10": 0.2, "validation windows": 1.0}

    said = quality(replace(told.manifest(), metrics=metrics, intervals={}))

    figure = said.figures[0]
    assert figure.table is not None
    assert figure.table.rows == (("List of ten", "0.400", "–", "0.200", "–"),)
    assert "whisker" not in str(figure.drawing)


def test_a_release_that_was_not_judged_says_why() -> None:
    choices = {"base lists": {"chosen": "blend", "why": "the shop is too young"}}

    said = quality(replace(told.manifest(), metrics={}, choices=choices))

    assert said.sentences == ("This release was not judged. The shop is too young.",)
    assert said.figures == ()


def test_due_dates_are_drawn_beside_the_better_guess() -> None:
    said = next_buys(told.manifest(), told.summary())

    assert said.sentences[0].startswith(
        "A due date is given to customers with 8 to 15 orders and 16 or more orders."
    )
    table = said.figures[-1].table
    assert table is not None
    assert table.rows[0] == ("2 to 3", "210", "31.0", "34.0", "14.0", "12.0", "none")
    assert table.rows[-1][-1] == "by chances"
    assert len(table.rows) == 4


def test_refused_due_dates_say_why() -> None:
    choices = {"next purchase, due date": {"chosen": {}, "why": "no date beat the median"}}

    said = next_buys(told.with_choices(choices), replace(told.summary(), evidence={}))

    assert said.sentences == ("No customer is given a due date. No date beat the median.",)
    assert len(said.figures) == 4


def test_trust_tells_what_came_of_each_tenth() -> None:
    said = trust(told.manifest(), told.summary())

    assert [fact.value for fact in said.facts] == ["80\u00a0%", "79\u00a0%"]
    assert "nothing had been learned" in said.facts[0].more
    alive, spend, ways = said.figures
    assert alive.table is not None
    assert alive.table.rows[0] == ("1", "8.0\u00a0%", "7.2\u00a0%", "240")
    assert spend.table is not None
    assert spend.table.rows[-1] == ("10", "€1,900", "€1,767", "240")
    assert ways.table is not None
    assert ways.table.columns == ("Way", "mae", "bias", "spearman")


def test_a_tenth_of_which_a_figure_is_missing_is_left_out() -> None:
    evidence = told.evidence()
    evidence["value"]["spend"][3]["came"] = None

    spend = trust(told.manifest(), replace(told.summary(), evidence=evidence)).figures[1]

    assert spend.table is not None
    assert len(spend.table.rows) == 9


def test_intervals_that_could_not_be_tried_have_no_figure_but_a_reason() -> None:
    shop = told.summary()
    why = {"coverage": {}, "coverage_why": "too few customers had bought by then"}
    value = dict(shop.evidence["value"]) | why

    said = trust(told.manifest(), replace(shop, evidence=dict(shop.evidence) | {"value": value}))

    assert said.facts == ()
    assert said.sentences[-1].endswith("nothing was learned: too few customers had bought by then.")
