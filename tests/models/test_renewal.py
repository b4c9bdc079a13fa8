"""A renewed record holds what lasts of the events, and counts nothing twice."""

from dataclasses import replace

import numpy as np
import pytest

from models.artifacts.customer_record import CustomerRecord
from models.artifacts.live_state import LiveState
from models.customer.segments import UNKNOWN
from models.recommend import recommend
from models.renewal import renewed
from tests.models.asking import LOADED, MADE, ask, bytes_of, names, query
from tests.models.living import NOW_MS, did, live

ANA, ANAS = MADE.customers["ana"]


def renew(state: LiveState, record: CustomerRecord | None = ANA) -> CustomerRecord | None:
    history = ANAS if record is ANA else None
    return renewed(LOADED, record=record, history=history, live=state, now_ms=NOW_MS)


def taste(record: CustomerRecord | None, item: str) -> float:
    assert record is not None
    row = LOADED.catalogue.ids.rows_of([item])
    return float(LOADED.taste(record.vector.astype(np.float32), row)[0])


def test_a_purchase_moves_the_vector_towards_what_was_bought() -> None:
    made = renew(live(did("purchase", "beer")))

    assert taste(made, "wine") > taste(ANA, "wine")


def test_a_purchase_says_more_than_a_cart_and_a_cart_more_than_a_look() -> None:
    bought, carted, looked = (
        taste(renew(live(did(event, "beer"))), "wine")
        for event in ("purchase", "add_to_cart", "view_item")
    )

    assert bought > carted > looked > taste(ANA, "wine")


def test_the_list_keeps_its_items_and_the_customer_their_standing() -> None:
    made = renew(live(did("purchase", "beer"), did("view_item", "jam")))

    assert made is not None
    assert sorted(made.rows) == sorted(ANA.rows)
    assert made.standing == ANA.standing
    assert np.all(np.diff(made.scores) <= 0)
    CustomerRecord.unpack(made.pack()).check(n_items=len(LOADED.catalogue), n_factors=2)


def test_renewing_again_with_the_same_events_gives_the_same_record() -> None:
    state = live(did("purchase", "beer"), did("view_item", "jam"))

    first, second = renew(state), renew(state)

    assert first is not None
    assert second is not None
    assert bytes_of(first) == bytes_of(second)


def test_a_renewed_record_postpones_a_purchase_as_the_releases_does() -> None:
    state = live(did("purchase", "butter"))
    made = renew(state)

    for record in (ANA, made):
        answer = recommend(LOADED, query(), record=record, history=ANAS, live=state, now_ms=NOW_MS)
        assert "butter" not in names(answer)


@pytest.mark.parametrize(
    "state",
    [
        live(),
        live(did("search", term="wine")),
        live(did("purchase", "truffle"), did("view_item", "nonesuch")),
        live(did("purchase", "beer", ago_days=101)),
        live(did("view_item", "beer", ago_days=-1)),
        replace(live(did("purchase", "beer")), may_personalize=False),
    ],
    ids=["nothing", "a search", "no vector", "known by the release", "to come", "refused"],
)
def test_where_there_is_nothing_to_learn_there_is_no_renewed_record(state: LiveState) -> None:
    assert renew(state) is None
    assert renew(state, None) is None


def test_whoever_the_release_does_not_know_gets_a_record_of_their_taste_alone() -> None:
    state = live(did("purchase", "beer"))
    made = renew(state, None)

    assert made is not None
    assert made.rows.size == 0
    assert made.standing == UNKNOWN
    assert taste(made, "wine") > taste(made, "milk")
    answer = recommend(LOADED, query(), record=made, live=state, now_ms=NOW_MS)
    assert answer.level == 0
    assert names(answer).index("wine") < names(ask(None)).index("wine")
