"""The table of ``cartera releases list``; alone here because the server's image runs it too."""

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from models.artifacts.manifest import Manifest
from models.errors import ArtifactError


def release_list(manifests: Mapping[str, Manifest], current: str | None) -> Table:
    """Return the published releases, newest first; also those whose manifest cannot be read."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("", "release", "made (UTC)", "customers", "items", "NDCG@10"):
        table.add_column(name, no_wrap=True)
    for version in sorted(manifests, reverse=True):
        try:
            told = _told(manifests[version])
        except ArtifactError:
            told = ("cannot be read by this Cartera",)
        table.add_row("→" if version == current else "", version, *told)
    return table


def _told(manifest: Manifest) -> tuple[str, ...]:
    score = manifest.metrics.get("ndcg@10")
    return (
        manifest.created_at[:16].replace("T", " "),
        f"{manifest.counts['customers']:,}",
        f"{manifest.counts['items']:,}",
        f"{score:.4f}" if score is not None else "not judged",
    )
