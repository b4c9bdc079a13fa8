"""Customers may be gone after any order, the first one too: MBG/NBD.

BG/NBD with one more chance to leave, right after the first order; so one-time buyers fade as the
others do, and P(alive) can be used for churn.

Source: Batislam, Denizel and Filiztekin, "Empirical Validation and Comparison of Models for
Customer Base Analysis", IJRM 2007; Wagner and Hoppe, "Erratum on the MBG/NBD Model", IJRM 2008.
"""

from dataclasses import dataclass
from typing import ClassVar

from training.fit.bg_nbd import BGNBD


@dataclass(frozen=True, slots=True, kw_only=True)
class MBGNBD(BGNBD):
    """Fitted parameters; weeks are the unit of time."""

    FIRST_CHANCES: ClassVar[int] = 1
