"""Who the customers are, and who moved."""

from dataclasses import replace

from models.customer.summary import Group, Kind
from tests.training.report_page import told
from training.report_page.groups import KINDS, groups
from training.report_page.moves import moves
from training.report_page.parts import Section


def tier(
    code: int,
    title: str,
    *,
    joined: dict[str, int] | None = None,
    left: dict[str, int] | None = None,
) -> Group:
    return told.group("tier", code, title, 10, 100.0, joined=joined, left=left)


def caption_of(*ours: Group) -> str:
    return moves(ours)[0].caption


def test_moves_are_told_as_rises_and_falls_the_largest_first() -> None:
    said = caption_of(
        tier(2, "Medium value", joined={"tier-3": 17}),
        tier(3, "High value", joined={"tier-2": 42}),
    )

    assert said == (
        "42 rose from medium value to high value and 17 fell from high value to medium value."
    )


def test_nobody_rises_from_what_is_unknown_nor_between_groups_without_order() -> None:
    said = caption_of(tier(0, "Unknown", joined={}), tier(1, "Low value", joined={"tier-0": 3}))
    lost = told.group("segment", 11, "Lost", 5, 1.0, joined={"segment-1": 2})
    champions = told.group("segment", 1, "Champions", 5, 1.0, joined={})

    assert said == "3 went from unknown to low value."
    assert caption_of(champions, lost) == "2 went from champions to lost."


def test_who_is_new_and_who_is_gone_is_counted_apart() -> None:
    said = caption_of(
        tier(1, "Low value", joined={"newcomers": 130}, left={"gone": 1}),
        tier(2, "Medium value", joined={"newcomers": 5}, left={}),
    )

    assert said == "135 are new and 1 is not known any more."


def test_a_group_that_is_no_more_keeps_its_name() -> None:
    (figure,) = moves([tier(1, "Low value", joined={"old-tier": 4, "newcomers": 2})])

    assert figure.caption == "4 went from old-tier to low value and 2 are new."
    assert figure.table is not None
    assert figure.table.rows == (("old-tier", "Low value", "4"), ("New", "Low value", "2"))


def test_six_moves_are_told_in_words_and_all_in_the_table() -> None:
    (figure,) = moves([tier(1, "Low value", joined={f"tier-{n}": n for n in range(10, 20)})])

    assert figure.caption.count("went") == 6
    assert figure.table is not None
    assert len(figure.table.rows) == 10


def test_where_nobody_moved_the_page_says_so_and_without_a_release_before_nothing() -> None:
    assert caption_of(tier(1, "Low value", joined={}, left={})) == "Nobody moved."
    assert moves([tier(1, "Low value")]) == []


def section(kind: Kind, *ours: Group) -> Section:
    (wanted,) = (one for one in KINDS if one.kind == kind)
    summary = replace(told.summary(), groups=ours or told.groups())
    return groups(wanted, summary, told.manifest())


def test_groups_are_told_with_customers_money_and_interval() -> None:
    (figure, _) = section("segment").figures

    assert figure.table is not None
    assert figure.table.rows[0] == (
        "Champions",
        "312",
        "13\u00a0%",
        "€1,840,000",
        "46\u00a0%",
        "€920,000",
        "€836,364 to €1,022,222",
    )


def test_the_longest_bar_fills_its_room_and_a_loss_has_none() -> None:
    loss = replace(told.group("segment", 1, "Champions", 24, 1.0), share_of_value=-0.2)
    most = told.group("segment", 2, "Loyal", 1200, 1.0)

    (figure,) = section("segment", loss, most).figures

    assert "width: 100.0%" in str(figure.drawing)
    assert 'second" style="width: 0.0%' in str(figure.drawing)


def test_a_group_without_customers_is_named_and_not_drawn() -> None:
    stages = section("stage")

    assert "Nobody is in: Prospect." in stages.sentences
    assert "Prospect" not in str(stages.figures[0].drawing)


def test_what_cannot_be_foretold_of_a_group_is_a_dash() -> None:
    unknown = replace(told.group("segment", 1, "Champions", 312, 5.0), predicted_value=None)

    (figure,) = section("segment", unknown).figures

    assert figure.table is not None
    assert figure.table.rows[0][-2:] == ("–", "–")


def test_without_portfolios_the_page_says_why() -> None:
    (wanted,) = (one for one in KINDS if one.kind == "portfolio")
    manifest = told.with_choices({"portfolios": {"chosen": "none", "why": "no groups were stable"}})

    said = groups(wanted, replace(told.summary(), groups=()), manifest).sentences

    assert said[-1] == "Nothing is known yet. No groups were stable."


def test_where_all_are_unknown_no_bar_is_drawn() -> None:
    (wanted,) = (one for one in KINDS if one.kind == "satisfaction")
    manifest = told.with_choices({"satisfaction": {"chosen": False, "why": "nobody has rated"}})
    unknown = (told.group("satisfaction", 0, "Unknown", 2400, 5.0, joined={}, left={}),)

    said = groups(wanted, replace(told.summary(), groups=unknown), manifest)

    assert said.figures == ()
    assert said.sentences[-1] == "Nothing is known yet. Nobody has rated."


def test_a_share_of_value_that_losses_make_meaningless_is_a_dash() -> None:
    shop = told.summary()
    ours = tuple(replace(one, share_of_value=None) for one in shop.groups)
    segments = next(kind for kind in KINDS if kind.kind == "segment")

    said = groups(segments, replace(shop, groups=ours), told.manifest())

    table = said.figures[0].table
    assert table is not None
    assert {row[4] for row in table.rows} == {"–"}
    assert str(said.figures[0].drawing).count("–") >= len(table.rows)
