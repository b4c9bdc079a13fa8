"""Builds that have been begun: so that whatever was written of one can be found and taken back.

A build has a number, unique among all audiences. Before its first chunk is written, and with every
one, it is noted here whose it is and how many chunks it has (``Keys.audience_written``). A build
that no audience names is of no use: its builder died, it was built again, or the audience is gone.
Of one that was built again the members stay an hour, for an export that has begun.
"""

from dataclasses import dataclass
from typing import Self

from models.errors import ArtifactCorrupt


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is in the store of one build."""

    audience_id: str
    chunks: int = 0
    kept_until_ms: int = 0
    """Until when it stays although the audience has been built again."""

    def pack(self) -> bytes:
        """Return it as text."""
        return f"{self.audience_id} {self.chunks} {self.kept_until_ms}".encode()

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read what ``pack`` wrote.

        Raises:
            ArtifactCorrupt: It is none of ours.
        """
        try:
            audience_id, chunks, until_ms = packed.decode().split()
            return cls(audience_id=audience_id, chunks=int(chunks), kept_until_ms=int(until_ms))
        except ValueError as problem:
            raise ArtifactCorrupt("what is noted of an audience's build is not ours") from problem
