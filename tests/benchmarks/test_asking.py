"""Peers are told what we know, judged on whom we are judged, and never end the run."""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers import asking
from benchmarks.peers.answering import NOTHING, K, Split, table
from models.arrays import Rows
from tests.training.tiny import basket, lines, numbered
from training.data.purchases import Purchases
from training.data.split import HeldOut, hold_out

BEFORE = [
    *basket("ann", "milk bread", 9),
    *basket("ann", "milk", 2),
    *basket("bob", "ale", 3),
    *basket("bob", "milk", 5),
    *basket("cid", "milk", 7),
    *basket(None, "salt", 7),
]
AFTER = [*basket("bob", "bread", 12), *basket("ann", "ale", 13), *basket("eve", "ale", 14)]
STRANGER = np.array([0.2, 0.9, 0.5], dtype=np.float32)


@pytest.fixture(scope="module")
def bought() -> Purchases:
    return numbered(*BEFORE, until=10)


@pytest.fixture(scope="module")
def held_out(bought: Purchases) -> HeldOut:
    return hold_out(lines(*BEFORE, *AFTER), bought)


def names(bought: Purchases, items: Rows) -> list[str]:
    return [bought.item_ids[item] for item in items]


def no_environment(peer: str, _folder: Path) -> Path:
    raise subprocess.CalledProcessError(1, "pip", stderr=f"\nno wheel\nERROR: no {peer}\n")


def test_peers_are_told_the_lines_of_known_customers_oldest_first(
    bought: Purchases, held_out: HeldOut
) -> None:
    told = asking.split_of(bought, held_out)

    assert told.customer.tolist() == [0, 0, 0, 1, 1, 2]
    assert names(bought, told.item[:1]) == ["milk"]
    assert set(names(bought, told.item[1:3])) == {"milk", "bread"}
    assert names(bought, told.item[3:]) == ["ale", "milk", "milk"]
    assert told.day.tolist() == pytest.approx([0, 7, 7, 1, 3, 5])
    assert (told.n_customers, told.n_items) == (bought.n_customers, bought.n_ranked)


def test_peers_are_asked_for_the_held_out_customers_they_can_know(
    bought: Purchases, held_out: HeldOut
) -> None:
    assert held_out.customer_ids == ["ann", "bob", "eve"]
    assert asking.split_of(bought, held_out).asked.tolist() == [0, 1]


def test_lists_stand_in_the_order_of_the_held_out_and_strangers_get_what_sells(
    bought: Purchases, held_out: HeldOut, tmp_path: Path
) -> None:
    told = asking.split_of(bought, held_out)
    lists = [np.array([2], dtype=np.int32), np.array([0, 1], dtype=np.int32)]
    np.savez(
        tmp_path / "lists.npz",
        ordinary=table(lists),
        new_only=table(lists[::-1]),
        fit_cpu_s=1.5,
        predict_cpu_s=0.5,
        peak_mib=99.0,
    )

    found = asking.read("peer", tmp_path / "lists.npz", told, held_out, stranger=STRANGER)

    assert found.lists is not None
    assert found.cost is not None
    assert [rows.tolist() for rows in found.lists.ordinary] == [[2], [0, 1], [1, 2, 0]]
    assert [rows.tolist() for rows in found.lists.new_only] == [[0, 1], [2], [1, 2, 0]]
    assert (found.cost.fit_cpu_s, found.cost.predict_cpu_s, found.cost.peak_mib) == (1.5, 0.5, 99)


def test_a_peer_that_cannot_be_installed_is_one_line_and_the_next_is_asked(
    bought: Purchases, held_out: HeldOut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "environment", no_environment)
    told = asking.split_of(bought, held_out)

    found = list(
        asking.answers(
            told, held_out, stranger=STRANGER, folder=tmp_path, peers=["cornac", "lenskit"]
        )
    )

    assert [(one.name, one.lists, one.problem) for one in found] == [
        ("Cornac", None, "could not be installed: ERROR: no cornac"),
        ("LensKit", None, "could not be installed: ERROR: no lenskit"),
    ]


@pytest.mark.slow
def test_a_model_that_fails_is_one_line(
    bought: Purchases, held_out: HeldOut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "environment", lambda peer, folder: Path(sys.executable))
    monkeypatch.setattr(asking, "PEERS", {"implicit": ["nonsense"]})
    told = asking.split_of(bought, held_out)

    (found,) = asking.answers(
        told, held_out, stranger=STRANGER, folder=tmp_path, peers=["implicit"]
    )

    assert found.lists is None
    assert found.problem == "gave no answer: KeyError: 'nonsense'"


@pytest.mark.slow
def test_implicit_answers_with_both_lists_of_everyone(
    bought: Purchases, held_out: HeldOut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "environment", lambda peer, folder: Path(sys.executable))
    told = asking.split_of(bought, held_out)

    found = list(
        asking.answers(told, held_out, stranger=STRANGER, folder=tmp_path, peers=["implicit"])
    )

    assert [one.problem for one in found] == ["", "", ""]
    for one in found:
        assert one.lists is not None
        for rows, before in zip(one.lists.new_only, held_out.bought_before, strict=True):
            assert NOTHING not in rows
            assert not np.isin(rows, before).any()
        assert [len(rows) for rows in one.lists.ordinary] == [3, 3, 3]


def test_an_environment_is_made_once_and_again_when_its_pins_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def run(command: Sequence[str], *, limit_s: float) -> None:
        (tmp_path / "cornac").mkdir(exist_ok=True)
        ran.append("venv" if "venv" in command else "pip")

    monkeypatch.setattr(asking, "_run", run)

    first = asking.environment("cornac", tmp_path)
    assert asking.environment("cornac", tmp_path) == first
    assert ran == ["venv", "pip"]

    (tmp_path / "cornac" / "installed.txt").write_text("cornac==1.0\n")
    asking.environment("cornac", tmp_path)
    assert ran == ["venv", "pip"] * 2


def test_an_environment_that_was_not_finished_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: Sequence[str], *, limit_s: float) -> None:
        (tmp_path / "cornac").mkdir(exist_ok=True)
        if "pip" in command:
            raise subprocess.TimeoutExpired(command, limit_s)

    monkeypatch.setattr(asking, "_run", fail)

    for _ in range(2):
        with pytest.raises(subprocess.TimeoutExpired):
            asking.environment("cornac", tmp_path)


@pytest.mark.parametrize("peer", asking.PEERS)
def test_every_version_is_pinned_and_no_address_is_named(peer: str) -> None:
    pins = (asking.FOLDER / f"{peer}.txt").read_text().splitlines()

    assert any(pin.startswith(f"{peer}==") for pin in pins)
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( ; [^@]+)?", pin) for pin in pins)


@pytest.mark.parametrize("peer", asking.PEERS)
def test_every_model_we_ask_for_is_one_that_the_peer_knows(peer: str) -> None:
    source = (asking.FOLDER / f"{peer}.py").read_text()
    known = re.findall(r'^ +"(.+)": lambda split', source, flags=re.MULTILINE)

    assert known == list(asking.PEERS[peer])


def test_a_split_of_nobody_asks_for_nobody(bought: Purchases) -> None:
    nobody = hold_out(lines(*BEFORE, *basket("eve", "ale", 12)), bought)

    told: Split = asking.split_of(bought, nobody)

    assert told.asked.size == 0
    assert K == 20
