"""An audience is shown in words: what was asked for, how good it is, and nothing that is not."""

from dataclasses import replace

from rich.console import Console
from rich.table import Table

from models.artifacts.audience import Audience, Stands
from models.audience_told import told
from tests import asked_audiences as audiences
from training import audience_tables as tables

A = "aud_" + "a" * 16


def words(table: Table | None) -> str:
    console = Console(width=160)
    with console.capture() as caught:
        console.print(table)
    return " ".join(caught.get().split())


def by_rule(stands: Stands | None = None) -> Audience:
    one = audiences.queued(A)
    rule = {
        "all": [{"eq": ["tier", "high"]}, {"gte": ["orders", 12]}, {"lt": ["expected_spend", 9]}]
    }
    return replace(
        one,
        asked=replace(one.asked, type="rule", name="", group="", rule=rule),
        stands=stands or one.stands,
    )


def test_quality_and_size_are_shown_as_a_person_says_them() -> None:
    shown = words(tables.facts(told(audiences.lookalike(A))))

    assert "seeds 812 customers" in shown
    assert "size 2 %" in shown
    assert "refresh no" in shown
    assert "AUC 0.836 (0.810 to 0.860)" in shown
    assert "lift among the best 5 % 6.4 (5.1 to 7.7)" in shown
    assert "measured on 162 held-out seeds, 2,307 others" in shown
    assert (
        "logistic-vectors (AUC by cross-validation: logistic-vectors 0.836, trees 0.829)" in shown
    )


def test_what_does_not_apply_has_no_row() -> None:
    shown = words(tables.facts(told(by_rule(Stands(status="ready", at_ms=1, progress=1.0)))))

    assert 'members {"all":[{"eq":["tier","high"]},{"gte":["orders",12]},' in shown
    assert "status ready asked for at" in shown
    assert not {"–", "None", "True", "100%", "AUC", "seeds", "weight"} & set(shown.split())


def test_of_few_members_it_is_said_why_nothing_distinguishes_them() -> None:
    one = told(audiences.lookalike(A))

    few = tables.reasons({**one, "size": 99, "reasons": []})
    many = tables.reasons({**one, "size": 100, "reasons": []})

    assert "fewer than 100 members: not told" in words(few)
    assert "fewer than" not in words(many)
    assert tables.reasons(told(audiences.queued(A))) is None


def test_in_a_list_one_without_a_name_is_told_by_its_definition() -> None:
    shown = words(tables.listed([told(by_rule())], columns=160))

    assert '{"all":[{"eq":["tier","high"]},{"gte":[… rule queued' in shown


def test_in_a_narrow_terminal_a_list_has_whole_ids_and_no_intervals() -> None:
    begun = Stands(status="building", at_ms=1, progress=0.5)
    console = Console(width=80)
    with console.capture() as caught:
        found = [told(audiences.lookalike(A)), told(by_rule(begun))]
        console.print(tables.listed(found, columns=80))

    alike, _ = [line.split() for line in caught.get().splitlines() if A in line]
    assert alike[:3] == [A, "Like", "our"]
    assert alike[-5:] == ["lookalike", "ready", "5,000", "0.836", "6.4"]
    assert "building 50%" in caught.get()


def test_below_the_list_it_is_said_why_one_was_refused() -> None:
    stands = Stands(status="refused", at_ms=1, detail="[b]no better than chance")
    refused = told(by_rule(stands))

    assert f"{A} [b]no better than chance" in words(tables.ended_badly([refused]))
    assert tables.ended_badly([told(by_rule())]) is None
