"""A manifest says what a release is, and whether its files are what was written."""

from dataclasses import replace
from hashlib import sha256

import orjson
import pytest

from models.artifacts.keys import LAYOUT
from models.artifacts.manifest import File, Manifest
from models.errors import ArtifactCorrupt, ArtifactTooNew


def manifest() -> Manifest:
    return Manifest(
        version="20240301T020000Z-ab12",
        created_at="2024-03-01T02:00:00+00:00",
        first_purchase="2023-01-01T08:00:00+00:00",
        last_purchase="2024-02-29T20:00:00+00:00",
        counts={"customers": 2, "items": 8},
        settings={"seed": 7, "items": None},
        weights={"slow": 1.0},
        metrics={"ndcg@10": 0.25},
        intervals={"ndcg@10": (0.2, 0.3)},
        choices={"base lists": {"chosen": "ranker", "why": "ahead", "figures": {}}},
        files={"bundle.bin": File(sha256=sha256(b"ours").hexdigest(), n_bytes=4)},
    )


def test_a_manifest_comes_back_as_it_was_written() -> None:
    assert Manifest.from_json(manifest().to_json()) == manifest()


def test_a_manifest_can_be_read_by_people() -> None:
    text = manifest().to_json().decode()

    assert '\n  "version": "20240301T020000Z-ab12",\n' in text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"format": "1"}',
        b'{"format": null}',
        b'{"format": 1}',
        b'{"format": 1, "files": []}',
        b'{"format": 1, "files": {"bundle.bin": 7}}',
        b'{"format": 1, "files": {}}',
        b'{"format": 3, "files": {}, "intervals": {"ndcg@10": [0.2]}}',
    ],
)
def test_what_is_no_manifest_is_refused(text: bytes) -> None:
    with pytest.raises(ArtifactCorrupt, match="the manifest is not one of ours"):
        Manifest.from_json(text)


def test_a_manifest_cut_short_anywhere_is_refused() -> None:
    text = manifest().to_json()

    for length in range(len(text)):
        with pytest.raises(ArtifactCorrupt):
            Manifest.from_json(text[:length])


def test_a_field_that_nobody_knows_is_refused() -> None:
    fields = orjson.loads(manifest().to_json()) | {"colour": "red"}

    with pytest.raises(ArtifactCorrupt):
        Manifest.from_json(orjson.dumps(fields))


def test_a_newer_manifest_asks_for_an_upgrade_whatever_else_it_says() -> None:
    with pytest.raises(ArtifactTooNew, match=r"release format 4 is newer than 3.* upgrade"):
        Manifest.from_json(replace(manifest(), format=4).to_json())
    with pytest.raises(ArtifactTooNew):
        Manifest.from_json(b'{"format": 4, "everything": "else"}')


def test_a_manifest_of_format_1_has_no_choices() -> None:
    fields = orjson.loads(manifest().to_json()) | {"format": 1}
    del fields["choices"], fields["intervals"]

    read = Manifest.from_json(orjson.dumps(fields))

    assert read == replace(manifest(), format=1, choices={}, intervals={})


def test_a_manifest_of_format_2_has_no_intervals() -> None:
    fields = orjson.loads(manifest().to_json()) | {"format": 2}
    del fields["intervals"]

    read = Manifest.from_json(orjson.dumps(fields))

    assert read == replace(manifest(), format=2, intervals={})


@pytest.mark.parametrize("format_", [1, 2])
def test_a_release_of_before_there_were_layouts_is_of_the_first(format_: int) -> None:
    fields = orjson.loads(manifest().to_json()) | {"format": format_}
    del fields["layout"]

    assert Manifest.from_json(orjson.dumps(fields)).layout == 1


def test_a_new_release_says_in_which_layout_its_customers_are() -> None:
    assert orjson.loads(manifest().to_json())["layout"] == LAYOUT


def test_a_layout_that_is_newer_than_ours_asks_for_an_upgrade() -> None:
    text = replace(manifest(), layout=LAYOUT + 1).to_json()

    with pytest.raises(ArtifactTooNew, match=r"store layout 3 is newer than 2.* upgrade"):
        Manifest.from_json(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"our", "has 3 bytes, the manifest says 4"),
        (b"ours!", "has 5 bytes, the manifest says 4"),
        (b"0urs", "fails its SHA-256"),
    ],
)
def test_a_file_that_is_not_what_was_written_is_refused(content: bytes, told: str) -> None:
    file = manifest().files["bundle.bin"]

    with pytest.raises(ArtifactCorrupt, match=f"bundle.bin {told}"):
        file.check("bundle.bin", memoryview(content))


def test_a_file_that_is_what_was_written_passes() -> None:
    manifest().files["bundle.bin"].check("bundle.bin", memoryview(b"ours"))
