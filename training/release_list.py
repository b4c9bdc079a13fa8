"""The table of ``cartera releases list``; alone here because the server's image runs it too."""

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from models.artifacts.manifest import Manifest


def release_list(manifests: Mapping[str, Manifest], current: str | None) -> Table:
    """Return the published releases, newest first."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("", "release", "made (UTC)", "customers", "items", "NDCG@10"):
        table.add_column(name, no_wrap=True)
    for version, manifest in sorted(manifests.items(), reverse=True):
        score = manifest.metrics.get("ndcg@10")
        table.add_row(
            "→" if version == current else "",
            version,
            manifest.created_at[:16].replace("T", " "),
            f"{manifest.counts['customers']:,}",
            f"{manifest.counts['items']:,}",
            f"{score:.4f}" if score is not None else "not judged",
        )
    return table
