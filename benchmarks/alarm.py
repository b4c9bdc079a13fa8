"""An alarm that keeps microseconds, for an event loop whose timers count milliseconds.

On Linux it is a ``timerfd`` that the loop watches like a socket; Python has it from 3.13 on, before
that it is asked of the C library. Elsewhere the loop's own timer must do.
"""

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

_CLOCK_MONOTONIC = 1
"""Also the clock of ``perf_counter`` on Linux."""
_NONBLOCK = 0o4000
_ABSOLUTE = 1


class _Times(ctypes.Structure):
    """``struct itimerspec``: an interval, which we leave 0, and when to ring."""

    _fields_ = [
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("at_s", ctypes.c_long),
        ("at_ns", ctypes.c_long),
    ]


class Alarm:
    """Rings once whenever it is set; to be used within the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._descriptor: int | None = None
        if sys.platform == "linux":
            self._library = ctypes.CDLL(None, use_errno=True)
            self._descriptor = self._library.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCK)
            loop.add_reader(self._descriptor, self._rung)

    def set(self, at: float) -> None:
        """Ring at ``at`` by ``perf_counter``, at once where that has passed."""
        if self._descriptor is None:
            self._timer = self._loop.call_later(max(at - perf_counter(), 0.0), self._ring)
            return
        whole, ns = divmod(int(at * 1e9), 1_000_000_000)
        times = _Times(at_s=whole, at_ns=ns)
        self._library.timerfd_settime(self._descriptor, _ABSOLUTE, ctypes.byref(times), None)

    def close(self) -> None:
        """Never ring again."""
        if self._timer is not None:
            self._timer.cancel()
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _rung(self) -> None:
        if self._descriptor is not None:
            with suppress(BlockingIOError):
                os.read(self._descriptor, 8)
        self._ring()
