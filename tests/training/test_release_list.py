"""The table of releases shows every one of them, also what a newer Cartera published."""

from dataclasses import replace

from rich.console import Console

from tests import shop
from training.manifests import Manifests
from training.release_list import release_list


def lines(manifests: Manifests, current: str | None) -> list[str]:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(release_list(manifests, current))
    return captured.get().splitlines()


def line_of(version: str, found: list[str]) -> str:
    (line,) = (line for line in found if f" {version} " in line)
    return " ".join(line.split())


def test_releases_stand_newest_first_and_an_arrow_marks_the_one_that_serves() -> None:
    texts = {version: shop.tiny(version).manifest.to_json() for version in ("r1", "r2")}

    found = lines(Manifests(texts), "r1")

    assert line_of("r1", found) == "→ r1 2018-01-01 00:00 2 8 0.5000"
    assert line_of("r2", found) == "r2 2018-01-01 00:00 2 8 0.5000"
    assert found.index(next(line for line in found if "r2" in line)) < found.index(
        next(line for line in found if "r1" in line)
    )


def test_a_release_whose_manifest_cannot_be_read_is_listed_as_such() -> None:
    manifest = shop.tiny("r2").manifest
    texts = {
        "r1": shop.tiny("r1").manifest.to_json(),
        "r2": replace(manifest, format=99).to_json(),
        "r3": b"{",
    }

    found = lines(Manifests(texts), "r2")

    assert line_of("r1", found) == "r1 2018-01-01 00:00 2 8 0.5000"
    assert line_of("r2", found).startswith("→ r2 cannot be read")
    assert line_of("r3", found).startswith("r3 cannot be read")
