"""The signals that ask a process to end: noted, so that it ends when it is ready."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@contextmanager
def endings_noted() -> Iterator[Sequence[int]]:
    """Collect the signals that ask for an end, instead of being ended by them; main thread only."""
    noted: list[int] = []
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    for number in _ENDINGS:
        signal.signal(number, lambda received, _frame: noted.append(received))
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
