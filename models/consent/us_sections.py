"""The sections of a GPP string for the United States: the nation's (7), and those of states (8-23).

    B VVqAAAAA… . YA       what was told and decided, then whether the browser sends "GPC"

A section is its version, then fields of two bits, grouped so in each:

    notices      0 does not apply  1 given      2 not given          any 2 refuses
    opt-outs     0 does not apply  1 opted out  2 did not            any 1 refuses
    sensitive    0 does not apply  1 no consent, or opted out  2     any 1 refuses
    children     0 none is known   1 no consent                2     any but 0 refuses
    other use    0 does not apply  1 no consent                2     1 refuses; some do not have it
    agreement    covered 1 or 2, opt-out mode 0 to 2, service provider 1 yes     1 refuses

Sensitive data count because nobody here knows what an audience stands for; children because they
are not to be aimed at, whoever agrees. Where only the browser's "do not sell" (GPC) says no, it is
no. A number that a field does not know makes the section unreadable, as a version does.

Source: IAB Tech Lab, "Global Privacy Platform", Sections/US-National and Sections/US-States.
"""

from collections.abc import Mapping
from typing import NamedTuple

from models.consent.bits import Bits, Unreadable

_N_GPC = 3
_GPC = 1


class _Layout(NamedTuple):
    """How many fields of each group a section has."""

    notices: int
    opt_outs: int
    sensitive: int
    children: int
    other_use: int
    versions: tuple[int, ...] = (1,)
    has_gpc: bool = True

    @property
    def n_bits(self) -> int:
        return 6 + 2 * (sum(self[:5]) + _N_AGREEMENT)


_N_AGREEMENT = 3
NATION = 7
_NATION = _Layout(6, 3, 12, 2, 1)
_NATION_2024 = _Layout(6, 3, 16, 3, 1, versions=(1, 2))
"""Told by its length: there are writers who call it version 1."""
_STATES: Mapping[int, _Layout] = {
    8: _Layout(3, 2, 9, 2, 1),  # California
    9: _Layout(3, 2, 8, 1, 0, has_gpc=False),  # Virginia
    10: _Layout(3, 2, 7, 1, 0),  # Colorado
    11: _Layout(4, 2, 8, 1, 0, has_gpc=False),  # Utah
    12: _Layout(3, 2, 8, 3, 0),  # Connecticut
    13: _Layout(3, 2, 8, 3, 1, has_gpc=False),  # Florida
    14: _Layout(3, 2, 8, 3, 1),  # Montana
    15: _Layout(3, 2, 11, 3, 1),  # Oregon
    16: _Layout(3, 2, 8, 1, 1),  # Texas
    17: _Layout(3, 2, 9, 5, 1),  # Delaware
    18: _Layout(4, 2, 8, 1, 0),  # Iowa
    19: _Layout(3, 2, 8, 1, 1),  # Nebraska
    20: _Layout(3, 2, 8, 3, 1),  # New Hampshire
    21: _Layout(3, 2, 10, 5, 1),  # New Jersey
    22: _Layout(3, 2, 8, 1, 1),  # Tennessee
    23: _Layout(3, 2, 8, 1, 1),  # Minnesota
}
SECTIONS = frozenset({NATION, *_STATES})


def permits(section: int, text: str) -> bool:
    """Whether a section is one, and nothing in it speaks against ads by audiences; never fails.

    Args:
        section: Its number, one of ``SECTIONS``.
        text: As it stands in the GPP string.
    """
    try:
        return _permits(section, text)
    except Unreadable:
        return False


def _permits(section: int, text: str) -> bool:
    core, *others = text.split(".", 2)
    bits = Bits(core)
    layout = _layout(section, bits)
    if bits.take(6) not in layout.versions:
        raise Unreadable
    refuses = [
        2 in _fields(bits, layout.notices),
        1 in _fields(bits, layout.opt_outs),
        1 in _fields(bits, layout.sensitive),
        any(_fields(bits, layout.children)),
        1 in _fields(bits, layout.other_use),
    ]
    covered, _opt_out_mode, is_service = _fields(bits, _N_AGREEMENT)
    if not covered:
        raise Unreadable
    bits.close()
    return not (any(refuses) or is_service == 1 or _sends_gpc(layout, others))


def _layout(section: int, bits: Bits) -> _Layout:
    if section != NATION:
        return _STATES[section]
    return _NATION_2024 if len(bits) >= _NATION_2024.n_bits else _NATION


def _fields(bits: Bits, n: int) -> list[int]:
    fields = [bits.take(2) for _ in range(n)]
    if 3 in fields:
        raise Unreadable
    return fields


def _sends_gpc(layout: _Layout, segments: list[str]) -> bool:
    """Whether the browser sends "do not sell": the one thing that may stand behind the core."""
    if not segments:
        return False
    if len(segments) > 1 or not layout.has_gpc:
        raise Unreadable
    bits = Bits(segments[0])
    if bits.take(2) != _GPC:
        raise Unreadable
    sends = bits.take(1)
    bits.close()
    return bool(sends)
