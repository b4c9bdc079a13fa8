"""How an answer looks to a caller: the schemas that several routes share."""

from typing import Any, Literal

from pydantic import BaseModel, Field

Level = Literal[
    "unknown",
    "completely-dissatisfied",
    "dissatisfied",
    "neutral",
    "satisfied",
    "completely-satisfied",
]
"""How satisfied a customer is."""


class Explanation(BaseModel):
    """Why an item is on the list."""

    text: str = Field(
        description="A sentence for a person.",
        examples=["bought 6 times, last 12 days ago, usually every 14 days"],
    )
    evidence: dict[str, Any] = Field(
        description="What the sentence rests on, counted.",
        examples=[{"item_id": "p-77", "times": 6, "last_bought": "2017-12-19"}],
    )


class Shown(BaseModel):
    """What the catalogue says of an item; what it does not know is absent."""

    item_id: str = Field(description="The shop's own id of the item.", examples=["p-77"])
    title: str | None = Field(
        None, description="What a person calls it.", examples=["Oat milk 1 l"]
    )
    category: str | None = Field(None, description="Its category.", examples=["dairy"])
    brand: str | None = Field(None, description="Its brand.", examples=["Alba"])
    price: float | None = Field(
        None, description="Per unit, in the shop's currency.", examples=[1.99]
    )
    currency: str | None = Field(
        None,
        description="ISO 4217 code of the price, where the purchases name one.",
        examples=["EUR"],
    )
    url: str | None = Field(None, description="Its page.", examples=["https://shop.example/p-77"])
    image: str | None = Field(
        None, description="Its picture.", examples=["https://shop.example/p-77.jpg"]
    )


class RecommendedItem(Shown):
    """One item of a list."""

    score: float = Field(
        description="Higher is better. On a known customer's list with nothing else asked, the "
        "estimated probability that the item is bought within 28 days, if the shop's history was "
        "long enough to tell; by profit the same, raised or lowered by the item's margin against "
        "the usual one; with items in view, a filter or new items, comparable within this list "
        "only.",
        examples=[0.83],
    )
    reason: Literal["repeat", "taste", "popular", "goes-with", "alike", "searched", "merchant"] = (
        Field(
            description="Why it is here: bought before; bought by customers with like "
            "baskets; selling well now; bought together with an item of the request, of the cart "
            "or of the latest events; of a kind with an item of the request, or with what this "
            "customer buys; holding the words just searched for; the merchant's own choice.",
            examples=["repeat"],
        )
    )
    explanation: Explanation | None = Field(None, description="With `explain` only.")


class Served(BaseModel):
    """How an answer came about."""

    level: int = Field(
        ge=0,
        le=5,
        description="Where the list came from: 0 the customer's record, 1 the same from the "
        "server's memory, 2 what goes with the items of the request or of the session, 3 what "
        "sells, 5 the merchant's list.",
        examples=[0],
    )
    degraded: bool = Field(
        description="Whether the level might have been better if all were well.", examples=[False]
    )
    personalized: bool = Field(
        description="Whether the answer is about this customer.", examples=[True]
    )
    release: str | None = Field(
        description="The release that answered; none at level 5.", examples=["20171231T120000Z"]
    )


class Said(BaseModel):
    """Something that the customer has said lately."""

    kind: Literal["rating", "satisfaction", "complaint", "thanks"] = Field(
        description="As `POST /feedback` has it.", examples=["complaint"]
    )
    value: int | Literal["opened", "resolved"] | None = Field(
        description="Likewise.", examples=["opened"]
    )
    date: str = Field(description="When, a day of UTC.", examples=["2026-01-31"])
