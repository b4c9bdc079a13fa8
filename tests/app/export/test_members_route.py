"""Members are given to whoever may have them, of whoever agrees: pages, streams, forms."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from tests.app.export.sets import AGREES, ID, Sets

PATH = f"/audiences/{ID}/members?purpose=spring"
SEVEN = [f"c-{n}" for n in range(7)]


def ids(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line)["customer_id"] for line in answer.content.splitlines()]


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def shown(client: TestClient, media_type: str) -> httpx2.Response:
    return client.get(PATH, headers={"Accept": media_type})


def test_all_members_come_in_their_order_over_many_chunks(
    exporting: TestClient, sets: Sets
) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN, of_chunk=3)

    answer = exporting.get(PATH)

    assert ids(answer) == SEVEN
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["vary"] == "Accept"
    assert orjson.loads(answer.content.splitlines()[1]) == {"customer_id": "c-1", "score": 0.99}


def test_pages_hold_every_member_once(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN, of_chunk=3)
    found, path, n_pages = [], f"{PATH}&limit=2", 0

    while path:
        answer = exporting.get(path)
        found += ids(answer)
        n_pages += 1
        link = answer.headers.get("link")
        path = link.removeprefix("<").removesuffix('>; rel="next"') if link else ""
        if path:
            query = parse_qs(urlsplit(path).query)
            assert query["cursor"] == [answer.headers["cartera-next-cursor"]]
            assert query["purpose"] == ["spring"]

    assert (found, n_pages) == (SEVEN, 4)


def test_a_stream_may_begin_where_a_page_ended(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN, of_chunk=3)
    cursor = exporting.get(f"{PATH}&limit=4").headers["cartera-next-cursor"]

    assert ids(exporting.get(f"{PATH}&cursor={cursor}")) == SEVEN[4:]


def test_an_audience_without_members_gives_none(exporting: TestClient, sets: Sets) -> None:
    sets.audience([])

    assert ids(exporting.get(PATH)) == ids(exporting.get(f"{PATH}&limit=5")) == []
    assert shown(exporting, "text/csv").content == b"customer_id,score\r\n"


def test_whoever_does_not_agree_is_withheld_and_counted_by_reason(
    exporting: TestClient, sets: Sets
) -> None:
    sets.customers(["yes"])
    sets.customers(["silent"], consent={})
    sets.customers(["no"], consent={"decided": {"ads": False}})
    sets.customers(["since"], consent=AGREES | {"told": {"ads": False}})
    sets.customers(["sold"], consent=AGREES | {"told": {"sale_opt_out": True}})
    sets.customers(["unknown-to-us"], consent=AGREES | {"told": {"personalization": False}})
    sets.customers(["mute"])
    preferences = orjson.dumps({"channels": {"ad": False}})
    sets.store.hset(sets.keys.live_of_customer("mute"), "p", preferences)
    sets.says("never-heard-of", AGREES)
    everybody = [
        "silent", "no", "since", "yes", "sold", "unknown-to-us", "mute", "never-heard-of",
    ]  # fmt: skip
    sets.audience(everybody)

    answer = exporting.get(f"{PATH}&limit=100")

    assert ids(answer) == ["yes"]
    assert answer.headers["cartera-withheld"] == (
        "channel-refused=1, consent-refused=4, personalization-refused=1, unknown-customer=1"
    )


def test_consent_that_cannot_be_read_is_none(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN)
    for id_, field, value in [("c-1", "k", b"{"), ("c-2", "p", b"[]"), ("c-3", "k", b'{"told":1}')]:
        sets.store.hset(sets.keys.live_of_customer(id_), field, value)

    answer = exporting.get(f"{PATH}&limit=100")

    assert ids(answer) == ["c-0", "c-4", "c-5", "c-6"]
    assert answer.headers["cartera-withheld"] == "preferences-unknown=3"


def test_who_opts_out_is_absent_from_the_next_page_of_an_export_under_way(
    exporting: TestClient, sets: Sets
) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN, of_chunk=3)
    first = exporting.get(f"{PATH}&limit=2")
    path = "/customers/c-3/preferences"
    tag = exporting.get(path).headers["etag"]

    exporting.put(path, json={"consent": {"ads": False}}, headers={"If-Match": tag})
    cursor = first.headers["cartera-next-cursor"]
    second = exporting.get(f"{PATH}&limit=2&cursor={cursor}")

    assert (ids(first), ids(second)) == (["c-0", "c-1"], ["c-2"])
    assert second.headers["cartera-withheld"] == "consent-refused=1"


def test_who_is_erased_is_absent_from_the_next_page_of_an_export_under_way(
    exporting: TestClient, sets: Sets
) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN, of_chunk=3)
    first = exporting.get(f"{PATH}&limit=2")

    sets.erase("c-3")
    cursor = first.headers["cartera-next-cursor"]
    second = exporting.get(f"{PATH}&limit=2&cursor={cursor}")

    assert (ids(first), ids(second)) == (["c-0", "c-1"], ["c-2"])
    assert second.headers["cartera-withheld"] == "unknown-customer=1"


def test_a_cursor_of_a_build_before_has_expired(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN)
    cursor = exporting.get(f"{PATH}&limit=2").headers["cartera-next-cursor"]

    sets.audience(SEVEN, build=2)

    assert code(exporting.get(f"{PATH}&limit=2&cursor={cursor}")) == (410, "cursor-expired")


def test_a_cursor_that_was_altered_is_not_ours(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN)
    cursor = exporting.get(f"{PATH}&limit=2").headers["cartera-next-cursor"]
    altered = [
        cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :]
        for n in range(len(cursor))
    ]

    for one in [*altered, cursor[:-4], "AAAA"]:
        answer = exporting.get(f"{PATH}&limit=2&cursor={one}")
        assert code(answer) == (422, "validation")
        assert [fault["code"] for fault in answer.json()["errors"]] == ["not-ours"]


def test_a_cursor_is_no_other_audiences_nor_formats(exporting: TestClient, sets: Sets) -> None:
    other = "aud_00000000000000ff"
    sets.customers(SEVEN)
    sets.audience(SEVEN)
    sets.audience(SEVEN, audience_id=other)
    cursor = exporting.get(f"{PATH}&limit=2").headers["cartera-next-cursor"]

    elsewhere = exporting.get(f"/audiences/{other}/members?purpose=x&limit=2&cursor={cursor}")
    otherwise = exporting.get(f"{PATH}&limit=2&cursor={cursor}&format=meta")

    assert code(elsewhere) == code(otherwise) == (422, "validation")


@pytest.mark.parametrize(
    ("status", "detail"), [("queued", ""), ("building", ""), ("refused", "no better than chance")]
)
def test_an_audience_without_a_build_says_how_it_stands(
    exporting: TestClient, sets: Sets, status: str, detail: str
) -> None:
    sets.audience(SEVEN, status=status, detail=detail)  # type: ignore[arg-type]

    answer = exporting.get(PATH)

    assert code(answer) == (409, "conflict")
    assert status in answer.json()["detail"]
    assert detail in answer.json()["detail"]


def test_an_audience_that_there_is_not_is_named_so(exporting: TestClient) -> None:
    assert code(exporting.get(PATH)) == (404, "unknown-audience")


@pytest.mark.parametrize(
    "query",
    ["", "purpose=", "purpose=%20", "purpose=%E2%80%8B%C2%AD%20", "purpose=%E3%80%80",
     f"purpose={'x' * 201}", "purpose=x&limit=0", "purpose=x&limit=10001",
     "purpose=x&format=tiktok", "purpose=x&limit=1.5", "purpose=x&cursor=%2B", "purpose=x&a=1"],
)  # fmt: skip
def test_a_query_that_breaks_a_rule_is_refused(exporting: TestClient, query: str) -> None:
    assert code(exporting.get(f"/audiences/{ID}/members?{query}")) == (422, "validation")


def test_csv_has_a_header_and_no_formulas(exporting: TestClient, sets: Sets) -> None:
    risky = ["=1+1", "+1", "-1", "@sum", 'a"b,c', "a=b", "'q"]
    sets.customers(risky)
    sets.audience(risky)

    answer = shown(exporting, "text/csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{ID}-raw.csv"'
    found = [row[0] for row in csv.reader(io.StringIO(answer.text, newline=""))]
    assert found == ["customer_id", "'=1+1", "'+1", "'-1", "'@sum", 'a"b,c', "a=b", "'q"]
    assert ids(exporting.get(PATH)) == risky


def test_parquet_holds_the_same(exporting: TestClient, sets: Sets) -> None:
    sets.customers(SEVEN)
    sets.audience(SEVEN, of_chunk=3)

    answer = shown(exporting, "application/vnd.apache.parquet")

    table = pq.read_table(io.BytesIO(answer.content)).to_pydict()
    assert table["customer_id"] == SEVEN
    assert table["score"] == pytest.approx([1 - n / 100 for n in range(7)])


@pytest.mark.parametrize("media_type", ["application/json", "text/html", "*/*;q=0"])
def test_another_form_is_not_to_be_had(exporting: TestClient, sets: Sets, media_type: str) -> None:
    sets.audience([])

    assert code(shown(exporting, media_type)) == (406, "not-acceptable")


def test_networks_get_the_hashes_that_they_ask_for(exporting: TestClient, sets: Sets) -> None:
    sets.customers(["cloudy", "several", "nameless"])
    sets.identify(
        "cloudy", emails=["Cloudy.SanFrancisco+shopping@Gmail.com"], phones=["+18005550100"]
    )
    sets.identify("several", emails=["a@shop.example", "b@shop.example"])
    sets.audience(["nameless", "cloudy", "several"])

    google = shown_to(exporting, "google")
    meta = shown_to(exporting, "meta")

    assert [*google[0]] == ["Email", "Phone"]
    assert [*meta[0]] == ["email", "phone"]
    assert google[0]["Email"].startswith("223ebda6f688")
    assert google[0]["Phone"].startswith("fb4f73a6ec5f")
    assert meta[0]["email"].startswith("8dd4a9bf8502")
    assert meta[0]["phone"].startswith("92cfdc5fbcd4")
    assert [row["Phone"] for row in google[1:]] == [None, None]
    assert len(google) == len(meta) == 3


def shown_to(client: TestClient, network: str) -> list[dict[str, str]]:
    answer = client.get(f"{PATH}&format={network}&limit=100")
    assert answer.headers["cartera-withheld"] == "no-identifiers=1"
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_members_given_and_withheld_are_counted_for_the_metrics(
    exporting: TestClient, sets: Sets
) -> None:
    sets.customers(SEVEN)
    sets.says("c-0", {})
    sets.audience(SEVEN)
    before = counted(exporting)

    exporting.get(PATH)

    grown = [after - one for one, after in zip(before, counted(exporting), strict=True)]
    assert grown == [1, 6, 1]


def counted(client: TestClient) -> list[float]:
    """Exports, members given, and members withheld for want of consent."""
    told = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines())
    names = (
        'cartera_exports_total{format="raw",outcome="complete"}',
        'cartera_exported_members_total{format="raw"}',
        'cartera_withheld_members_total{reason="consent-refused"}',
    )
    return [float(told.get(name, 0)) for name in names]
