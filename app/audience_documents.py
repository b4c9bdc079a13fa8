"""An audience as callers see it: the schemas of what ``models.audience_told`` tells."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from app.audience_seeds import RULE_OR_NULL
from models.artifacts.audience import MIN_SEEDS, Kind, Status

_Rule = Annotated[Any, WithJsonSchema(RULE_OR_NULL)]


class SeedsAsked(BaseModel):
    """Who the seeds are."""

    count: int | None = Field(
        description="How many ids were given; null where a rule or a group says who they are.",
        examples=[812],
    )
    rule: _Rule = Field(
        description="The rule by which they are seeds, as it came.",
        examples=[{"eq": ["bought_category", "wine"]}],
    )
    group: str | None = Field(description="The group that they are.", examples=["high"])


class Definition(BaseModel):
    """What was asked for."""

    type: Kind = Field(description="As asked.", examples=["lookalike"])
    seeds: SeedsAsked | None = Field(description="Of lookalikes.")
    rule: _Rule = Field(description="Of a rule, as it came.", examples=[None])
    group: str | None = Field(description="Of a group.", examples=["champions"])
    weight: Literal["equal", "value"] | None = Field(
        description="Of lookalikes: how much each seed counts.", examples=["value"]
    )
    size: int | None = Field(description="As asked.", examples=[5000])
    expansion: float | None = Field(description="As asked.", examples=[2.0])
    exclude: list[str] = Field(
        description="Audiences whose members are left out.", examples=[["aud_5a0f1c2d3e4b5a0f"]]
    )
    refresh: bool = Field(description="Whether it is built with each release.", examples=[False])


class Interval(BaseModel):
    """Where a measure lies nineteen times in twenty."""

    low: float = Field(description="Not below.", examples=[0.81])
    high: float = Field(description="Not above.", examples=[0.86])


class Quality(BaseModel):
    """How well seeds that were held out are told from other customers."""

    auc: float = Field(
        description="How often a seed is ranked above another customer: 0.5 is chance, 1 always.",
        examples=[0.836],
    )
    auc_interval: Interval = Field(
        description="At 95 %; an audience whose `low` is not above 0.5 is refused."
    )
    lift_at_5_percent: float = Field(
        description="How many times more seeds are among the best 5 % than among all.",
        examples=[6.4],
    )
    lift_at_5_percent_interval: Interval = Field(description="At 95 %.")
    held_out: int = Field(description="Seeds on which it was measured.", examples=[162])
    others: int = Field(description="Customers from whom they were told.", examples=[2307])
    classifier: str = Field(
        description="What tells them best, chosen by cross-validation.",
        examples=["logistic-vectors"],
    )
    candidates: dict[str, float] = Field(
        description="The AUC of each that it was chosen from, by cross-validation.",
        examples=[{"logistic-vectors": 0.836, "logistic-shares": 0.811, "trees": 0.829}],
    )


class Distinction(BaseModel):
    """One thing that sets members apart from all customers."""

    feature: str = Field(description="What it is.", examples=["share of dairy"])
    direction: Literal["higher", "lower"] = Field(
        description="Whether members have more or less of it.", examples=["higher"]
    )
    members: float = Field(description="The members' mean.", examples=[0.42])
    everybody: float = Field(description="All customers' mean.", examples=[0.18])
    text: str = Field(
        description="The same for a person.",
        examples=["share of dairy: 42 % on average, 18 % of all customers"],
    )


class AudienceResponse(BaseModel):
    """One audience, as it stands."""

    audience_id: str = Field(description="What it is called by.", examples=["aud_5a0f1c2d3e4b5a0f"])
    type: Kind = Field(description="As asked.", examples=["lookalike"])
    name: str | None = Field(description="What people call it.", examples=["Like our best"])
    status: Status = Field(
        description="`queued` and `building`: a worker builds it, or builds it again; `ready`: "
        "members may be read; `refused`: nothing can be told of it, and `failed`: it could not be "
        "built, both for the reason in `detail`. Members of a build before may be read meanwhile.",
        examples=["ready"],
    )
    progress: float = Field(description="Of the build under way, 0 to 1.", examples=[1.0])
    step: str | None = Field(description="What is being done.", examples=["scoring customers"])
    detail: str | None = Field(
        description="Why it was refused or failed, and what to do; or that nobody meets the rule.",
        examples=[None],
    )
    created_at: str = Field(description="When it was asked for.", examples=["2018-01-02T10:00:00Z"])
    created_by: str | None = Field(
        description="The id of the key that asked; null on a server without keys.",
        examples=["4fT0aZ9q"],
    )
    expires_at: str | None = Field(
        description="When it is forgotten.", examples=["2018-04-02T10:00:00Z"]
    )
    definition: Definition = Field(description="As it was asked for.")
    size: int | None = Field(
        description="Members of the last build, as all below is of that; null before there is "
        "one. Who objects or is erased is not given out, so fewer may come.",
        examples=[5000],
    )
    seeds: int | None = Field(
        description="Of lookalikes: seeds that the release knows.", examples=[809]
    )
    quality: Quality | None = Field(description="Of lookalikes.")
    reasons: list[Distinction] | None = Field(
        description="What distinguishes the members, the strongest first, five at most; none "
        f"where there are fewer than {MIN_SEEDS:,}, for it would tell of single customers."
    )
    release: str | None = Field(
        description="The release whose customers they are.", examples=["20171231T120000Z"]
    )
    built_at: str | None = Field(description="When.", examples=["2018-01-02T10:00:41Z"])


class AudiencesResponse(BaseModel):
    """All audiences."""

    audiences: list[AudienceResponse] = Field(description="The latest first.")
