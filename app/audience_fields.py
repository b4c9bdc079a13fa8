"""What a field of a request for an audience, or for its members, may hold.

An id is made by us, so it has one form. What is exported comes in pages, each with a cursor of its
own, and for a purpose that is noted. All else is as with ``app.fields``.
"""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from app.fields import INTEGER, written
from models.artifacts import audience

AUDIENCE_ID = f"^{audience.ID.pattern}$"
_VISIBLE = (
    r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u3000\ufeff][^\x00-\x1f\x7f-\x9f]*$"
)

AudienceIdPath = Annotated[
    str,
    Path(
        pattern=AUDIENCE_ID,
        description="As the answer to `POST /audiences` named it.",
        examples=["aud_5a0f1c2d3e4b5a0f"],
    ),
]
ExportedParam = Annotated[
    Annotated[int, Field(ge=1, le=10_000), written(INTEGER, int)] | None,
    Field(
        description="How many members one page looks at: who may not be told of is left out, so it "
        "may hold fewer, even none, though more follow. Not given: everybody, in a stream.",
        examples=[1000],
    ),
]
ExportCursor = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`Cartera-Next-Cursor` of the page before, of the same audience and `format`. "
        "Good for a day; once the audience was built anew it is refused with `cursor-expired`.",
    ),
]
Purpose = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=_VISIBLE,
        description="Why, in your words: it is noted with who asks and what was given. Name nobody "
        "in it.",
        examples=["spring campaign, new customers"],
    ),
]
EntriesParam = Annotated[
    Annotated[int, Field(ge=1, le=1000), written(INTEGER, int)],
    Field(description="How many entries at most.", examples=[100]),
]
EntryId = Annotated[
    str | None,
    Field(
        pattern=r"^[0-9]{1,15}-[0-9]{1,15}$",
        description="Only entries older than that of this id: `next` of the page before.",
        examples=["1798761600000-0"],
    ),
]
