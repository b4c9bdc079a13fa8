"""A call of the store that says in words what went wrong."""

from collections.abc import Callable
from typing import Any

import redis

from training.errors import StoreError

_QUOTED = "of pipeline caused error: "
"""What redis-py puts between a pipeline's command, which names customers, and what was said of it.
"""


def asked(command: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # redis-py's answers have no useful type
    """Return what ``command`` of a redis-py client answers.

    Raises:
        StoreError: The store did not do what it was asked.
    """
    try:
        return command(*arguments)
    except redis.RedisError as problem:
        raise failed(problem) from problem


def failed(problem: redis.RedisError) -> StoreError:
    """Return what there is to say of a redis-py error."""
    return StoreError(
        f"the store did not answer as expected ({type(problem).__name__}: {said(problem)}); "
        "check that it runs, has memory left and accepts writes, then try again"
    )


def said(problem: redis.RedisError) -> str:
    """Return what a redis-py error says, without the command that it is about."""
    return str(problem).rpartition(_QUOTED)[2]
