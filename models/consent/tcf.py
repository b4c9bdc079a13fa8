"""Has somebody in Europe agreed to ads that go by what is known of them? A TC string says so.

    C OvFyGBOvFyG… . IFoEUQQg…      version 2: what was agreed to, then the vendors that were shown

It takes consent to storing and reading on the device (purpose 1), to a profile for ads (3) and to
ads by that profile (4). A "legitimate interest" will not do, nor that a country does not ask for
purpose 1. Which vendors may have it is for the bidder, who knows its own number; here the string
must only be whole.

A string is good for 13 months after it was last updated, when people must be asked anew; one that
was updated after tomorrow says nothing.

Source: IAB Europe and IAB Tech Lab, "Transparency and Consent String with Global Vendor & CMP List
Formats", version 2 (TCF v2.2), "The Core String".
"""

from models.consent.bits import Bits, Unreadable

_VERSION = 2
_N_PURPOSES = 24
_WANTED = sum(1 << (_N_PURPOSES - purpose) for purpose in (1, 3, 4))
_N_TIME = 36
"""Bits of when it was created, and last updated: in tenths of a second since 1970."""
_N_BEFORE_PURPOSES = 12 + 12 + 6 + 12 + 12 + 6 + 1 + 1 + 12
"""Manager, its version, screen, language, vendor list, policy, whether for one service, whether of
other stacks, special features."""
_N_BEFORE_VENDORS = _N_PURPOSES + 1 + 12
"""Purposes by legitimate interest, whether purpose 1 was not asked for, country."""
_N_ID = 16
"""Bits of a vendor's number; of the largest one, with a bit behind it for how they are listed."""
_MOST_SEGMENTS = 4
_VENDORS_SHOWN, _VENDORS_ALLOWED, _PUBLISHER = 1, 2, 3
_DAY_MS = 86_400_000
_GOOD_MS = 396 * _DAY_MS


def permits(text: str, *, now_ms: int) -> bool:
    """Whether a TC string is one, and gives consent to purposes 1, 3 and 4; never fails.

    Args:
        text: The whole string.
        now_ms: Milliseconds since 1970: an old one is no.
    """
    try:
        return _permits(text, now_ms)
    except Unreadable:
        return False


def _permits(text: str, now_ms: int) -> bool:
    core, *others = text.split(".", _MOST_SEGMENTS)
    bits = Bits(core)
    if bits.take(6) != _VERSION:
        raise Unreadable
    bits.skip(_N_TIME)
    age_ms = now_ms - 100 * bits.take(_N_TIME)
    bits.skip(_N_BEFORE_PURPOSES)
    agreed_to = bits.take(_N_PURPOSES)
    bits.skip(_N_BEFORE_VENDORS)
    _skip_vendors(bits)  # by consent
    _skip_vendors(bits)  # by legitimate interest
    for _ in range(bits.take(12)):  # what the publisher restricts
        bits.skip(6 + 2)
        bits.skip_ranges()
    bits.close()
    for segment in others:
        _check(Bits(segment))
    return agreed_to & _WANTED == _WANTED and -_DAY_MS <= age_ms <= _GOOD_MS


def _check(segment: Bits) -> None:
    """Make sure that a segment behind the core is whole."""
    kind = segment.take(3)
    if kind in (_VENDORS_SHOWN, _VENDORS_ALLOWED):
        _skip_vendors(segment)
    elif kind == _PUBLISHER:
        segment.skip(2 * _N_PURPOSES)
        segment.skip(2 * segment.take(6))
    else:
        raise Unreadable
    segment.close()


def _skip_vendors(bits: Bits) -> None:
    n_and_form = bits.take(_N_ID + 1)
    if n_and_form & 1:
        bits.skip_ranges()
    else:
        bits.skip(n_and_form >> 1)
