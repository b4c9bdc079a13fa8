"""All of it together: forty customers, one who gave all back, and one who never bought."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.artifacts.customer_profile import check, unpack
from models.artifacts.customer_record import CustomerRecord, History
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Stage
from models.customer.summary import GONE, NEWCOMERS, Summary
from tests.training.fitted import of_habits
from tests.training.tiny import bought, day, lines
from training.customers import known
from training.customers.before import COMPARED
from training.customers.known import Known, Told
from training.data.catalog import items_from_purchases
from training.data.feedback import FEEDBACK
from training.data.purchases import number
from training.settings import TrainerSettings

RETURNED = lines(bought("dee", "p-01", 3), bought("dee", "p-01", 4, quantity=-1))
LINES = pl.concat([of_habits(), RETURNED])
LISTED = pl.Series(["c-00", "dee", "never"])


def _told(shop: pl.DataFrame = LINES) -> Told:
    return Told(
        settings=TrainerSettings.model_construct(),
        lines=shop,
        items=items_from_purchases(shop),
        listed=LISTED,
    )


def _known(told: Told, *, until: float = 130) -> Known:
    rows = number(told.lines, told.items["item_id"], until=day(until), min_buyers=1)
    return known.fit(rows, told, step=lambda _words: None)


@pytest.fixture(scope="module")
def found() -> Known:
    return _known(_told())


def _groups(summary: Summary, kind: str) -> int:
    return sum(one.customers for one in summary.groups if one.kind == kind)


def test_who_never_bought_and_who_gave_all_back_are_prospects(found: Known) -> None:
    prospects = found.profiles["stage"] == Stage.PROSPECT

    assert [found.customer_ids[row] for row in np.flatnonzero(prospects)] == ["dee", "never"]


def test_what_a_prospect_says_is_known_of_them_and_counted_in_the_groups() -> None:
    rows = [("never", day(100), "complaint", None, None), ("c-00", day(100), "rating", 5.0, None)]
    feedback = pl.DataFrame(rows, schema=FEEDBACK, orient="row")

    found = _known(replace(_told(), feedback=feedback))

    never, dee = (found.profiles[found.customer_ids.index(id_)] for id_ in ("never", "dee"))
    assert never["satisfaction"] == Satisfaction.COMPLETELY_DISSATISFIED
    assert (never["complaints"], never["ratings"]) == (1, 0)
    assert np.isnan(never["silence"])
    assert (dee["satisfaction"], dee["complaints"]) == (Satisfaction.UNKNOWN, 0)
    (group,) = (one for one in found.summary.groups if one.name == "completely-dissatisfied")
    assert group.customers == 1


def test_the_groups_of_each_kind_are_all_customers(found: Known) -> None:
    for kind in ("tier", "stage", "segment", "portfolio", "satisfaction"):
        assert _groups(found.summary, kind) == len(found.customer_ids)


def test_the_cells_of_the_matrix_and_who_has_no_tier_are_all_customers(found: Known) -> None:
    matrix = found.summary.matrix

    in_cells = sum(cell["customers"] for cell in matrix["cells"])

    assert in_cells + matrix["unknown_customers"] == len(found.customer_ids)


def test_movements_name_groups_or_say_that_somebody_came_or_went(found: Known) -> None:
    codes = {kind: found.profiles[kind][2:] for kind in COMPARED}
    stood = pl.DataFrame({"customer_id": [*found.customer_ids[3:], "gone"], **codes})

    moved = _known(replace(_told(), before=stood)).summary

    names = {one.name for one in moved.groups}
    assert names.isdisjoint({NEWCOMERS, GONE})
    for one in moved.groups:
        assert set(one.joined or {}) <= names | {NEWCOMERS}
        assert set(one.left or {}) <= names | {GONE}
    for kind in COMPARED:
        ours = [one for one in moved.groups if one.kind == kind]
        assert sum((one.joined or {}).get(NEWCOMERS, 0) for one in ours) == 3
        assert sum((one.left or {}).get(GONE, 0) for one in ours) == 1


def test_no_two_groups_share_a_name(found: Known) -> None:
    names = [one.name for one in found.summary.groups]

    assert len(set(names)) == len(names)


def test_every_profile_is_one_that_a_server_takes(found: Known) -> None:
    portfolios = sum(one.kind == "portfolio" for one in found.summary.groups) - 1

    for *_, packed in found.entering([]):
        check(unpack(packed), n_categories=0, n_portfolios=portfolios)


def test_a_record_gets_the_groups_of_its_customer(found: Known) -> None:
    record = CustomerRecord(
        vector=np.zeros(2, dtype=np.float16),
        rows=np.empty(0, dtype=np.int32),
        reasons=np.empty(0, dtype=np.uint8),
        scores=np.empty(0, dtype=np.float32),
    )
    history = History.unpack(_no_history())

    entered = list(found.entering([("c-01", record, history)]))

    _, own, _, packed = entered[0]
    assert own is not None
    assert own.standing.stage == Stage(unpack(packed)["stage"])
    assert {one[0] for one in entered} == set(found.customer_ids)
    assert all(one[1] is None and one[2] is None for one in entered[1:])


def _no_history() -> bytes:
    nothing = np.empty(0, dtype=np.uint16)
    return History(
        rows=np.empty(0, dtype=np.int32),
        times=nothing,
        last_day=nothing,
        every_days=nothing,
        repeat=np.empty(0, dtype=np.float32),
    ).pack()


def test_orders_and_their_days_are_counted(found: Known) -> None:
    row = found.customer_ids.index("c-00")

    profile = found.profiles[row]

    assert profile["orders"] == 19
    assert profile["last_day"] - profile["first_day"] == 18 * 7


def test_each_choice_says_what_was_chosen_and_why(found: Known) -> None:
    for choice in found.choices.values():
        assert "chosen" in choice
        assert choice["why"]


def test_who_moved_is_told_by_the_release_before() -> None:
    told = _told()
    codes = {kind: pl.Series([Stage.LAPSED], dtype=pl.UInt8) for kind in COMPARED}
    before = pl.DataFrame({"customer_id": ["c-00"], **codes})

    moved = _known(replace(told, before=before))

    row = moved.customer_ids.index("c-00")
    assert moved.profiles[row]["previous_stage"] == Stage.LAPSED
    assert moved.profiles["previous_known"].sum() == 1
    lapsed = moved.summary.group("lapsed")
    assert lapsed is not None
    assert lapsed.left == {"client": 1}


@pytest.mark.parametrize("n_days", [1, 3, 20])
def test_a_young_shop_is_known_as_far_as_can_be(n_days: int) -> None:
    shop = lines(*(line for n in range(n_days) for line in _day_of_sales(n)))

    young = _known(_told(shop), until=n_days + 1)

    assert np.isfinite(young.profiles["historic_clv"][:2]).all()
    assert all(choice["why"] for choice in young.choices.values())


def _day_of_sales(n: int) -> list[dict[str, object]]:
    return [bought("ann", "p-01", n + 0.5), bought(f"c-{n}", "p-02", n + 0.5)]
