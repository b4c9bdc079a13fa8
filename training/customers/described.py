"""What each group of customers is called and by which rule it came about, with this shop's numbers.

    tier          high medium low
    stage         the slugs of ``Stage``
    segment       the slugs of ``Segment``
    portfolio     portfolio-1 … by what its customers need
    satisfaction  the slugs of ``Satisfaction``

No name is of two kinds, and none is ``newcomers`` or ``gone``, which movements know. What is
unknown is a group as well, named ``tier-unknown`` and the like, so that the groups of each kind are
all customers.
"""

from collections.abc import Mapping
from math import isfinite

from models.customer.satisfaction import HALF_LIFE_DAYS, SILENT, Satisfaction
from models.customer.segments import Segment, Stage, slug
from models.customer.summary import Kind
from models.customer.value import Thresholds, Tier
from training.customers import segments
from training.customers.groups import Named
from training.customers.needs.portfolios import Portfolios
from training.customers.stages import Rules, sentences

Names = Mapping[int, Named]

_SAID = "What they said and gave back"
_FEELINGS = {
    Satisfaction.UNKNOWN: "They have not let us know, or only long ago.",
    Satisfaction.COMPLETELY_DISSATISFIED: f"{_SAID} averages below 1.5 of 5, as a complaint does.",
    Satisfaction.DISSATISFIED: f"{_SAID} averages 1.5 to 2.5 of 5.",
    Satisfaction.NEUTRAL: f"{_SAID} averages 2.5 to 3.5 of 5.",
    Satisfaction.SATISFIED: f"{_SAID} averages 3.5 to 4.5 of 5.",
    Satisfaction.COMPLETELY_SATISFIED: f"{_SAID} averages 4.5 of 5 or more.",
}
_FADING = (
    f" It weighs half after {HALF_LIFE_DAYS:.0f} days, and a silence of {SILENT:g} times the usual "
    "is a level lower."
)


def described(
    *, thresholds: Thresholds, rules: Rules, shop_days: float, portfolios: Portfolios
) -> dict[Kind, Names]:
    """Return the names of all groups, by kind and code."""
    return {
        "tier": _tiers(thresholds),
        "stage": _stages(rules, shop_days),
        "segment": _segments(),
        "portfolio": _portfolios(portfolios),
        "satisfaction": _satisfaction(),
    }


def _unknown(kind: str, why: str) -> Named:
    return Named(name=f"{kind}-unknown", title="Unknown", description=why)


def _title(words: str) -> str:
    return words.replace("-", " ").capitalize()


def _tiers(at: Thresholds) -> Names:
    past = _from(at.historic, "historic value is {} or more", "no historic value stands out")
    future = _from(at.potential, "potential value is {} or more", "no potential value stands out")
    rule = f"High where {past}, and where {future}"
    rules = {
        Tier.HIGH: f"{rule}: high in both.",
        Tier.MEDIUM: f"{rule}: high in one of the two.",
        Tier.LOW: f"{rule}: high in neither.",
    }
    names: dict[int, Named] = {
        tier: Named(name=slug(tier), title=f"{_title(slug(tier))} value", description=why)
        for tier, why in rules.items()
    }
    return names | {Tier.UNKNOWN: _unknown("tier", "Too little is known to foretell their value.")}


def _from(money: float, words: str, nobody: str) -> str:
    return words.format(f"{money:,.2f}") if isfinite(money) else nobody


def _stages(rules: Rules, shop_days: float) -> Names:
    told = sentences(rules, shop_days=shop_days)
    return {
        stage: Named(name=slug(stage), title=_title(slug(stage)), description=told[stage])
        for stage in Stage
        if stage is not Stage.UNKNOWN
    }


def _segments() -> Names:
    names: dict[int, Named] = {
        segment: Named(name=slug(segment), title=rule.title, description=rule.description)
        for segment, rule in segments.RULES.items()
    }
    return names | {Segment.UNKNOWN: _unknown("segment", "They have not bought yet.")}


def _portfolios(found: Portfolios) -> Names:
    names = {
        code: Named(name=f"portfolio-{code}", title=title, description=description)
        for code, (title, description) in enumerate(
            zip(found.titles, found.descriptions, strict=True), start=1
        )
    }
    return names | {0: _unknown("portfolio", found.unplaced)}


def _satisfaction() -> Names:
    return {
        level: Named(
            name="satisfaction-unknown" if level is Satisfaction.UNKNOWN else slug(level),
            title="Unknown" if level is Satisfaction.UNKNOWN else _title(slug(level)),
            description=_FEELINGS[level] + (_FADING if level else ""),
        )
        for level in sorted(Satisfaction, reverse=True)
    }
