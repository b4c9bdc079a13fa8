from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import orjson
import pytest

from benchmarks.mix import BLOCK, Asked, Mix, Shop, below, fault, written, zipf

PLAIN = Asked(kind="plain", customer="c-0000001")
UNKNOWN = Asked(kind="unknown", customer="nobody-1")
FILTERED = Asked(kind="filtered", customer="c-0000001", category="tea & coffee")


def answer(*, level: int = 0, n: int = 20, category: str = "tea & coffee") -> dict[str, Any]:
    items = [{"item_id": f"p-{place}", "category": category} for place in range(n)]
    return {"level": level, "items": items}


def test_the_first_customer_asks_twice_as_often_as_the_second() -> None:
    rows = zipf(1000, 200_000, skew=1.0, rng=np.random.default_rng(7))

    (_, first), (_, second) = Counter(rows.tolist()).most_common(2)

    assert first / second == pytest.approx(2, rel=0.05)


def test_without_skew_every_customer_asks_alike() -> None:
    rows = zipf(10, 100_000, skew=0.0, rng=np.random.default_rng(7))

    counts = np.bincount(rows, minlength=10)

    assert counts.min() / counts.max() > 0.95


def test_kinds_come_in_their_shares() -> None:
    mix = Mix(unknown=0.2, filtered=0.3)

    drawn = mix.drawn(Shop(customers=["a", "b"]), 20_000, rng=np.random.default_rng(7))

    shares = {kind: n / 20_000 for kind, n in Counter(asked.kind for asked in drawn).items()}
    assert shares == pytest.approx({"plain": 0.5, "unknown": 0.2, "filtered": 0.3}, abs=0.02)


def test_one_seed_draws_one_mix() -> None:
    shop = Shop.told("500")

    once, again = (Mix().drawn(shop, 1000, rng=np.random.default_rng(3)) for _ in range(2))

    assert once == again


def test_a_query_string_gives_back_what_was_meant() -> None:
    query = parse_qs(urlsplit(FILTERED.path).query)

    assert query == {
        "customer_id": ["c-0000001"],
        "limit": ["20"],
        "category": ["tea & coffee"],
    }


def test_any_stretch_of_a_mix_is_like_the_whole() -> None:
    mix = Mix(unknown=0.05, filtered=0.05, in_view=0.1, cart=0.02, diverse=0.08)

    drawn = mix.drawn(Shop.told("50"), 10 * BLOCK, rng=np.random.default_rng(3))

    for begin in range(0, len(drawn), BLOCK):
        kinds = Counter(asked.kind for asked in drawn[begin : begin + BLOCK])
        assert {kind: n / BLOCK for kind, n in kinds.items()} == pytest.approx(mix.shares())


def test_what_is_in_view_and_less_of_the_same_stand_in_the_url() -> None:
    shop, rng = Shop.told("50"), np.random.default_rng(3)
    (cart,) = Mix(unknown=0, filtered=0, cart=1).drawn(shop, 1, rng=rng)
    (diverse,) = Mix(unknown=0, filtered=0, diverse=1).drawn(shop, 1, rng=rng)

    assert cart.path == "/recommend?limit=20" + "".join(f"&item_ids={id_}" for id_ in cart.item_ids)
    assert len(set(cart.item_ids)) == 3
    assert diverse.path.endswith("&limit=20&diversity=0.3")
    assert (cart.level, diverse.level) == (2, 0)


def test_a_post_asks_the_same_as_the_get() -> None:
    assert orjson.loads(FILTERED.body) == {
        "customer_id": "c-0000001",
        "limit": 20,
        "item_ids": [],
        "filter": {"eq": ["category", "tea & coffee"]},
    }


def test_a_shop_of_files_has_their_customers_and_categories(tmp_path: Path) -> None:
    customers, categories = tmp_path / "customers.txt", tmp_path / "categories.txt"
    customers.write_text("ana\nben\n")
    categories.write_text("dairy\n")

    shop = Shop.told(str(customers), str(categories))

    assert (shop.customers, shop.categories) == (["ana", "ben"], ["dairy"])


@pytest.mark.parametrize(
    "text", ["unknown", "unknown=much", "visitors=0.1", "unknown=0.6,filtered=0.6"]
)
def test_a_mix_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="shares"):
        Mix.told(text)


@pytest.mark.parametrize(
    ("asked", "status", "body", "wrong"),
    [
        (PLAIN, 200, answer(), None),
        (PLAIN, 200, answer(level=1), "level 1 for plain"),
        (PLAIN, 200, answer(level=3), "level 3 for plain"),
        (PLAIN, 200, answer(n=19), "19 items, 19 different"),
        (PLAIN, 503, answer(), "status 503"),
        (PLAIN, 200, {"items": []}, "not the JSON of a list"),
        (UNKNOWN, 200, answer(level=3), None),
        (UNKNOWN, 200, answer(level=0), "level 0 for unknown"),
        (FILTERED, 200, answer(n=7), None),
        (FILTERED, 200, answer(n=0), "0 items, 0 different"),
        (FILTERED, 200, answer(category="bread"), "an item outside the filter"),
    ],
)
def test_a_wrong_answer_is_told_from_a_right_one(
    asked: Asked, status: int, body: dict[str, Any], wrong: str | None
) -> None:
    assert fault(asked, status, orjson.dumps(body)) == wrong


def test_known_customers_on_the_level_of_unknown_ones_are_below_theirs() -> None:
    asked = [PLAIN, PLAIN, FILTERED, UNKNOWN]

    assert below({0: 75, 3: 25}, asked) == 0
    assert below({0: 60, 1: 15, 3: 25}, asked) == pytest.approx(0.2)
    assert below({0: 60, 3: 40}, asked) == pytest.approx(0.2)


def test_what_is_no_json_is_a_fault() -> None:
    assert fault(PLAIN, 200, b"<html>") == "not the JSON of a list"


def test_every_fourth_request_of_the_file_is_a_post_where_a_quarter_is_asked(
    tmp_path: Path,
) -> None:
    path = written([PLAIN] * 8, tmp_path / "requests.txt", post=0.25)

    methods = [line.split("\t")[0] for line in path.read_text().splitlines()]

    assert methods == ["GET", "GET", "GET", "POST"] * 2
