"""One reply of the store, as whoever asked wants it: what a read found, or whatever was said."""

from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError


async def found(connection: AbstractConnection) -> Any:  # noqa: ANN401  # as the read has it
    """Return what a read found; an empty text, which unpacks as damaged, under a wrong type.

    Raises:
        ResponseError: The store refuses reads.
    """
    try:
        return await connection.read_response(disconnect_on_error=False)
    except ResponseError as problem:
        if str(problem).startswith("WRONGTYPE"):
            return b""
        raise


async def said(connection: AbstractConnection) -> Any:  # noqa: ANN401  # whatever the store says
    """Return what the store said; a ``ResponseError`` where it refused."""
    try:
        return await connection.read_response(disconnect_on_error=False)
    except ResponseError as problem:
        return problem
