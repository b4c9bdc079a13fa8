"""What lists came to in money, counted by hand on the tiny shop."""

import numpy as np
import pytest

from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord
from tests import shop
from tests.models.asking import rows
from training.data.split import HeldOut
from training.judge.earned import EARNED, PROMISED, K, earned

MARGIN = shop.tiny(margins=True).loaded.catalogue.margin
"""Half the price: milk .5, bread 1, butter 1.5, jam 2, beer 2.5, wine 4.5."""
RECORDS = {id_: record for id_, (record, _) in shop.tiny().customers.items()}
HELD_OUT = HeldOut(
    customer_ids=["ana", "ben"],
    customers=np.array([0, 1], dtype=np.int32),
    bought=[rows("milk", "butter"), rows("bread", "wine")],
    bought_before=[rows(), rows()],
    spend=[np.array([4.0, 3.0]), np.array([2.0, 9.0])],
    quantity=[np.array([4.0, 1.0]), np.array([1.0, 2.0])],
    next_basket=[rows("milk"), rows("wine")],
)


def test_a_list_promises_what_is_likely_and_earns_what_was_bought() -> None:
    lists = [rows("milk", "bread", "jam"), rows("wine")]

    found = earned(lists, HELD_OUT, records=RECORDS, margin=MARGIN)

    # ana: .75 × .5 + .5 × 1 + .25 × 2; four of milk. ben: .5 × 4.5; two of wine
    assert found.promised.tolist() == pytest.approx([1.375, 2.25])
    assert found.earned.tolist() == [4 * 0.5, 2 * 4.5]
    assert found.ndcg.tolist() == pytest.approx([1 / (1 + 1 / np.log2(3))] * 2)


def test_an_unknown_margin_earns_nothing_and_what_is_on_no_record_promises_nothing() -> None:
    margin = MARGIN.copy()
    margin[rows("butter")] = np.nan

    found = earned([rows("butter", "wine"), rows("milk")], HELD_OUT, records=RECORDS, margin=margin)

    assert found.promised.tolist() == [0, 0]
    assert found.earned.tolist() == [0, 0]


def test_only_the_first_ten_count() -> None:
    """Everything may be on the list: what stands eleventh is not shown."""
    filler = np.arange(100, 100 + K, dtype=np.int32)
    margin = np.concatenate([MARGIN, np.ones(200)])
    lists: list[Rows] = [np.concatenate([filler, rows("milk")]), rows("wine")]

    found = earned(lists, HELD_OUT, records=RECORDS, margin=margin)

    assert found.earned.tolist() == [0, 9]
    assert found.ndcg[0] == 0


def test_means_are_over_customers() -> None:
    found = earned([rows("milk"), rows("wine")], HELD_OUT, records=RECORDS, margin=MARGIN).means()

    assert found[EARNED] == (2 + 9) / 2
    assert found[PROMISED] == pytest.approx((0.375 + 2.25) / 2)


def test_an_empty_list_earns_nothing() -> None:
    empty: Rows = np.empty(0, dtype=np.int32)

    found = earned([empty, empty], HELD_OUT, records=RECORDS, margin=MARGIN)

    assert found.earned.tolist() == found.promised.tolist() == [0, 0]


def test_records_are_those_of_the_customers_asked_about() -> None:
    with pytest.raises(KeyError):
        earned([rows(), rows()], HELD_OUT, records=dict[str, CustomerRecord](), margin=MARGIN)
