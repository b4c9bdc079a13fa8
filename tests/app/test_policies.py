"""A placement's policy: what the request does not say, by the tier of who asks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app.settings import ServerSettings
from models.customer.value import Tier
from models.shaping.policies import read
from models.shaping.profit import WEIGHT
from tests import shop
from tests.app.conftest import Serve, serving
from training.embedded import EmbeddedStore
from training.processes import wait_for

NEW = ["bread", "jam"]
"""Ana has bought butter and milk, the first two of her list. She is of the high tier, Ben of the
low one, and what Cleo is worth nobody can tell."""
TABLE = {
    "letter": {"novelty": "new_only"},
    "home": {"low": {"novelty": 0.5}, "high": {"novelty": 0.5, "diversity": 0.0}},
    "shelf": {
        "high": {"categories": ["drinks", "pantry"]},
        "low": {"categories": ["dairy"]},
        "unknown": {"categories": ["bakery"]},
    },
    "shop": {"high": {"objective": "profit"}},
}


@pytest.fixture
def held(serve: Serve, store_url: str, namespace: str) -> TestClient:
    shop.publish(store_url, namespace, shop.tiny())
    return serve(policies=read(TABLE))


def answered(client: TestClient, **request: object) -> dict[str, Any]:
    response = client.post("/recommend", json={"customer_id": "ana", "limit": 2} | request)
    assert response.status_code == 200, response.text
    return dict(response.json())


def asked(client: TestClient, **request: object) -> list[str]:
    return [item["item_id"] for item in answered(client, **request)["items"]]


def test_the_placement_decides_where_the_request_does_not(held: TestClient) -> None:
    assert asked(held, placement="letter") == NEW
    assert asked(held, placement="home") == ["butter", "bread"]


def test_the_request_decides_where_it_says_something(held: TestClient) -> None:
    assert asked(held, placement="letter", novelty="any") == ["butter", "milk"]
    assert asked(held, placement="letter", novelty=0) == ["butter", "milk"]
    assert asked(held, placement="home", novelty="new_only") == NEW


def test_null_says_nothing(held: TestClient) -> None:
    assert asked(held, placement="letter", novelty=None) == NEW


def test_other_placements_and_none_take_anything(held: TestClient) -> None:
    assert asked(held, placement="cart") == ["butter", "milk"]
    assert asked(held) == ["butter", "milk"]


def test_each_tier_is_treated_by_its_own_row(held: TestClient) -> None:
    assert asked(held, placement="shelf") == ["jam", "wine"]
    assert asked(held, placement="shelf", customer_id="ben") == ["butter", "milk"]
    assert asked(held, placement="shelf", customer_id="cleo") == ["bread"]
    assert asked(held, placement="shelf", customer_id=None) == ["bread"]


def test_the_requests_filter_stands_beside_the_policys_categories(held: TestClient) -> None:
    cheap = {"lt": ["price", 6]}

    assert asked(held, placement="shelf", filter=cheap) == ["jam", "beer"]
    assert asked(held, placement="shelf", filter={"eq": ["category", "dairy"]}) == []


def test_a_query_and_a_batch_are_answered_alike(held: TestClient) -> None:
    request = {"customer_id": "ana", "limit": 2, "placement": "shelf", "explain": True}

    query = "/recommend?customer_id=ana&limit=2&placement=shelf&explain=true"
    batch = held.post("/recommend/batch", json={"requests": [request]}).json()["responses"][0]

    for answer in (held.get(query).json(), batch["body"]):
        assert [item["item_id"] for item in answer["items"]] == ["jam", "wine"]
        assert answer["policy"]["applied"] == {"categories": ["drinks", "pantry"]}


def test_whoever_wants_it_explained_is_told_what_was_applied(held: TestClient) -> None:
    whole = answered(held, placement="home", explain=True)
    in_part = answered(held, placement="home", explain=True, novelty="any")
    stranger = answered(held, placement="home", explain=True, customer_id="nobody")

    assert whole["policy"] == {
        "placement": "home",
        "tier": "high",
        "applied": {"novelty": 0.5, "diversity": 0.0},
    }
    assert in_part["policy"]["applied"] == {"diversity": 0.0}
    assert stranger["policy"] == {"placement": "home", "tier": "unknown", "applied": {}}
    schema = held.get("/openapi.json").json()["components"]["schemas"]
    validator = jsonschema_rs.validator_for(
        schema["RecommendResponse"] | {"components": {"schemas": schema}}
    )
    assert validator.is_valid(whole)


def test_without_explain_or_policy_nothing_is_told_of_policies(held: TestClient) -> None:
    assert "policy" not in answered(held, placement="home")
    assert "policy" not in answered(held, placement="cart", explain=True)


def test_profit_is_by_policy_where_margins_are_known(
    serve: Serve, store_url: str, namespace: str
) -> None:
    tiny = shop.tiny(margins=True)
    manifest = replace(tiny.loaded.manifest, weights={**tiny.loaded.manifest.weights, WEIGHT: 1.0})
    fully = replace(tiny, loaded=replace(tiny.loaded, manifest=manifest))
    shop.publish(store_url, namespace, fully)
    client = serve(policies=read(TABLE))

    answer = answered(client, placement="shop", explain=True)

    # margins are half of the price: butter 1 × 1.5, wine .25 × 4.5
    assert [item["item_id"] for item in answer["items"]] == ["butter", "wine"]
    assert answer["policy"]["applied"] == {"objective": "profit"}


def test_a_policy_of_profit_without_margins_fails_no_request_and_is_logged(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    with capture_logs() as captured:
        client = serve(policies=read(TABLE))

    answer = answered(client, placement="shop", explain=True)

    assert [item["item_id"] for item in answer["items"]] == ["butter", "milk"]
    assert answer["policy"]["applied"] == {}
    warned = [told["reason"] for told in captured if told["event"].endswith("a policy asks for")]
    assert warned == ["[shop] asks for profit, and no margin is known: it gets relevance"]


def test_categories_of_which_the_release_has_none_are_left_out_and_logged(
    serve: Serve, store_url: str, namespace: str
) -> None:
    table = {
        "home": {"categories": ["Chese"], "diversity": 0.0},
        "shelf": {"categories": ["Chese", "drinks"]},
    }
    shop.publish(store_url, namespace, shop.tiny())
    with capture_logs() as captured:
        client = serve(policies=read(table))

    home = answered(client, placement="home", explain=True)
    shelf = answered(client, placement="shelf", explain=True)

    assert [item["item_id"] for item in home["items"]] == ["butter", "milk"]
    assert home["policy"]["applied"] == {"diversity": 0.0}
    assert [item["item_id"] for item in shelf["items"]] == ["wine", "beer"]
    assert shelf["policy"]["applied"] == {"categories": ["Chese", "drinks"]}
    warned = [told["reason"] for told in captured if told["event"].endswith("a policy asks for")]
    assert warned == [
        "[home] keeps to 'Chese', and no item is of that category",
        "[shelf] keeps to 'Chese', and no item is of that category",
    ]


def test_what_a_release_lacks_is_done_again_by_the_next_one_that_has_it(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    client = serve(policies=read(TABLE))
    assert answered(client, placement="shop", explain=True)["policy"]["applied"] == {}

    shop.publish(store_url, namespace, shop.tiny("r2", margins=True))

    assert wait_for(lambda: serving(client) == "r2", limit_s=10)
    applied = answered(client, placement="shop", explain=True)["policy"]["applied"]
    assert applied == {"objective": "profit"}


ANYONE: dict[str, Any] = {
    "home": {"categories": ["bakery"], "unknown": {"categories": ["dairy"]}, "high": {"novelty": 0}}
}


def test_a_customer_whose_record_is_not_at_hand_is_treated_as_whoever_comes(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url, policies=read(ANYONE))
    stranger = asked(client, placement="home", customer_id="nobody")

    own_store.stop()
    missed = answered(client, placement="home", explain=True)
    visitor = asked(client, placement="home", customer_id=None)

    assert stranger == visitor == ["milk", "butter"]
    assert [item["item_id"] for item in missed["items"]] == ["bread"]
    assert missed["degraded"]
    assert missed["policy"]["tier"] == "unknown"


def test_under_a_release_that_knows_no_tiers_customers_are_treated_as_whoever_comes(
    serve: Serve, store_url: str, namespace: str
) -> None:
    tiny = shop.tiny()
    old = replace(tiny, loaded=replace(tiny.loaded, customers=None), profiles={})
    shop.publish(store_url, namespace, old)
    client = serve(policies=read(ANYONE))

    assert asked(client, placement="home") == ["bread"]
    assert asked(client, placement="home", customer_id=None) == ["milk", "butter"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the setting names."""
    path = tmp_path / "policies.toml"
    monkeypatch.setenv("CARTERA_POLICIES", str(path))
    return path


