"""The members of an audience in chunks, in the order in which they are given out.

    "AM" format:u8 0:u8 n:u32 crc32:u32   scores f32[n]   ids, a line feed between two

It begins as ``models.artifacts.framing`` has it. Ids hold no control characters, so none can
imitate two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Scores
from models.artifacts.framing import N_HEAD, closed, opened
from models.errors import ArtifactCorrupt

FORMAT = 1
N_CHUNK = 5000
"""Members of a chunk: some 100 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """One chunk."""

    ids: Sequence[str]
    scores: Scores
    """Shape ``(n,)``: how likely each belongs to the audience; 1 where a rule says so."""

    def pack(self) -> bytes:
        """Return the chunk's bytes."""
        body = self.scores.astype(np.float32).tobytes() + "\n".join(self.ids).encode()
        return closed(b"AM", FORMAT, len(self.ids), body=body)

    @classmethod
    def unpack(cls, packed: bytes) -> "Members":
        """Read what ``pack`` wrote.

        Raises:
            ArtifactCorrupt: The bytes were truncated or altered.
            ArtifactTooNew: A later release of Cartera wrote them.
        """
        _, n = opened(packed, b"AM", newest=FORMAT)
        begin = N_HEAD + 4 * n
        ids = packed[begin:].decode().split("\n") if n else []
        if len(ids) != n:
            raise ArtifactCorrupt("a chunk of an audience's members is damaged; build it again")
        return cls(ids=ids, scores=np.frombuffer(packed, np.float32, n, N_HEAD))
