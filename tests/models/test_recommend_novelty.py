"""How much of a list is new to the customer: any, all, or the share that was asked for."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.asked import Query
from models.recommend import recommend
from tests import shop
from tests.models.asking import LOADED, MADE, ask, names, query, rows

BOUGHT = {"butter", "milk"}


def test_only_new_items_leave_out_what_was_bought() -> None:
    assert names(ask("ana", novelty="new_only")) == ["bread", "jam", "wine", "beer", "truffle"]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, ["butter", "milk", "bread", "jam"]),
        (0.5, ["butter", "milk", "bread", "jam"]),
        (0.6, ["butter", "bread", "jam", "wine"]),
        (0.75, ["butter", "bread", "jam", "wine"]),
        (1.0, ["bread", "jam", "wine", "beer"]),
    ],
)
def test_a_share_of_the_list_is_new_and_the_rest_stays_in_order(
    share: float, expected: list[str]
) -> None:
    assert names(ask("ana", novelty=share, limit=4)) == expected


def test_a_whole_number_is_a_share_too() -> None:
    assert names(ask("ana", novelty=1, limit=4)) == ["bread", "jam", "wine", "beer"]


def test_to_a_stranger_everything_is_new() -> None:
    assert names(ask(None, novelty="new_only")) == names(ask(None))
    assert names(ask(None, novelty=1.0)) == names(ask(None))


def test_where_too_little_is_new_the_rest_of_the_list_was_bought() -> None:
    answer = ask("ana", novelty=1.0, limit=4, meets={"eq": ["category", "dairy"]})

    assert names(answer) == ["butter", "milk"]


def test_where_the_whole_list_was_bought_new_items_are_found_in_the_shop() -> None:
    record, _ = MADE.customers["ana"]
    bought = History(
        rows=np.sort(record.rows),
        times=np.ones(5, np.uint16),
        last_day=np.zeros(5, np.uint16),
        every_days=np.zeros(5, np.uint16),
        repeat=np.ones(5, np.float32),
    )

    answer = recommend(LOADED, query(novelty=1.0, limit=1), record=record, history=bought)

    assert names(answer) == ["wine"]


LISTED = st.permutations(range(len(shop.ITEMS))).flatmap(
    lambda order: st.integers(0, len(order)).map(lambda n: order[:n])
)


@settings(deadline=None, max_examples=300)
@given(
    listed=LISTED,
    bought=st.sets(st.integers(0, shop.N_RANKED - 1)),
    exclude=st.sets(st.integers(0, len(shop.ITEMS) - 1)),
    limit=st.integers(1, 8),
    share=st.floats(0, 1),
    diversity=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_at_least_the_share_asked_for_is_new_where_there_is_so_much(
    *,
    listed: list[int],
    bought: set[int],
    exclude: set[int],
    limit: int,
    share: float,
    diversity: float,
) -> None:
    n, n_bought = len(listed), len(bought)
    record = CustomerRecord(
        vector=np.array([1, 0], np.float16),
        rows=np.array(listed, np.int32),
        reasons=np.full(n, Reason.TASTE, np.uint8),
        scores=np.linspace(1, 0, n, dtype=np.float32),
    )
    history = History(
        rows=np.array(sorted(bought), np.int32),
        times=np.ones(n_bought, np.uint16),
        last_day=np.zeros(n_bought, np.uint16),
        every_days=np.zeros(n_bought, np.uint16),
        repeat=np.ones(n_bought, np.float32),
    )
    showable = set(range(len(shop.ITEMS))) - exclude - set(rows("cream").tolist())

    answer = recommend(
        LOADED,
        Query(
            limit=limit,
            exclude=np.array(sorted(exclude), np.int32),
            novelty=share,
            diversity=diversity,
        ),
        record=record,
        history=history,
    )

    found = set(answer.ranked.rows.tolist())
    assert len(found) == min(limit, len(showable))
    assert len(found - bought) >= min(ceil(round(share * limit, 9)), len(showable - bought))
