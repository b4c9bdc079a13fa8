"""What earlier versions of Cartera wrote is still read, published and written anew."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.artifacts.keys import LAYOUT
from models.artifacts.manifest import FORMAT
from tests import shop
from tests.training.published import before_profiles, holds, namespace_of, written
from training import release
from training.publish import Releases

MADE = shop.tiny("v1")


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        yield releases


def test_a_release_of_before_there_were_profiles_still_gives_its_customers(
    tmp_path: Path,
) -> None:
    """Then a customer had three lengths, and who never bought was not there."""
    release.write(tmp_path, MADE.loaded, shop.every_customer(MADE))

    folder = before_profiles(tmp_path)

    assert release.manifest_of(folder).layout == 1
    assert list(release.customers_of(folder)) == [
        (id_, record.pack(), history.pack(), b"")
        for id_, (record, history) in MADE.customers.items()
    ]
    assert release.load(folder).manifest.format == 2


def test_a_release_is_written_as_this_version_writes_whatever_version_it_came_from(
    tmp_path: Path,
) -> None:
    old = replace(MADE.loaded, manifest=replace(MADE.loaded.manifest, format=1, layout=1))

    anew = release.write(tmp_path, old, shop.every_customer(MADE))

    assert (anew.format, anew.layout) == (FORMAT, LAYOUT)
    assert [id_ for id_, *_ in release.customers_of(tmp_path)] == ["ana", "ben", "cleo"]


@pytest.mark.store
def test_a_release_of_before_there_were_profiles_is_published_as_it_is(
    releases: Releases, tmp_path: Path
) -> None:
    folder = before_profiles(written(tmp_path, "r1"))

    releases.publish(folder)

    assert holds(releases, folder)
    assert b"layout" not in (folder / release.MANIFEST).read_bytes()
    assert releases.manifests()["r1"].layout == 1
    assert releases.profile("r1", "c-1") is None
    assert not any(releases.profiles("r1"))
