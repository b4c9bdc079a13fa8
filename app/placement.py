"""Where a list is shown, as requests name it.

A list that goes out to a customer, as a mail or an ad, needs their permission, and what tells it is
the name of its placement. So a name that only reads like a contact is refused, with the one to use:
taken for a place on the shop, it would be shown whatever the customer had decided.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from models.shaping.placements import NEAR_CONTACTS, PLACEMENT, contact_meant


def _no_near_contact(placement: str | None) -> str | None:
    meant = contact_meant(placement) if placement is not None else None
    if meant is not None:
        raise PydanticCustomError(
            "near_contact",
            "this reads like a contact and would not be counted as one; call it {meant}, or "
            "{meant}- and more",
            {"meant": meant},
        )
    return placement


Placement = Annotated[
    str | None,
    Field(
        pattern=PLACEMENT,
        description="Where on the shop the list is shown: home, product, cart, category, or a word "
        "of your own; or the contact that it goes out by, where the first word is email, sms, "
        "push, call or ad. Words that only read like a contact are refused as the first: "
        f"{', '.join(NEAR_CONTACTS)}. Where the shop has a policy for it, that says what the "
        "request does not.",
        examples=["home"],
    ),
    AfterValidator(_no_near_contact),
]
