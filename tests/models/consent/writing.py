"""Writes consent strings field by field, by the tables of their specifications.

It shares nothing with the readers: a number is the digits that the table gives it.
"""

import time
from collections.abc import Collection, Sequence

NOW_MS = time.time_ns() // 1_000_000
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def letters(bits: str) -> str:
    """Return a text of six bits a letter, filled up with zeros."""
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))


def bits_of(*numbers_and_widths: tuple[int, int]) -> str:
    return "".join(f"{number:0{width}b}" for number, width in numbers_and_widths)


def field(members: Collection[int], width: int) -> str:
    """Return a bit for each number from 1 on."""
    return "".join("1" if number in members else "0" for number in range(1, width + 1))


def tc_string(
    agreed_to: Collection[int] = (),
    *,
    interests: Collection[int] = (),
    version: int = 2,
    vendors: str = bits_of((3, 16), (0, 1)) + "101",
    restrictions: str = bits_of((0, 12)),
    segments: Sequence[str] = (),
    updated_ms: int = NOW_MS,
) -> str:
    """Return a TC string of a manager 31, created in 2022, in English, for Germany."""
    created, updated = (16_504_920_000, 36), (updated_ms // 100, 36)
    core = (
        bits_of((version, 6), created, updated, (31, 12), (640, 12), (1, 6), (4 * 64 + 13, 12))
        + bits_of((126, 12), (4, 6), (1, 1), (0, 1), (0, 12))
        + field(agreed_to, 24)
        + field(interests, 24)
        + bits_of((0, 1), (3 * 64 + 4, 12))
        + vendors
        + vendors
        + restrictions
    )
    return ".".join([letters(core), *map(letters, segments)])


def fibonacci(number: int) -> str:
    """Return a number as a sum of Fibonacci numbers, the smallest first, with a 1 behind it."""
    worths = [1, 2]
    while worths[-1] <= number:
        worths.append(worths[-1] + worths[-2])
    digits = ""
    for worth in reversed(worths):
        taken = worth <= number
        number -= worth if taken else 0
        digits = ("1" if taken else "0") + digits
    return digits.rstrip("0") + "1"


def gpp_string(sections: dict[int, str], *, kind: int = 3, version: int = 1) -> str:
    """Return a GPP string; each number is told alone."""
    bits = bits_of((kind, 6), (version, 6), (len(sections), 12))
    last = 0
    for number in sections:
        bits += "0" + fibonacci(number - last)
        last = number
    return "~".join([letters(bits), *sections.values()])


def us_section(groups: Sequence[Sequence[int]], *, version: int = 1) -> str:
    """Return the core of a section of the United States: fields of two bits, group by group."""
    numbers = [number for group in groups for number in group]
    return letters(bits_of((version, 6), *((number, 2) for number in numbers)))
