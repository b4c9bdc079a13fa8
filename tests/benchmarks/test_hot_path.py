from benchmarks.hot_path import WAITING, counted


def test_a_function_counts_once_a_stack_and_where_it_ran() -> None:
    stacks = [
        "main (a.py:1);again (b.py:2);again (b.py:3) 5",
        "main (a.py:1);leaf (c.py:9) 2",
    ]

    own, everywhere, n_samples = counted(stacks)

    assert own == {"again (b.py)": 5, "leaf (c.py)": 2}
    assert everywhere == {"main (a.py)": 7, "again (b.py)": 5, "leaf (c.py)": 2}
    assert n_samples == 7


def test_threads_that_wait_for_work_are_left_out() -> None:
    own, _, n_samples = counted([f"run (a.py:1);{WAITING[:-1]}:81) 9", "main (a.py:1) 1"])

    assert (own, n_samples) == ({"main (a.py)": 1}, 1)
