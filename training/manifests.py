"""The manifests of all published releases, some of which may be beyond us."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.artifacts.manifest import Manifest


@dataclass(frozen=True, slots=True, eq=False)
class Manifests(Mapping[str, Manifest]):
    """Manifests by version, oldest first, each read when it is asked for.

    Asking for one that cannot be read raises ``ArtifactError``; the others are there all the same.
    """

    texts: Mapping[str, bytes]

    def __getitem__(self, version: str) -> Manifest:
        return Manifest.from_json(self.texts[version])

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.texts))

    def __len__(self) -> int:
        return len(self.texts)
