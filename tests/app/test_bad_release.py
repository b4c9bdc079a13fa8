"""A release that cannot be used is refused whole, with its reason; the current one serves on."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import redis

from models.artifacts.keys import Keys
from models.artifacts.manifest import File, Manifest
from tests import shop
from tests.app.conftest import Serve, refusals, serving
from training.processes import wait_for


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def altered(content: bytes) -> bytes:
    return content[:-100] + bytes(100)


def of_a_later_format(content: bytes) -> bytes:
    return content[:8] + b"\x63" + content[9:]


def of_something_else(content: bytes) -> bytes:
    return b"PK\x03\x04" + content[4:]


def empty(_content: bytes) -> bytes:
    return b""


def resealed(made: shop.Shop, content: bytes) -> tuple[shop.Shop, bytes]:
    """Return a release whose manifest fits the damaged bundle, so that only the bundle tells."""
    fitting = File(sha256=sha256(content).hexdigest(), n_bytes=len(content))

    class Resealed(shop.Shop):
        @property
        def manifest(self) -> Manifest:
            return replace(made.loaded.manifest, files={"bundle.bin": fitting})

    return Resealed(loaded=made.loaded, customers=made.customers), content


@pytest.mark.parametrize(
    ("damage", "fits", "reason"),
    [
        (truncated, False, "bytes"),
        (altered, False, "SHA-256"),
        (empty, False, "empty"),
        (of_a_later_format, True, "newer than 1"),
        (of_something_else, True, "does not begin as ours"),
        (truncated, True, "ends at byte|unreadable"),
    ],
)
def test_a_damaged_release_is_refused_and_the_current_one_serves_on(
    *,
    serve: Serve,
    store_url: str,
    namespace: str,
    capfd: pytest.CaptureFixture[str],
    damage: Callable[[bytes], bytes],
    fits: bool,
    reason: str,
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    bad = shop.tiny("r2")
    content = damage(bad.bundle)
    bad, content = resealed(bad, content) if fits else (bad, content)

    shop.publish(store_url, namespace, bad, content=content)

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"
    assert client.get("/recommend?customer_id=ana").json()["level"] == 0
    logged = "".join(capfd.readouterr())
    assert "release refused" in logged
    assert any(words in logged for words in reason.split("|")), logged


def test_factors_that_are_not_numbers_are_refused(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    bad = shop.tiny("r2")
    factors = bad.loaded.collaborative.items.copy()
    factors[0, 0] = np.nan
    loaded = replace(bad.loaded, collaborative=replace(bad.loaded.collaborative, items=factors))

    made = replace(bad, loaded=loaded)
    shop.publish(store_url, namespace, made, content=made.bundle)

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"


def test_a_release_whose_last_purchase_has_no_day_is_refused(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    bad = shop.tiny("r2")
    manifest = replace(bad.loaded.manifest, last_purchase="soon")

    made = replace(bad, loaded=replace(bad.loaded, manifest=manifest))
    shop.publish(store_url, namespace, made, content=made.bundle)

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"[]",
        b'{"format": 99}',
        b'{"format": 1}',
        b'{"format": 1, "version": "../../etc/passwd", "files": {}}',
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused(
    serve: Serve, store_url: str, namespace: str, text: bytes
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()

    with redis.Redis.from_url(store_url) as store:
        store.hset(Keys(namespace).releases, "r2", text)
        store.set(Keys(namespace).current, "r2")

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"


@pytest.mark.parametrize(
    "change",
    [
        {"version": "../../outside"},
        {"version": ".hidden"},
        {"version": "r1"},
        {"files": {}},
        {"files": {"bundle.bin": File(sha256="0" * 64, n_bytes=5)}},
    ],
)
def test_a_manifest_that_names_another_release_or_no_bundle_is_refused(
    serve: Serve, store_url: str, namespace: str, change: dict[str, Any], tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()

    with redis.Redis.from_url(store_url) as store:
        manifest = replace(shop.tiny("r2").manifest, **change)
        store.hset(Keys(namespace).releases, "r2", manifest.to_json())
        store.set(Keys(namespace).current, "r2")

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"
    assert not list(tmp_path.parent.glob("outside*"))


def bundle_of(header: object) -> bytes:
    text = orjson.dumps(header)
    return b"CARTERA\0" + (1).to_bytes(4, "little") + len(text).to_bytes(4, "little") + text


@pytest.mark.parametrize(
    "header", [[], {"item_ids.blob": 5}, {"x": {"dtype": "object", "shape": [1], "offset": 0}}]
)
def test_a_bundle_that_announces_nonsense_is_refused(
    serve: Serve, store_url: str, namespace: str, header: object
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    bad, content = resealed(shop.tiny("r2"), bundle_of(header))

    shop.publish(store_url, namespace, bad, content=content)

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"


def test_a_release_whose_bundle_is_not_in_the_store_is_refused(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()

    with redis.Redis.from_url(store_url) as store:
        store.hset(Keys(namespace).releases, "r2", shop.tiny("r2").manifest.to_json())
        store.set(Keys(namespace).current, "r2")

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"


def test_a_manifest_under_another_releases_name_is_refused(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()

    with redis.Redis.from_url(store_url) as store:
        store.hset(Keys(namespace).releases, "r2", shop.tiny("r1").manifest.to_json())
        store.set(Keys(namespace).current, "r2")

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)


def test_a_cache_directory_that_cannot_be_written_is_told_not_crashed_upon(
    serve: Serve, store_url: str, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("in the way")
    shop.publish(store_url, namespace, shop.tiny("r1"))

    client = serve()

    assert refusals(client) == 1
    assert client.get("/livez").status_code == 200
    assert client.get("/recommend").json()["code"] == "not-ready"


def test_a_current_release_without_a_manifest_is_refused(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()

    with redis.Redis.from_url(store_url) as store:
        store.set(Keys(namespace).current, "r2")

    assert wait_for(lambda: refusals(client) == 1, limit_s=5)
    assert serving(client) == "r1"


def test_after_a_refused_release_the_next_good_one_is_taken(
    serve: Serve, store_url: str, namespace: str
) -> None:
    shop.publish(store_url, namespace, shop.tiny("r1"))
    client = serve()
    shop.publish(store_url, namespace, shop.tiny("r2"), content=b"")
    assert wait_for(lambda: refusals(client) == 1, limit_s=5)

    shop.publish(store_url, namespace, shop.tiny("r3"))

    assert wait_for(lambda: serving(client) == "r3", limit_s=5)
