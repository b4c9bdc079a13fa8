"""How far a build is: written as it goes, at most twice a second, and asked whether to go on."""

import time
from collections.abc import Callable
from dataclasses import replace

from models.artifacts.audience import Stands
from training.audiences.standing import Standing

EVERY_S = 0.5


class Progress:
    """Tells how far one build is.

    Whatever tells may raise ``Overtaken``, ``Unwanted`` or ``StoreError``: the build ends then.
    """

    def __init__(self, standing: Standing, stands: Stands) -> None:
        """Tell nothing yet; ``stands`` has been written."""
        self._standing = standing
        self._stands = stands
        self._told_s = time.monotonic()

    def step(self, words: str, *, begin: float, end: float) -> Callable[[float], None]:
        """Say at once what is done next, and return what tells how far that is, from 0 to 1.

        Args:
            words: For a person.
            begin: How far the whole build is when it begins, 0 to 1.
            end: Likewise, when it ends.
        """
        self._stands = replace(self._stands, step=words, progress=round(begin, 3))
        self._tell()

        def told(share: float) -> None:
            done = begin + (end - begin) * share
            self._stands = replace(self._stands, progress=round(done, 3))
            if time.monotonic() - self._told_s >= EVERY_S:
                self._tell()

        return told

    def _tell(self) -> None:
        self._told_s = time.monotonic()
        self._standing.tell(self._stands)
