"""Which process of a store answers: after a restart or a failover it is another one.

What the one before was told last, the other may lack.
"""

import os
import re
from collections.abc import Callable

from redis.asyncio.connection import AbstractConnection

from app.replies import said

_RUN_ID = re.compile(rb"^run_id:(\w+)", re.MULTILINE)


class Process:
    """The process that answered last."""

    def __init__(self) -> None:
        self._run_id: bytes | None = None
        self.when_replaced: list[Callable[[], None]] = []
        """Called whenever another process answers than before."""

    async def meet(self, connection: AbstractConnection) -> None:
        """See which process a connection leads to; one that does not tell is always another."""
        await connection.send_command("INFO", "server", check_health=False)
        told = await said(connection)
        found = _RUN_ID.search(told) if isinstance(told, bytes) else None
        run_id = found[1] if found is not None else os.urandom(8)
        if self._run_id not in {None, run_id}:
            for call in self.when_replaced:
                call()
        self._run_id = run_id
