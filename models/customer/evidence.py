"""What the back-tests left, for the report to draw: JSON that is read when somebody asks for it.

It is the larger part of what a release says of its customers, and no request needs any of it, so a
server never takes it out of the mapped bundle.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.errors import ArtifactCorrupt


class Evidence(Mapping[str, Any]):
    """Back-test figures, calibration, the Lorenz curve, by question."""

    def __init__(self, packed: NDArray[np.uint8]) -> None:
        """Keep what ``pack`` wrote; nothing is read yet."""
        self._packed = packed

    @staticmethod
    def pack(evidence: Mapping[str, Any]) -> NDArray[np.uint8]:
        """Return evidence as one array of a bundle."""
        told = orjson.dumps(dict(evidence), option=orjson.OPT_SERIALIZE_NUMPY)
        return np.frombuffer(told, np.uint8)

    @cached_property
    def _told(self) -> dict[str, Any]:
        try:
            return dict(orjson.loads(self._packed.tobytes()))
        except (TypeError, ValueError) as problem:
            raise ArtifactCorrupt(
                "the evidence on its customers is not one of ours; train and publish again"
            ) from problem

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # JSON has no type
        """Return what answers one question.

        Raises:
            ArtifactCorrupt: What was kept is no evidence; so do all methods.
        """
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the questions."""
        return iter(self._told)

    def __len__(self) -> int:
        """Return how many questions there are."""
        return len(self._told)
