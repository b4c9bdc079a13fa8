"""One text for the laws of many places: the Global Privacy Platform's string.

    DBACNY ~ CPXxRfAPXx… ~ 1YNN       which sections there are, and they themselves: 2, and 6

    2     Europe's TC string                        ``models.consent.tcf``
    6     the US privacy string                     ``models.consent.us_privacy``
    7-23  the United States' nation and states      ``models.consent.us_sections``

Whoever sends a string may say which of its sections are to be applied; else all are. One that we
cannot read, or do not know, counts as no.

Source: IAB Tech Lab, "Global Privacy Platform String", version 1, "Header Encoding"; the numbers
of its "Section Information".
"""

from collections.abc import Collection, Mapping

from models.consent import tcf, us_privacy, us_sections
from models.consent.bits import Bits, Unreadable

EUROPE, US_PRIVACY = 2, 6
NONE_APPLIES, NOT_DETERMINED = -1, 0
"""What stands for sections where there are none to name."""
_TYPE, _VERSION = 3, 1


def permits(text: str, applied: Collection[int], *, now_ms: int) -> bool:
    """Whether a GPP string is one, and no section that is applied speaks against; never fails.

    Args:
        text: The whole string.
        applied: Numbers of sections, of which each must be there; empty for all that are.
        now_ms: Milliseconds since 1970.
    """
    try:
        found = sections(text)
        return all(_permits(number, found.get(number), now_ms) for number in applied or found)
    except Unreadable:
        return False


def sections(text: str) -> Mapping[int, str]:
    """Return the sections of a GPP string as they are written, by number.

    Raises:
        Unreadable: The header is not one, or the sections are not as many as it says.
    """
    header, *written = text.split("~")
    bits = Bits(header)
    if (bits.take(6), bits.take(6)) != (_TYPE, _VERSION):
        raise Unreadable
    numbers = _numbers(bits, most=len(written))
    bits.close()
    if len(numbers) != len(written):
        raise Unreadable
    return dict(zip(numbers, written, strict=True))


def _numbers(bits: Bits, *, most: int) -> list[int]:
    """Return ascending numbers: each is told by how far it is from the one before."""
    numbers: list[int] = []
    last = 0
    for _ in range(bits.take(12)):
        is_range = bits.take(1)
        first = last + bits.take_fibonacci()
        last = first + (bits.take_fibonacci() if is_range else 0)
        if last - first >= most - len(numbers):
            raise Unreadable
        numbers += range(first, last + 1)
    return numbers


def _permits(number: int, text: str | None, now_ms: int) -> bool:
    if text is None or number == NONE_APPLIES:
        return number == NONE_APPLIES
    if number == EUROPE:
        return tcf.permits(text, now_ms=now_ms)
    if number == US_PRIVACY:
        return us_privacy.permits(text)
    return number in us_sections.SECTIONS and us_sections.permits(number, text)
