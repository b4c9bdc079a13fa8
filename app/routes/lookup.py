"""What a bidder may know of somebody, in the milliseconds of an auction: ``/segments/lookup``."""

import time
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app import answer, fields
from app.caller import needs
from app.deps import ServerDep
from app.errors import WITH_BODY, NotReady, documented
from app.lookup import MOST_AUDIENCES, Told, deadline_s, look_up
from app.notes import NotesDep
from app.strict import StrictRoute
from models.consent.signals import Signals

router = APIRouter(route_class=StrictRoute, tags=["audiences"])

_MOST_IDS = 20
_LONGEST = 8192
Flag = Annotated[int, Field(ge=0, le=1), BeforeValidator(fields.whole)]
SectionNumber = Annotated[int, Field(ge=-1, le=4095), BeforeValidator(fields.whole)]
Consent = Annotated[str, Field(max_length=_LONGEST)]
_MOST_MEMBERS = 50
_TCF = "CPXxRfAQtAQoAAfKABENB-EgALAAAAAAAAYgABqAAagAA"
_GPP = "DBABLA~BVQqAAAAAgA.QA"
Sections = Annotated[
    list[SectionNumber] | None,
    Field(
        max_length=100,
        description="Which sections of the GPP strings are to be applied, each of which must be "
        "there; `-1` for none, `0` where that is not known. Not given: all that are there.",
        examples=[[7]],
    ),
]


class RegsExt(BaseModel):
    """What stood in `regs.ext` before OpenRTB 2.6. An exchange's own members are not looked at."""

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        json_schema_extra={"maxProperties": _MOST_MEMBERS},
    )

    gdpr: Flag | None = Field(default=None, description="As `regs.gdpr`.", examples=[1])
    us_privacy: Consent | None = Field(
        default=None, description="As `regs.us_privacy`.", examples=["1YNN"]
    )
    gpp: Consent | None = Field(default=None, description="As `regs.gpp`.", examples=[_GPP])
    gpp_sid: Sections = None
    gpc: Annotated[str, Field(max_length=16)] | Flag | None = Field(
        default=None,
        description="Whether the browser sends `Sec-GPC`; anything but `0` is no.",
        examples=["1"],
    )

    @model_validator(mode="before")
    @classmethod
    def _is_short(cls, said: object) -> object:
        if isinstance(said, Mapping) and len(said) > _MOST_MEMBERS:
            raise PydanticCustomError(
                "too_many_members", f"regs.ext has at most {_MOST_MEMBERS} members; leave some out"
            )
        return said


class Regs(BaseModel):
    """Which laws apply, as OpenRTB 2.6 has it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    coppa: Flag | None = Field(
        default=None,
        description="1 where the person may be a child: then nothing is told.",
        examples=[0],
    )
    gdpr: Flag | None = Field(
        default=None,
        description="1 where the GDPR applies: then a TC string must be there, as `consent` or in "
        "a GPP string.",
        examples=[1],
    )
    us_privacy: Consent | None = Field(
        default=None, description="The US privacy string.", examples=["1YNN"]
    )
    gpp: Consent | None = Field(default=None, description="As `gpp` of the body.", examples=[_GPP])
    gpp_sid: Sections = None
    ext: RegsExt | None = Field(default=None, description="What senders of OpenRTB 2.5 put there.")


class LookupRequest(BaseModel):
    """Whom a bid request is about, and what it says of their consent."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"ids": ["c-1042", "v-5f0c"], "consent": _TCF, "regs": {"gdpr": 1}}]
        },
    )

    ids: list[fields.Text] = Field(
        min_length=1,
        max_length=_MOST_IDS,
        description="Names of one person: ids of customers, or of visitors who were joined to one. "
        "Unknown ones count for nothing.",
        examples=[["c-1042", "v-5f0c"]],
    )
    consent: Consent | None = Field(
        default=None,
        description="The TC string of the person (TCF 2), which must give consent to purposes 1, 3 "
        "and 4, and have been updated in the last 13 months. Leave it out where there is none: an "
        "empty text is one that cannot be read.",
        examples=[_TCF],
    )
    gpp: Consent | None = Field(
        default=None,
        description="The string of the Global Privacy Platform. Read are its sections 2, 6 and 7 "
        "to 23; any other that is to be applied is no.",
        examples=[_GPP],
    )
    regs: Regs | None = Field(default=None, description="Which laws apply, as OpenRTB 2.6 has it.")

    @property
    def signals(self) -> Signals:
        """All that is said of consent, wherever it stands."""
        now_ms = time.time_ns() // 1_000_000
        if self.regs is None:
            return Signals(now_ms=now_ms, tcf=_given(self.consent), gpp=_given(self.gpp))
        regs, ext = self.regs, self.regs.ext or RegsExt()
        return Signals(
            now_ms=now_ms,
            is_for_child=regs.coppa == 1,
            is_under_gdpr=1 in (regs.gdpr, ext.gdpr),
            objects_by_browser=ext.gpc not in (None, 0, "0"),
            tcf=_given(self.consent),
            us_privacy=_given(regs.us_privacy, ext.us_privacy),
            gpp=_given(self.gpp, regs.gpp, ext.gpp),
            sections=frozenset((*(regs.gpp_sid or ()), *(ext.gpp_sid or ()))),
        )


class BidSegment(BaseModel):
    """One thing that may be known of somebody."""

    id: str = Field(
        description="`tier`, `stage`, `segment` or `portfolio`, or the id of an audience.",
        examples=["tier"],
    )
    value: str = Field(
        description="The `name` of the group in `GET /segments`, or how well they fit the "
        "audience, 0 to 100.",
        examples=["high"],
    )


class BidData(BaseModel):
    """What we know of somebody."""

    id: str = Field(description="Who says so: `cartera`.", examples=["cartera"])
    name: str = Field(description="The same for a person.", examples=["Cartera"])
    segment: list[BidSegment] = Field(
        description="Groups first, then audiences, the best fit first: the best "
        f"{MOST_AUDIENCES} of them.",
        examples=[[{"id": "tier", "value": "high"}, {"id": "aud_5a0f1c2d3e4b5a0f", "value": "93"}]],
    )


class BidUser(BaseModel):
    """Whom the auction is about."""

    data: list[BidData] = Field(description="One member: ours.")


class LookupResponse(BaseModel):
    """A part of an OpenRTB 2.6 bid request, to be taken into it."""

    user: BidUser = Field(description="As OpenRTB has it.")


@router.post(
    "/segments/lookup",
    operation_id="look_up_segments",
    dependencies=[needs("segments")],
    response_model=LookupResponse,
    responses=documented(*WITH_BODY, NotReady)
    | {204: {"description": "There is nothing to tell, or nothing may be told, or not in time."}},
)
async def look_up_segments(asked: LookupRequest, server: ServerDep, notes: NotesDep) -> Response:
    """Return groups and audiences of one person, for a bidder; 204 where there are none to tell.

    Told is only what may be: the customer has consented to ads themselves, nothing that they or
    their browser said since speaks against it, and neither does the request. A string that cannot
    be read is no, and so are a store that does not answer and 8 ms that have passed.
    """
    until_s = deadline_s()
    if asked.signals.permit:
        told = await look_up(server, asked.ids, until_s=until_s)
    else:
        told = Told(None, "refused")
    server.metrics.looked_up(told.outcome)
    notes.update(ids=len(asked.ids), outcome=told.outcome)
    if told.content is None:
        return Response(status_code=204, headers={"Cache-Control": "private, no-store"})
    return answer.private(told.content)


def _given(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text is not None))
