"""A release on disk comes back as it was written, or is refused with the reason."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest

from models.artifacts.manifest import Manifest
from models.errors import ArtifactCorrupt, ArtifactError, ArtifactTooNew
from tests import shop
from training import release
from training.errors import UnreadableFile
from training.release import BUNDLE, COUPONS, CUSTOMERS, DEAD_S, MANIFEST, N_KEPT, Customer

MADE = shop.tiny("v1")


def customers() -> Iterator[Customer]:
    yield from shop.every_customer(MADE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    release.write(tmp_path / "v1", MADE.loaded, customers())
    return tmp_path / "v1"


def test_a_release_comes_back_as_it_was_written(folder: Path) -> None:
    loaded = release.load(folder)

    assert loaded.version == "v1"
    assert loaded.weights == MADE.loaded.weights
    for name, array in MADE.loaded.arrays().items():
        assert loaded.arrays()[name].tobytes() == array.tobytes()


def test_a_loaded_release_is_mapped_and_cannot_be_written(folder: Path) -> None:
    loaded = release.load(folder)

    assert not loaded.collaborative.items.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        loaded.collaborative.items[0, 0] = 1


def test_customers_come_back_in_the_order_of_writing(folder: Path) -> None:
    found = list(release.customers_of(folder))

    assert found == [
        *(
            (id_, record.pack(), history.pack(), MADE.profiles[id_])
            for id_, (record, history) in MADE.customers.items()
        ),
        ("cleo", b"", b"", MADE.profiles["cleo"]),
    ]


def test_ids_of_any_alphabet_come_back(tmp_path: Path) -> None:
    record, history = MADE.customers["ana"]
    ids = ["ñandú", "牛乳", "🍞" * 64, "a b:c/d{e}"]

    release.write(tmp_path, MADE.loaded, ((id_, record, history, b"") for id_ in ids))

    assert [id_ for id_, *_ in release.customers_of(tmp_path)] == ids


def test_coupons_come_back_as_json_and_where_there_are_none_nothing_is_written(
    tmp_path: Path,
) -> None:
    release.write(tmp_path / "v1", MADE.loaded, customers())
    release.write(tmp_path / "v2", MADE.loaded, customers(), coupons={"ana": ["MAY", "ä"]})

    assert list(release.coupons_of(tmp_path / "v1")) == []
    assert not (tmp_path / "v1" / COUPONS).exists()
    assert list(release.coupons_of(tmp_path / "v2")) == [("ana", '["MAY","ä"]'.encode())]
    assert release.load(tmp_path / "v2").manifest.files.keys() == {BUNDLE, CUSTOMERS, COUPONS}


@pytest.mark.parametrize("content", [None, b"", b"altered"])
def test_coupons_that_are_not_as_written_are_refused(tmp_path: Path, content: bytes | None) -> None:
    release.write(tmp_path, MADE.loaded, customers(), coupons={"ana": ["MAY"]})
    (tmp_path / COUPONS).unlink()
    if content is not None:
        (tmp_path / COUPONS).write_bytes(content)

    with pytest.raises(ArtifactCorrupt, match=COUPONS):
        release.load(tmp_path)


def test_coupons_cut_short_within_a_customer_are_refused(tmp_path: Path) -> None:
    release.write(tmp_path, MADE.loaded, customers(), coupons={"ana": ["MAY"]})
    content = (tmp_path / COUPONS).read_bytes()

    for length in range(1, len(content)):
        (tmp_path / COUPONS).write_bytes(content[:length])
        with pytest.raises(ArtifactCorrupt, match="ends within a customer"):
            list(release.coupons_of(tmp_path))


def test_the_manifest_is_the_one_that_was_returned(tmp_path: Path) -> None:
    returned = release.write(tmp_path / "v1", MADE.loaded, customers())

    assert release.manifest_of(tmp_path / "v1") == returned
    assert set(returned.files) == {BUNDLE, CUSTOMERS}
    for name, file in returned.files.items():
        assert (tmp_path / "v1" / name).stat().st_size == file.n_bytes


def test_progress_is_told_every_500_customers(tmp_path: Path) -> None:
    record, history = MADE.customers["ana"]
    told: list[int] = []

    release.write(
        tmp_path,
        MADE.loaded,
        ((str(n), record, history, b"") for n in range(1100)),
        step=told.append,
    )

    assert told == [500, 1000]
    assert sum(1 for _ in release.customers_of(tmp_path)) == 1100


def test_a_directory_without_a_manifest_was_not_finished(folder: Path) -> None:
    (folder / MANIFEST).unlink()

    with pytest.raises(UnreadableFile, match=r"holds no manifest.json.* was not finished"):
        release.load(folder)


def test_a_writer_who_dies_on_the_way_leaves_no_manifest(tmp_path: Path) -> None:
    def dying() -> Iterator[Customer]:
        yield from customers()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        release.write(tmp_path, MADE.loaded, dying())

    with pytest.raises(UnreadableFile):
        release.load(tmp_path)


@pytest.mark.parametrize("name", [BUNDLE, CUSTOMERS])
def test_a_file_cut_short_is_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-1])

    with pytest.raises(ArtifactCorrupt, match=f"{name} has {len(content) - 1} bytes, the manifest"):
        release.load(folder)


@pytest.mark.parametrize("name", [BUNDLE, CUSTOMERS])
@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_a_file_with_one_altered_byte_is_refused(folder: Path, name: str, place: float) -> None:
    content = bytearray((folder / name).read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ArtifactCorrupt, match=f"{name} fails its SHA-256"):
        release.load(folder)


@pytest.mark.parametrize("name", [BUNDLE, CUSTOMERS])
@pytest.mark.parametrize("content", [None, b""])
def test_a_missing_or_empty_file_is_refused(folder: Path, name: str, content: bytes | None) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(ArtifactCorrupt, match=f"{name} is missing or empty"):
        release.load(folder)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format": 1}'])
def test_a_damaged_manifest_is_refused(folder: Path, damage: bytes) -> None:
    (folder / MANIFEST).write_bytes(damage)

    with pytest.raises(ArtifactCorrupt):
        release.load(folder)


def changed(folder: Path, **fields: object) -> None:
    manifest = orjson.loads((folder / MANIFEST).read_bytes()) | fields
    (folder / MANIFEST).write_bytes(orjson.dumps(manifest))


def test_a_release_of_a_newer_format_is_refused(folder: Path) -> None:
    changed(folder, format=99)

    with pytest.raises(ArtifactTooNew, match="upgrade the server"):
        release.load(folder)


@pytest.mark.parametrize("kept", [[], [BUNDLE], [CUSTOMERS]])
def test_a_manifest_that_vouches_for_too_little_is_refused(folder: Path, kept: list[str]) -> None:
    files = orjson.loads((folder / MANIFEST).read_bytes())["files"]
    changed(folder, files={name: files[name] for name in kept})

    with pytest.raises(ArtifactCorrupt, match=r"does not name .* with their checksums"):
        release.load(folder)


def test_a_release_with_numbers_that_cannot_be_is_refused(tmp_path: Path) -> None:
    items = MADE.loaded.collaborative.items
    items = np.where(np.arange(items.size).reshape(items.shape) == 3, np.float32(np.nan), items)
    bad = replace(MADE.loaded, collaborative=replace(MADE.loaded.collaborative, items=items))
    release.write(tmp_path, bad, customers())

    with pytest.raises(ArtifactError, match="item factors hold NaN"):
        release.load(tmp_path)


def test_customers_cut_short_within_one_are_refused_anywhere(folder: Path) -> None:
    content = (folder / CUSTOMERS).read_bytes()
    sizes = [
        10 + len(id_.encode()) + sum(map(len, packed))
        for id_, *packed in release.customers_of(folder)
    ]
    whole = {0: 0, sizes[0]: 1, sizes[0] + sizes[1]: 2}

    for length in range(len(content)):
        (folder / CUSTOMERS).write_bytes(content[:length])
        if length in whole:
            assert len(list(release.customers_of(folder))) == whole[length]
        else:
            with pytest.raises(ArtifactCorrupt, match="ends within a customer"):
                list(release.customers_of(folder))


def releases_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def version(day: int) -> str:
    return f"202611{day:02d}T030000Z-1a2b"


def finished(folder: Path, *days: int) -> None:
    for day in days:
        (folder / version(day)).mkdir()
        (folder / version(day) / MANIFEST).write_bytes(b"{}")


def unfinished(folder: Path, day: int, *, touched_s_ago: float) -> None:
    (folder / version(day)).mkdir()
    (folder / version(day) / CUSTOMERS).write_bytes(b"x")
    touched = time.time() - touched_s_ago
    for path in (folder / version(day) / CUSTOMERS, folder / version(day)):
        os.utime(path, (touched, touched))


def test_the_newest_releases_and_those_that_are_needed_stay(tmp_path: Path) -> None:
    finished(tmp_path, 1, 2, 3, 4, 5, 6)

    release.prune(tmp_path, keep={version(2)})

    assert releases_in(tmp_path) == [version(day) for day in (2, 4, 5, 6)]


def test_where_there_are_few_releases_none_is_removed(tmp_path: Path) -> None:
    finished(tmp_path, *range(1, N_KEPT + 1))

    release.prune(tmp_path, keep=set())

    assert releases_in(tmp_path) == [version(day) for day in (1, 2, 3)]


def test_an_unfinished_release_takes_no_place_of_a_finished_one(tmp_path: Path) -> None:
    finished(tmp_path, 1, 2, 3)
    for day in (4, 5, 6):
        unfinished(tmp_path, day, touched_s_ago=0)

    release.prune(tmp_path, keep=set())

    assert releases_in(tmp_path) == [version(day) for day in (1, 2, 3, 4, 5, 6)]


def test_what_a_dead_writer_left_is_removed_and_a_living_one_is_left_alone(tmp_path: Path) -> None:
    unfinished(tmp_path, 1, touched_s_ago=DEAD_S + 60)
    unfinished(tmp_path, 2, touched_s_ago=DEAD_S - 60)
    unfinished(tmp_path, 3, touched_s_ago=DEAD_S + 60)
    (tmp_path / version(3) / CUSTOMERS).write_bytes(b"xy")

    release.prune(tmp_path, keep=set())

    assert releases_in(tmp_path) == [version(2), version(3)]


def test_what_is_not_named_like_a_version_is_never_touched(tmp_path: Path) -> None:
    finished(tmp_path, 2, 3, 4)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / MANIFEST).write_bytes(b"{}")
    (tmp_path / "0-backup").mkdir()
    (tmp_path / version(1)).symlink_to(elsewhere)
    (tmp_path / "note.txt").write_text("mine")

    release.prune(tmp_path, keep=set())

    assert releases_in(tmp_path) == [
        "0-backup",
        *(version(day) for day in (1, 2, 3, 4)),
        "elsewhere",
        "note.txt",
    ]
    assert (elsewhere / MANIFEST).is_file()


def test_only_its_owner_reads_a_release(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "releases" / "v1"

    release.write(folder, MADE.loaded, customers())

    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder)} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 3


def test_the_manifest_says_how_to_check_the_rest(folder: Path) -> None:
    manifest = Manifest.from_json((folder / MANIFEST).read_bytes())

    for name, file in manifest.files.items():
        file.check(name, memoryview((folder / name).read_bytes()))
