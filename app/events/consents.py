"""What the customer allows, in others' words, and which word counts: the strictest.

Google's consent is about ads and storage: ``ad_storage``, ``ad_user_data`` and
``ad_personalization`` are all about ads, for personalised advertising is not a shop's own list;
that is ``personalization_storage``. Categories of a consent tool have names of the shop's choosing;
the usual ones are known, others say nothing here.

Sources: Google, consent mode and Measurement Protocol; Segment, consent object; W3C, Global
Privacy Control.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.artifacts.event import NOTHING_SAID, Consent

_GOOGLE = {
    "analytics_storage": "analytics",
    "personalization_storage": "personalization",
    "ad_storage": "ads",
    "ad_user_data": "ads",
    "ad_personalization": "ads",
}
_CATEGORIES = {
    "analytics": "analytics", "performance": "analytics", "statistics": "analytics",
    "c0002": "analytics",
    "functional": "personalization", "personalization": "personalization",
    "preferences": "personalization", "c0003": "personalization",
    "advertising": "ads", "ads": "ads", "marketing": "ads", "targeting": "ads", "c0004": "ads",
}  # fmt: skip
_SALE, _SHARING = "datasharing", "sharing"


def strictest(one: Consent, other: Consent) -> Consent:
    """Return what both allow. An objection to a sale leaves no consent to ads."""
    both = _joined(one, other)
    return replace(both, ads=False) if both.sale_opt_out and both.ads is not False else both


def _joined(one: Consent, other: Consent) -> Consent:
    if one == NOTHING_SAID:  # the one that is known by being it, whoever made another
        return NOTHING_SAID if other == NOTHING_SAID else other
    if other == NOTHING_SAID:
        return one
    return Consent(
        analytics=_both(one.analytics, other.analytics),
        personalization=_both(one.personalization, other.personalization),
        ads=_both(one.ads, other.ads),
        sale_opt_out=_either(one.sale_opt_out, other.sale_opt_out),
        tcf=one.tcf if one.tcf is not None else other.tcf,
        gpp=one.gpp if one.gpp is not None else other.gpp,
    )


def of_google(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return Google's consent in our words; another word than theirs stays, to be refused."""
    consent: dict[str, Any] = {}
    for theirs, ours in _GOOGLE.items():
        word = said.get(theirs)
        if word is None:
            continue
        known = (
            {"granted": True, "denied": False}.get(word.lower()) if isinstance(word, str) else None
        )
        _join(consent, ours, word if known is None else known)
    return consent


def of_categories(*said: object) -> object:
    """Return what a consent tool's categories, each time they are told, say in our words."""
    consent: dict[str, Any] = {}
    for categories in said:
        if not isinstance(categories, dict | None):
            return categories
        for category, allowed in (categories or {}).items():
            if (ours := _CATEGORIES.get(category.lower())) is not None:
                _join(consent, ours, allowed)
            elif category.lower() == _SALE:
                _join(consent, _SHARING, allowed)
    if (sharing := consent.pop(_SHARING, None)) is not None:
        consent["sale_opt_out"] = not sharing if isinstance(sharing, bool) else sharing
    return consent or None


def _join(consent: dict[str, Any], ours: str, said: object) -> None:
    """Let a refusal stand, and what is no answer at all stand above it."""
    before = consent.get(ours, True)
    consent[ours] = said if before is True or not isinstance(said, bool) else before


def _both(*said: bool | None) -> bool | None:
    return False if False in said else True if True in said else None


def _either(*said: bool | None) -> bool | None:
    return True if True in said else False if False in said else None
