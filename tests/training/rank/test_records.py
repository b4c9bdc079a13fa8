"""Base lists ranked by the second stage: short, descending, and probabilities."""

import numpy as np
import pytest

from models.artifacts.customer_record import MAX_RECORD_BYTES, CustomerRecord, History, Reason
from tests.training.rank.ranked import features_at, planted_window, taught_by
from training.fit import repurchase
from training.fit.blend import DEFAULT
from training.fit.calibration import Calibration
from training.fit.records import N_LIST, N_NEW
from training.fit.records import records as blended_records
from training.rank.ranker import UNTAUGHT
from training.rank.records import ranked, records

pytestmark = pytest.mark.slow

CUT = 142.0
CALIBRATION = Calibration(slope=0.8, offset=-1.0)


@pytest.fixture(scope="module")
def made() -> dict[str, tuple[CustomerRecord, History]]:
    shop = planted_window(CUT).shop
    blocks = ranked(shop, DEFAULT, features_at(CUT), taught_by(114))
    made_ = records(shop, repurchase.facts(shop.purchases), blocks, CALIBRATION)
    return {id_: (record, history) for id_, record, history in made_}


def test_every_customer_has_a_record_in_row_order(
    made: dict[str, tuple[CustomerRecord, History]],
) -> None:
    assert list(made) == planted_window(CUT).shop.purchases.customer_ids


def test_scores_are_probabilities_and_descend(
    made: dict[str, tuple[CustomerRecord, History]],
) -> None:
    for record, _ in made.values():
        stored = CustomerRecord.unpack(record.pack())
        for scores in (record.scores, stored.scores):
            assert ((scores >= 0) & (scores <= 1)).all()
            assert (np.diff(scores) <= 0).all()


def test_a_record_fits_in_its_bytes(made: dict[str, tuple[CustomerRecord, History]]) -> None:
    assert max(len(record.pack()) for record, _ in made.values()) <= MAX_RECORD_BYTES


def test_what_was_bought_before_is_told_as_such_and_enough_is_new(
    made: dict[str, tuple[CustomerRecord, History]],
) -> None:
    for record, history in made.values():
        own = np.isin(record.rows, history.rows)
        assert (own == (record.reasons == Reason.REPEAT)).all()
        assert (~own).sum() >= min(N_NEW, 120 - history.rows.size)
        assert record.rows.size == min(N_LIST, 120)


def test_a_list_is_in_the_rankers_order(
    made: dict[str, tuple[CustomerRecord, History]],
) -> None:
    shop = planted_window(CUT).shop

    for block in ranked(shop, DEFAULT, features_at(CUT), taught_by(114)):
        assert block.log_odds is not None
        for customer, span in block.candidates.pairs.spans():
            items, scores = block.candidates.pairs.item[span], block.log_odds[span]
            record, _ = made[shop.purchases.customer_ids[customer]]
            assert record.rows[0] == items[np.argmax(scores)]
            assert record.scores == pytest.approx(
                CALIBRATION.probability(np.sort(scores)[::-1][: record.rows.size]), abs=1e-6
            )


def test_histories_are_those_of_the_blend(
    made: dict[str, tuple[CustomerRecord, History]],
) -> None:
    shop = planted_window(CUT).shop

    for id_, _, history in blended_records(shop, DEFAULT):
        assert made[id_][1].pack() == history.pack()


def test_without_a_ranker_there_are_features_and_no_records() -> None:
    shop = planted_window(CUT).shop

    blocks = list(ranked(shop, DEFAULT, features_at(CUT), UNTAUGHT))

    assert {block.log_odds for block in blocks} == {None}
    assert list(records(shop, repurchase.facts(shop.purchases), blocks, CALIBRATION)) == []
