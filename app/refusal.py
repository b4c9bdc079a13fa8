"""What a refusal looks like: a problem document (RFC 9457); ``app.errors`` has each kind.

``code`` is stable and made for machines, ``detail`` is made for people; neither repeats what the
caller sent. ``instance`` is a random name of this one occurrence, and stands in the log line too.
No problem may be kept on the way: it may be about somebody, and it may be mended at once.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

MAX_FAULTS = 20
MEDIA_TYPE = "application/problem+json"

EXAMPLE_INSTANCE = "urn:uuid:6a1b2f0e-6d0f-4c43-9a55-0f5f2f6f8f5e"


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(
        description="JSON pointer to the part of the body that is wrong; for a parameter of the "
        "query, its name behind a slash.",
        examples=["/limit"],
    )
    code: str = Field(description="What is wrong, as a stable word.", examples=["out-of-range"])
    detail: str = Field(
        description="What is wrong, for a person; never repeats the value.",
        examples=["input should be less than or equal to 100"],
    )


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(
        description="The kind of problem as a URI; `code` is its last part.",
        examples=["urn:cartera:problem:validation"],
    )
    title: str = Field(description="The kind of problem, in words.", examples=["Invalid request"])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(
        description="What was found, what was expected, what to do.",
        examples=["1 part of the request is not as it should be; see errors"],
    )
    instance: str = Field(
        description="This one occurrence; the server's log line carries the same.",
        examples=[EXAMPLE_INSTANCE],
    )
    code: str = Field(description="The kind, as a stable word.", examples=["validation"])
    retryable: bool = Field(
        description="Whether the same request may succeed later.", examples=[False]
    )
    errors: list[Fault] = Field(
        description=f"Each thing that is wrong, at most {MAX_FAULTS}.", examples=[[]]
    )


class ApiError(HTTPException):
    """The root: a status, a stable code, and a detail in three parts."""

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]
    title: ClassVar[str]
    retryable: ClassVar[bool] = False
    example: ClassVar[str]
    """The detail that the OpenAPI document shows."""

    def __init__(
        self,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(int(self.status), detail, dict(headers or {}))
        self.faults = list(faults[:MAX_FAULTS])
        self.instance = uuid4().urn

    def document(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"urn:cartera:problem:{self.code}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "instance": self.instance,
            "code": self.code,
            "retryable": self.retryable,
            "errors": [fault.model_dump() for fault in self.faults],
        }

    def response(self) -> Response:
        """Return the whole answer."""
        headers = {"Cache-Control": "private, no-store", **(self.headers or {})}
        return Response(
            orjson.dumps(self.document()), int(self.status), headers, media_type=MEDIA_TYPE
        )
