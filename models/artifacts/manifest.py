"""The slip that travels with a release: what it is, what it learned from, how good it is.

``manifest.json`` holds the checksum of every file of the release, so whoever holds the manifest can
check the rest. It is also kept in Redis, where servers and ``cartera releases`` read it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from models.artifacts.keys import LAYOUT
from models.errors import ArtifactCorrupt, ArtifactTooNew

FORMAT = 3
"""Format 2 added ``choices``, format 3 ``intervals`` and ``layout``; a manifest of before has none,
and its layout is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a release."""

    sha256: str
    n_bytes: int

    def check(self, name: str, content: memoryview) -> None:
        """Compare ``content`` with what was written.

        Raises:
            ArtifactCorrupt: Length or checksum differ.
        """
        if len(content) != self.n_bytes:
            raise ArtifactCorrupt(
                f"{name} has {len(content)} bytes, the manifest says {self.n_bytes}; "
                "publish the release again"
            )
        if sha256(content).hexdigest() != self.sha256:
            raise ArtifactCorrupt(f"{name} fails its SHA-256; publish the release again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a release says of itself."""

    version: str
    created_at: str
    """RFC 3339, UTC."""
    first_purchase: str
    last_purchase: str
    counts: Mapping[str, int]
    """Lines, orders, customers, items read; items with models."""
    settings: Mapping[str, Any]
    """What the trainer was told."""
    weights: Mapping[str, float]
    """What the trainer chose: the weights of the blend (see ``models.shaping.blend``)."""
    metrics: Mapping[str, float]
    """Quality on the validation window, before that window's purchases were learned."""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Where a metric lies, 95 times in 100, by the chance of who was asked; not of every one."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What was chosen and what refused, in words and figures."""
    files: Mapping[str, File] = field(default_factory=dict)
    layout: int = LAYOUT
    """How its customers are kept (see ``models.artifacts.keys``); from 2 on with profiles."""
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return the manifest as indented JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Read what ``to_json`` wrote.

        Raises:
            ArtifactCorrupt: It is not a manifest.
            ArtifactTooNew: A later release of Cartera wrote it.
        """
        try:
            fields = orjson.loads(text)
            _expect("release format", fields["format"], newest=FORMAT)
            _expect("store layout", fields.setdefault("layout", 1), newest=LAYOUT)
            fields["files"] = {name: File(**file) for name, file in fields["files"].items()}
            fields["intervals"] = {
                name: (low, high) for name, (low, high) in fields.get("intervals", {}).items()
            }
            return cls(**fields)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt(
                "the manifest is not one of ours; publish the release again"
            ) from problem


def _expect(what: str, found: int, *, newest: int) -> None:
    if found > newest:
        raise ArtifactTooNew(
            f"{what} {found} is newer than {newest}, the newest this release reads; upgrade the "
            "server before publishing with the new trainer"
        )
