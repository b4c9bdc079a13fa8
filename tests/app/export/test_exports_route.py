"""Who took members, how many and why, is noted and told again, newest first."""

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.app.conftest import got
from tests.app.export.sets import ID, Sets

PATH = f"/audiences/{ID}/members?purpose=spring"
SEVEN = [f"c-{n}" for n in range(7)]


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_both_an_export_and_its_end_are_noted(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.says("c-0", {})
    sets.audience(SEVEN, build=3)

    export_id = exporting.get(PATH, headers={"Accept": "text/csv"}).headers["cartera-export"]
    noted = got(exporting, f"/audiences/{ID}/exports")

    assert noted["next"] is None
    ended, began = noted["entries"]
    assert (began["event"], began["id"], began["export_id"]) == ("began", export_id, export_id)
    assert (began["outcome"], began["members"], began["withheld"]) == (None, None, None)
    assert ended == began | {
        "event": "ended",
        "id": ended["id"],
        "at": ended["at"],
        "outcome": "complete",
        "members": 6,
        "rows": 6,
        "withheld": {"consent-refused": 1},
    }
    assert (began["purpose"], began["format"], began["build"]) == ("spring", "raw", 3)
    assert (began["media_type"], began["extent"], began["key_id"]) == ("text/csv", "whole", None)


def test_what_was_noted_is_told_newest_first_and_page_by_page(
    exporting: TestClient, sets: Sets
) -> None:
    other = "aud_00000000000000ff"
    sets.audience([])
    sets.audience([], audience_id=other)
    for n in range(3):
        exporting.get(f"/audiences/{ID}/members?purpose=p{n}&limit=1")
        exporting.get(f"/audiences/{other}/members?purpose=other")
    sets.store.delete(sets.keys.audience(ID))
    found, before = [], ""

    while True:
        noted = got(exporting, f"/audiences/{ID}/exports?limit=4{before}")
        found += [(entry["purpose"], entry["event"]) for entry in noted["entries"]]
        if noted["next"] is None:
            break
        before = f"&before={noted['next']}"

    assert found == [
        ("p2", "ended"), ("p2", "began"), ("p1", "ended"), ("p1", "began"),
        ("p0", "ended"), ("p0", "began"),
    ]  # fmt: skip


def test_exports_of_no_audience_are_unknown(exporting: TestClient, sets: Sets) -> None:
    assert code(exporting.get(f"/audiences/{ID}/exports")) == (404, "unknown-audience")

    sets.audience([])

    assert got(exporting, f"/audiences/{ID}/exports") == {"entries": [], "next": None}


@pytest.mark.parametrize("before", ["0-0", "00-0", "0-000"])
def test_nothing_was_noted_before_all_time(exporting: TestClient, sets: Sets, before: str) -> None:
    sets.audience([])
    exporting.get(PATH)

    noted = got(exporting, f"/audiences/{ID}/exports?before={before}")

    assert noted == {"entries": [], "next": None}
    assert len(got(exporting, f"/audiences/{ID}/exports?before=999999999999999-0")["entries"]) == 2


def test_many_entries_are_told_whatever_stands_among_them(
    exporting: TestClient, sets: Sets
) -> None:
    sets.audience([])
    exporting.get(PATH)
    key = sets.keys.audience_exports(ID)
    noted: list[tuple[bytes, dict[bytes, bytes]]] = sets.store.xrange(key)  # type: ignore[assignment]
    packed = noted[0][1][b"e"]
    for n in range(450):
        sets.store.xadd(key, {"e": b"none of ours" if n == 7 else packed})

    every = got(exporting, f"/audiences/{ID}/exports?limit=1000")
    some = got(exporting, f"/audiences/{ID}/exports?limit=451")

    assert (len(every["entries"]), every["next"]) == (451, None)
    assert some["next"] == some["entries"][-1]["id"] == every["entries"][-1]["id"]
