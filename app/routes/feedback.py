"""What customers say: ``/feedback``."""

import time
from hashlib import blake2b
from typing import Annotated, Literal
from uuid import uuid4

import orjson
from fastapi import APIRouter, Header
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app import answer, fields
from app.asked import Subject
from app.caller import Caller, CallerDep, needs
from app.deps import ServerDep
from app.errors import WITH_BODY, InvalidRequest, NotDurable, SubjectMismatch, documented
from app.events.times import AHEAD_MS, in_ms
from app.refusal import Fault
from app.strict import StrictRoute
from models.artifacts.event import FEEDBACK, Consent, Event, Feedback, Line

router = APIRouter(route_class=StrictRoute, tags=["events"])

_OBJECTS = Consent(ads=False, sale_opt_out=True)
"""What ``Sec-GPC: 1`` says."""


class About(BaseModel):
    """What the customer speaks of; nothing is the shop as a whole."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    item_id: fields.Text | None = Field(
        default=None,
        description="An item; needed for `rating` and `not_interested`.",
        examples=["p-77"],
    )
    offer_id: fields.Text | None = Field(default=None, description="An offer.", examples=["of-3"])
    recommendation_id: fields.Text | None = Field(
        default=None,
        description="The answer that showed it, as that answer says.",
        examples=["01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d"],
    )


def _value(said: object) -> int | str | None:
    if said is None or said in ("opened", "resolved"):
        return said
    if isinstance(said, int | float) and not isinstance(said, bool) and said in range(1, 6):
        return int(said)
    raise PydanticCustomError("feedback_value", "a value is 1 to 5, whole, or opened or resolved")


class FeedbackRequest(Subject):
    """One thing that a customer or visitor said."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"customer_id": "c-1042", "kind": "satisfaction", "value": 4},
                {"customer_id": "c-1042", "kind": "not_interested", "about": {"item_id": "p-77"}},
                {
                    "customer_id": "c-1042",
                    "kind": "complaint",
                    "value": "opened",
                    "text": "The box came open.",
                    "event_id": "t-311-opened",
                },
            ]
        }
    )

    kind: Literal["rating", "satisfaction", "complaint", "not_interested", "thanks"] = Field(
        description="`rating` of an item; `satisfaction` with the shop; a `complaint`, which is "
        "open until it is resolved; `not_interested`: the item is not shown again for half a year; "
        "`thanks`.",
        examples=["satisfaction"],
    )
    about: About = Field(default=About(), description="What it is about.")
    value: Annotated[
        int | str | None,
        PlainValidator(_value),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "integer", "minimum": 1, "maximum": 5},
                    {"type": "string", "enum": ["opened", "resolved"]},
                    {"type": "null"},
                ]
            }
        ),
    ] = Field(
        default=None,
        description="Of a rating or of satisfaction 1, worst, to 5, best; of a complaint `opened` "
        "or `resolved`; of the others nothing.",
        examples=[4],
    )
    text: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=2000,
                pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$",
            ),
        ]
        | None
    ) = Field(
        default=None,
        description="In their own words, for people to read.",
        examples=["Fast, and fresh."],
    )
    event_id: fields.Text | None = Field(
        default=None,
        description="Its own id: of feedback of one id and subject the first counts, for 7 days at "
        "least. Absent, it is made from the content where that has a timestamp; where it has none "
        "either, the same feedback sent again counts again, for a complaint may be opened twice.",
        examples=["t-311-opened"],
    )
    timestamp: Annotated[
        int | None, PlainValidator(in_ms, json_schema_input_type=str | float | None)
    ] = Field(
        default=None,
        description="When: RFC 3339 with an offset, or seconds, milliseconds or microseconds since "
        "1970, told apart by size. At most 5 minutes ahead; absent is now.",
        examples=["2026-01-31T18:04:05+01:00"],
    )

    @model_validator(mode="after")
    def _fits_the_kind(self) -> "FeedbackRequest":
        if self.kind in ("rating", "not_interested") and self.about.item_id is None:
            raise PydanticCustomError(
                "missing_item",
                "a rating and not_interested are about an item; name it",
                {"pointer": "/about/item_id"},
            )
        if self.kind in ("rating", "satisfaction"):
            fits, expected = isinstance(self.value, int), "1 to 5"
        elif self.kind == "complaint":
            fits, expected = isinstance(self.value, str), "opened or resolved"
        else:
            fits, expected = self.value is None, "none"
        if not fits:
            raise PydanticCustomError(
                "value_of_kind",
                "the value does not fit the kind; expected {expected}",
                {"pointer": "/value", "expected": expected},
            )
        return self