def test_policies_are_read_from_a_file(file: Path) -> None:
    file.write_text('[home]\nnovelty = 0.2\n[home.high]\ncategories = ["Käse"]\n', encoding="utf-8")

    policies = ServerSettings().policies

    assert policies is not None
    assert policies["home"][Tier.LOW].told == {"novelty": 0.2}
    assert policies["home"][Tier.HIGH].told == {"novelty": 0.2, "categories": ("Käse",)}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[home]\na", r"policies.toml' is not TOML \(.*\); expected tables like \[home\]"),
        (b"\xff = 1", r"policies.toml' is not TOML \(.*utf-8.*\)"),
        (b"[home]\nnovlty = 1", r"policies.toml': found the column 'novlty' in \[home\]; expected"),
    ],
)
def test_a_wrong_file_stops_the_start_in_words(file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)

    with pytest.raises(ValidationError, match=words):
        ServerSettings()


def test_a_file_that_is_not_there_stops_the_start_in_words(file: Path) -> None:
    with pytest.raises(ValidationError, match=r"cannot be read \(No such file .*path of a TOML"):
        ServerSettings()


def test_a_table_that_was_read_already_is_taken_as_it_is() -> None:
    assert ServerSettings(policies=read(TABLE)).policies == read(TABLE)


@pytest.mark.parametrize(
    "given", [5, b"policies.toml", [], {"home": {"novelty": 0.2}}, {"home": 1}]
)
def test_what_is_neither_a_path_nor_a_table_is_refused_in_words(given: object) -> None:
    with pytest.raises(ValidationError, match=r"found \w+; expected the path of a TOML file"):
        ServerSettings.model_validate({"policies": given})
