"""What cannot be noted, read or judged is not given."""

import pytest
from starlette.testclient import TestClient

from app.export.audit import Audit, Entry
from app.export.blocks import TOGETHER
from app.scripts import StoreRefused
from models.artifacts.keys import shard_of
from tests.app.conftest import got
from tests.app.export.sets import ID, Sets

PATH = f"/audiences/{ID}/members?purpose=x"
THREE = ["c-0", "c-1", "c-2"]


def code(client: TestClient, path: str = PATH) -> tuple[int, str]:
    answer = client.get(path)
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def three(sets: Sets) -> Sets:
    sets.customers(THREE)
    sets.audience(THREE)
    return sets


def test_a_page_whose_end_cannot_be_noted_is_not_given(
    exporting: TestClient, three: Sets, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Audit.write

    async def only_beginnings(audit: Audit, entry: Entry) -> str:
        if entry.event == "ended":
            raise StoreRefused
        return await write(audit, entry)

    monkeypatch.setattr(Audit, "write", only_beginnings)

    answer = exporting.get(f"{PATH}&limit=2")

    assert (answer.status_code, answer.json()["code"]) == (503, "not-durable")
    assert "c-0" not in answer.text


@pytest.mark.parametrize("more", ["", "&limit=2"])
def test_what_cannot_be_noted_is_not_given(exporting: TestClient, three: Sets, more: str) -> None:
    three.store.set(three.keys.audience_exports(ID), "no stream")

    answer = exporting.get(PATH + more)

    assert (answer.status_code, answer.json()["code"]) == (503, "not-durable")
    assert "c-0" not in answer.text
    assert code(exporting, f"/audiences/{ID}/exports") == (503, "not-ready")


def test_a_page_whose_members_are_gone_is_no_empty_page(exporting: TestClient, three: Sets) -> None:
    three.store.delete(three.keys.audience_members(ID, 1, 0))

    assert code(exporting, f"{PATH}&limit=2") == (503, "not-ready")
    ended, _ = got(exporting, f"/audiences/{ID}/exports")["entries"]
    assert (ended["outcome"], ended["members"]) == ("aborted", 0)


def test_members_that_are_damaged_are_not_given(exporting: TestClient, three: Sets) -> None:
    key = three.keys.audience_members(ID, 1, 0)
    packed: bytes = three.store.get(key)  # type: ignore[assignment]
    three.store.set(key, packed[:-1])

    assert code(exporting, f"{PATH}&limit=2") == (503, "not-ready")


def test_where_the_release_is_lost_nobody_is_known(exporting: TestClient, three: Sets) -> None:
    away = f"{three.keys.releases}-away"
    three.store.rename(three.keys.releases, away)

    answer = code(exporting, f"{PATH}&limit=2")

    three.store.rename(away, three.keys.releases)
    assert answer == (503, "not-ready")


def test_identifiers_that_are_damaged_are_not_given(exporting: TestClient, three: Sets) -> None:
    for id_ in THREE:
        three.identify(id_, emails=[f"{id_}@shop.example"])
    three.store.hset(three.keys.identifiers(shard_of("c-1")), "c-1", b"CI, damaged")

    answer = exporting.get(f"{PATH}&limit=9&format=meta")

    assert answer.headers["cartera-withheld"] == "identifiers-unknown=1"
    assert len(answer.content.splitlines()) == 2


def test_an_audience_of_many_blocks_is_given_whole(exporting: TestClient, three: Sets) -> None:
    many = THREE * TOGETHER
    three.audience(many, build=2, of_chunk=len(many) - 1)

    streamed = exporting.get(PATH).content.splitlines()
    paged = exporting.get(f"{PATH}&limit={len(many) - 1}")

    assert len(streamed) == len(many)
    assert paged.content.splitlines() == streamed[:-1]
    assert "cartera-next-cursor" in paged.headers


@pytest.mark.parametrize("kind", ["raw", "meta"])
def test_a_live_state_that_is_no_hash_keeps_out_its_own_customer_alone(
    exporting: TestClient, three: Sets, kind: str
) -> None:
    for id_ in THREE:
        three.identify(id_, emails=[f"{id_}@shop.example"])
    key = three.keys.live_of_customer("c-1")
    three.store.delete(key)
    three.store.set(key, "no hash")

    answer = exporting.get(f"{PATH}&limit=9&format={kind}")

    assert answer.headers["cartera-withheld"] == "preferences-unknown=1"
    assert len(answer.content.splitlines()) == 2


def test_identifiers_that_are_no_hash_keep_out_their_own_shard_alone(
    exporting: TestClient, three: Sets
) -> None:
    for id_ in THREE:
        three.identify(id_, emails=[f"{id_}@shop.example"])
    key = three.keys.identifiers(shard_of("c-1"))
    three.store.delete(key)
    three.store.set(key, "no hash")

    answer = exporting.get(f"{PATH}&limit=9&format=meta")

    assert answer.headers["cartera-withheld"] == "identifiers-unknown=1"
    assert len(exporting.get(f"{PATH}&limit=9").content.splitlines()) == 3


@pytest.mark.parametrize("consent", [{"ads": False}, {"sale_opt_out": True}])
def test_who_opted_out_is_withheld_though_the_store_did_not_take_it(
    exporting: TestClient, sets: Sets, consent: dict[str, bool]
) -> None:
    refuses = f"c-{next(iter(consent))}"
    sets.customers(["c-0", refuses])
    sets.audience(["c-0", refuses])
    in_the_way = sets.keys.events(shard_of(refuses))
    sets.touched.add(in_the_way)
    sets.store.set(in_the_way, "no stream")
    before = exporting.get(f"{PATH}&limit=9").content.splitlines()

    said = exporting.post(
        "/events", json={"event": "x", "customer_id": refuses, "consent": consent}
    )

    answer = exporting.get(f"{PATH}&limit=9")
    assert (len(before), said.status_code) == (2, 202)
    assert answer.headers["cartera-withheld"] == "consent-refused=1"
    assert len(exporting.get(PATH).content.splitlines()) == 1