class AcceptedResponse(BaseModel):
    """What became of the feedback."""

    accepted: int = Field(description="1 where it was new, and is stored.", examples=[1])
    duplicates: int = Field(description="1 where it was sent before.", examples=[0])


SecGpc = Annotated[
    str | None,
    Header(
        alias="Sec-GPC",
        description="`1` where the customer objects to the sale of their data (Global Privacy "
        "Control).",
        examples=["1"],
    ),
]


@router.post(
    "/feedback",
    operation_id="post_feedback",
    status_code=202,
    dependencies=[needs("events", token=True)],
    response_model=AcceptedResponse,
    responses=documented(*WITH_BODY, NotDurable, SubjectMismatch),
)
async def post_feedback(
    said: FeedbackRequest, server: ServerDep, caller: CallerDep, sec_gpc: SecGpc = None
) -> Response:
    """Take down what a customer said; the very next answer heeds it.

    How satisfied they are moves at once, and what they are not interested in is gone.
    """
    consent = _OBJECTS if sec_gpc == "1" else Consent()
    (is_new,) = await server.ingest.accept([_event(said, caller, consent)])
    told = {"accepted": int(is_new), "duplicates": int(not is_new)}
    taken = answer.private(orjson.dumps(told))
    taken.status_code = 202
    return taken


def _event(said: FeedbackRequest, caller: Caller, consent: Consent) -> Event:
    """Return what was said as an event.

    Raises:
        SubjectMismatch: A token speaks for another than its own customer and visitor.
        InvalidRequest: Nobody is named, or it was said in the future.
    """
    customer_id, anonymous_id = _whose(said, caller)
    now = int(time.time() * 1000)
    at_ms = now if said.timestamp is None else said.timestamp
    if at_ms > now + AHEAD_MS:
        raise _refused(
            "/timestamp", "in-the-future", "the time is more than 5 minutes ahead; check it"
        )
    about = said.about
    return Event(
        event=FEEDBACK,
        event_id=said.event_id if said.event_id is not None else _made_id(said),
        at_ms=at_ms,
        source="backend" if caller.is_backend else "page",
        customer_id=customer_id,
        anonymous_id=anonymous_id,
        items=() if about.item_id is None else (Line(item_id=about.item_id),),
        offer_id=about.offer_id,
        recommendation_id=about.recommendation_id,
        feedback=Feedback(kind=said.kind, value=said.value, text=said.text),
        consent=consent,
    )


def _whose(said: FeedbackRequest, caller: Caller) -> tuple[str | None, str | None]:
    """Return the customer and the visitor."""
    caller.check_customer(said.customer)
    if caller.kind == "token":
        if said.anonymous_id not in (None, caller.anonymous_id):
            raise SubjectMismatch(SubjectMismatch.example)
        return caller.customer_id, said.anonymous_id
    if said.customer is None and said.anonymous_id is None:
        raise _refused(
            "/customer_id", "missing-subject", "nobody is named; name customer_id or anonymous_id"
        )
    return said.customer, said.anonymous_id


def _made_id(said: FeedbackRequest) -> str:
    """Return an id that is the same for the same content, and says nothing of it.

    What has no time may be said again and be meant again, so it has an id of its own each time.
    """
    if said.timestamp is None:
        return f"made-{uuid4().hex}"
    parts = said.model_dump(mode="json", exclude={"customer_id", "user_id", "anonymous_id"})
    return f"made-{blake2b(orjson.dumps(parts), digest_size=12).hexdigest()}"


def _refused(pointer: str, code: str, detail: str) -> InvalidRequest:
    return InvalidRequest(
        InvalidRequest.example, faults=[Fault(pointer=pointer, code=code, detail=detail)]
    )
