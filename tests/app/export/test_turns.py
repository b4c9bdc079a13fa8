"""Exports leave their worker to others: few at a time, and half of the time at most."""

import asyncio
import time

import pytest

from app.export.turns import Crowded, Turns

pytestmark = pytest.mark.anyio


async def test_whose_turn_does_not_come_gives_up() -> None:
    turns = Turns(wait_s=0.01)

    async with turns.turn(), turns.turn():
        with pytest.raises(Crowded):
            async with turns.turn():
                pass
    async with turns.turn():
        pass


async def test_a_turn_is_held_as_long_again_as_was_worked() -> None:
    turns = Turns()
    began_s = time.thread_time()

    async with turns.turn():
        while time.thread_time() < began_s + 0.02:
            pass
        ended_s = time.perf_counter()

    assert time.perf_counter() - ended_s >= 0.018


async def test_a_turn_that_failed_is_given_back() -> None:
    turns = Turns(wait_s=0.01)

    for _ in range(3):
        with pytest.raises(ValueError, match="test"):
            async with turns.turn():
                raise ValueError("test")
    task = asyncio.create_task(held(turns))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    async with turns.turn(), turns.turn():
        pass


async def held(turns: Turns) -> None:
    async with turns.turn():
        await asyncio.Event().wait()
