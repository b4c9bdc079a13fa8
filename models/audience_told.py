"""An audience in the words of the shop, as routes and the command line both tell it.

What is not known yet is None: who is a member before it was built, how well that could be told of
an audience that a rule defines.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from models.artifacts.audience import Asked, Audience
from models.errors import ArtifactCorrupt

Told = dict[str, Any]
_SHARE = 4
"""Decimals of what is measured."""


def told(audience: Audience) -> Told:
    """Return what is known of one audience.

    While it is built again, ``status`` and ``progress`` are of that, and ``size``, ``seeds``,
    ``quality``, ``reasons``, ``release`` and ``built_at`` of the build before.

    Raises:
        ArtifactCorrupt: What the store has of it is of another shape than ours.
    """
    try:
        return _told(audience)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        raise ArtifactCorrupt("what an audience is told by is not ours") from problem


def _told(audience: Audience) -> Told:
    asked, stands, built = audience.asked, audience.stands, audience.built
    return {
        "audience_id": audience.id,
        "type": asked.type,
        "name": asked.name or None,
        "status": stands.status,
        "progress": round(stands.progress, _SHARE),
        "step": stands.step or None,
        "detail": stands.detail or None,
        "created_at": moment(asked.created_ms),
        "created_by": asked.created_by or None,
        "expires_at": None if asked.expires_ms is None else moment(asked.expires_ms),
        "definition": _definition(asked),
        "size": built.members if built else None,
        "seeds": built.seeds if built and asked.type == "lookalike" else None,
        "quality": _quality(built.quality) if built and built.quality else None,
        "reasons": [_reason(one) for one in built.reasons] if built else None,
        "release": built.release if built else None,
        "built_at": moment(built.at_ms) if built else None,
    }


def moment(at_ms: int) -> str:
    """Return a moment as RFC 3339, in seconds."""
    whole = datetime.fromtimestamp(at_ms // 1000, UTC)
    return whole.isoformat().replace("+00:00", "Z")


def _definition(asked: Asked) -> Told:
    """Return what was asked for; of seeds that were given one by one only how many they were."""
    is_alike = asked.type == "lookalike"
    seeds = {"count": asked.n_seeds or None, "rule": asked.rule, "group": asked.group or None}
    return {
        "type": asked.type,
        "seeds": seeds if is_alike else None,
        "rule": None if is_alike else asked.rule,
        "group": None if is_alike else asked.group or None,
        "weight": asked.weight if is_alike else None,
        "size": asked.size,
        "expansion": asked.expansion,
        "exclude": list(asked.exclude),
        "refresh": asked.refresh,
    }


def _quality(measured: Mapping[str, Any]) -> Told:
    """Return a ``Quality`` of ``models.artifacts.audience``."""
    return {
        "auc": round(measured["auc"], _SHARE),
        "auc_interval": _interval(measured["auc_interval"]),
        "lift_at_5_percent": round(measured["lift"], _SHARE),
        "lift_at_5_percent_interval": _interval(measured["lift_interval"]),
        "held_out": measured["held_out"],
        "others": measured["others"],
        "classifier": measured["classifier"],
        "candidates": {
            name: round(auc, _SHARE) for name, auc in (measured["candidates"] or {}).items()
        },
    }


def _interval(ends: tuple[float, float]) -> Told:
    low, high = ends
    return {"low": round(low, _SHARE), "high": round(high, _SHARE)}


def _reason(one: Mapping[str, Any]) -> Told:
    """Return a ``Reason`` of ``models.artifacts.audience``, with a sentence of it."""
    feature, members, everybody = one["feature"], one["members"], one["everybody"]
    return {
        "feature": feature,
        "direction": one["direction"],
        "members": members,
        "everybody": everybody,
        "text": f"{feature}: {mean_told(feature, members)} on average, "
        f"{mean_told(feature, everybody)} of all customers",
    }


def mean_told(feature: str, mean: float) -> str:
    """Return a mean as a person reads it.

    Args:
        feature: As ``Reason`` names it.
        mean: Its mean; of a share or a probability 0 to 1.

    Returns:
        Shares and probabilities in per cent, with two digits; the rest with four.
    """
    if feature.startswith("share of") or "probability" in feature:
        return f"{_digits(100 * mean, 2)} %"
    return _digits(mean, 4)


def _digits(number: float, n: int) -> str:
    return f"{float(f'{number:.{n}g}'):,.10g}"
