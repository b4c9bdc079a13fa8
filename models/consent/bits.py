"""Bits in a text of six each: how consent strings are written, without padding at their end.

A letter is six bits (base64, "URL-safe" alphabet), so a text of any length is one, where Python's
own reader takes whole groups of four letters only.

Source: IAB Tech Lab, "Global Privacy Platform String", section "Section Encoding"; RFC 4648, §5.
"""

import re
from base64 import urlsafe_b64decode

_LETTERS = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_N_OF_LETTER = 6
_N_OF_COUNT, _N_SINGLE, _N_RANGE = 12, 1 + 16, 1 + 16 + 16
"""Bits of how many entries a list has, and of an entry: whether it is a range, its end or ends."""
_LONGEST_FIBONACCI = 24
"""Bits of a number: those of sections have fewer."""


class Unreadable(ValueError):
    """A text is no consent string of a kind that we know."""


class Bits:
    """Reads a text from its first bit on.

    What is read beyond the end is 0, so that a reader need not look at each step; ``close`` tells.
    """

    __slots__ = ("_at", "_bits")

    def __init__(self, text: str) -> None:
        """Begin at the first bit.

        Raises:
            Unreadable: A character is none of the alphabet, or there is none at all.
        """
        if _LETTERS.fullmatch(text) is None:
            raise Unreadable
        packed = urlsafe_b64decode(text + "A" * (-len(text) % 4))
        written = f"{int.from_bytes(packed, 'big'):0{8 * len(packed)}b}"
        self._bits = written[: _N_OF_LETTER * len(text)]
        self._at = 0

    def __len__(self) -> int:
        """Return how many bits there are, those that fill the last letters among them."""
        return len(self._bits)

    def take(self, n: int) -> int:
        """Return the next ``n`` bits, at least 1, as a number, the first being worth most."""
        begin = self._at
        self._at = end = begin + n
        bits = self._bits[begin:end]
        return int(bits, 2) if bits else 0

    def skip(self, n: int) -> None:
        """Leave out ``n`` bits."""
        self._at += n

    def skip_ranges(self) -> None:
        """Leave out a list of numbers and of ranges of them, which says first how many they are."""
        n, bits = self.take(_N_OF_COUNT), self._bits
        for _ in range(n):
            self._at += _N_RANGE if bits[self._at : self._at + 1] == "1" else _N_SINGLE

    def take_fibonacci(self) -> int:
        """Return a number, at least 1, written as a sum of Fibonacci numbers that ends with 11.

        Raises:
            Unreadable: It does not end, or is larger than any number of a section.
        """
        end = self._bits.find("11", self._at, self._at + _LONGEST_FIBONACCI)
        if end < 0:
            raise Unreadable
        number, worth, next_worth = 0, 1, 2
        for bit in self._bits[self._at : end + 1]:
            number += worth if bit == "1" else 0
            worth, next_worth = next_worth, worth + next_worth
        self._at = end + 2
        return number

    def close(self) -> None:
        """Make sure that all that was read was there, and nothing is left but what fills letters.

        Raises:
            Unreadable: It was not, or something is.
        """
        if self._at > len(self._bits) or "1" in self._bits[self._at :]:
            raise Unreadable
