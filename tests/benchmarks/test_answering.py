"""The peers' side: what it is told, what it counts, and what it writes."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.answering import K, Numbers, Split, answer, table


def rows(*numbers: int) -> Numbers:
    return np.array(numbers, dtype=np.int32)


SPLIT = Split(
    customer=rows(0, 0, 0, 2, 2),
    item=rows(3, 1, 3, 0, 3),
    order=rows(5, 5, 6, 1, 1),
    day=np.array([0.0, 0.0, 7.0, 3.0, 3.0]),
    n_customers=3,
    n_items=30,
    asked=rows(2, 0),
)


def test_a_split_is_read_as_it_was_written(tmp_path: Path) -> None:
    SPLIT.write(tmp_path / "split.npz")

    found = Split.read(tmp_path / "split.npz")

    for name, value in vars(SPLIT).items():
        assert np.array_equal(getattr(found, name), value)


def test_pairs_count_the_orders_of_each_customer_and_item() -> None:
    customer, item, times = SPLIT.pairs()

    assert customer.tolist() == [0, 0, 2, 2]
    assert item.tolist() == [1, 3, 0, 3]
    assert times.tolist() == [1, 2, 1, 1]


def test_what_was_bought_stands_in_the_order_of_who_is_asked_for() -> None:
    assert [found.tolist() for found in SPLIT.bought()] == [[0, 3], [1, 3]]


def test_a_table_cuts_long_lists_and_fills_short_ones() -> None:
    found = table([rows(4, 2), np.arange(K + 5, dtype=np.int32)])

    assert found.shape == (2, K)
    assert found[0].tolist() == [4, 2, *[-1] * (K - 2)]
    assert found[1].tolist() == list(range(K))


def test_an_answer_is_the_named_models_lists_with_what_they_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, lists = tmp_path / "split.npz", tmp_path / "lists.npz"
    SPLIT.write(told)
    monkeypatch.setattr("sys.argv", ["a peer", "first", str(told), str(lists)])

    answer(
        {
            "first": lambda split: lambda: (table([split.asked]), table([rows()])),
            "second": lambda split: lambda: (table([rows()]), table([rows()])),
        }
    )

    with np.load(lists) as found:
        assert found["ordinary"][0, :3].tolist() == [2, 0, -1]
        assert (found["new_only"] == -1).all()
        assert found["fit_cpu_s"] >= 0
        assert found["predict_cpu_s"] >= 0
        assert 1 < found["peak_mib"] < 100_000
