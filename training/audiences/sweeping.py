"""Taking back what is of no use: builds that no audience names, with their members' memberships.

Chunk after chunk its members' memberships go, then the chunk, and last the note that they were
written: whoever dies on the way leaves the note, and the next one goes on. All of it can be done in
a store that is full, and gives it room.
"""

from collections.abc import Mapping

import structlog

from models.artifacts.members import Members
from models.errors import ArtifactError
from training.audiences.members import Memberships, blocks
from training.audiences.written import Written
from training.store_calls import asked

log = structlog.get_logger(__name__)


def sweep(memberships: Memberships, stale: Mapping[int, Written]) -> None:
    """Take back builds, by number.

    Raises:
        StoreError: The store failed; what is left of them is taken back another time.
    """
    store, keys = memberships.store, memberships.keys
    for build, written in stale.items():
        for n in range(written.chunks):
            key = keys.audience_members(written.audience_id, build, n)
            _unmark(memberships, asked(store.get, key))
            asked(store.unlink, key)
        asked(store.hdel, keys.audience_written, str(build))
        log.info("a build was taken back", audience=written.audience_id, chunks=written.chunks)


def _unmark(memberships: Memberships, packed: bytes | None) -> None:
    """Let no member of a chunk, if it is there, be one of a build that will be gone."""
    try:
        ids = Members.unpack(packed).ids if packed is not None else []
    except ArtifactError as problem:
        # Their memberships count nothing, and go when they are next written.
        log.error("members cannot be read and are dropped", reason=str(problem))
        return
    for places in blocks(ids):
        memberships.mark([ids[place] for place in places], None)
