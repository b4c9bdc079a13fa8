"""Everything a caller can be refused for, as RFC 9457 problem documents.

    ApiError
    ├── 400  MalformedJson  MalformedUrl
    ├── 401  InvalidCredentials
    ├── 403  InsufficientScope  SubjectMismatch
    ├── 404  NotFound  UnknownCustomer  UnknownSegment  UnknownAudience  CustomersNotKnown
    ├── 405  MethodNotAllowed
    ├── 406  NotAcceptable
    ├── 409  Conflict
    ├── 410  CursorExpired
    ├── 412  PreconditionFailed
    ├── 413  BodyTooLarge
    ├── 415  UnsupportedMediaType
    ├── 421  UnknownHost
    ├── 422  InvalidRequest  NoMargins
    ├── 428  PreconditionRequired
    ├── 429  RateLimited
    ├── 431  HeadersTooLarge
    ├── 500  InternalError
    └── 503  NotReady  NotDurable

``app.refusal`` says how each of them is told.
"""

from http import HTTPStatus
from typing import Any

from app.refusal import EXAMPLE_INSTANCE, MEDIA_TYPE, ApiError


class MalformedJson(ApiError):
    """The body is not one JSON text."""

    status, code, title = HTTPStatus.BAD_REQUEST, "malformed-json", "Malformed JSON"
    example = "the body is not JSON from byte 17 on; send one JSON text in UTF-8"


class MalformedUrl(ApiError):
    """The path or the query holds bytes that no URL of ours has."""

    status, code, title = HTTPStatus.BAD_REQUEST, "malformed-url", "Malformed URL"
    example = "the URL holds a control character; leave it out"


class InvalidCredentials(ApiError):
    """There is no credential, or it is none of ours, or no longer: which, is not said."""

    status, code, title = HTTPStatus.UNAUTHORIZED, "invalid-credentials", "Invalid credentials"
    example = (
        "no valid credential came with the request; send X-API-Key: pk_… or Authorization: Bearer "
        "with a secret key or a customer token"
    )

    def __init__(self, detail: str = example) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class SubjectMismatch(ApiError):
    """The request is about somebody else than the credential is for; nothing was read."""

    status, code, title = HTTPStatus.FORBIDDEN, "subject-mismatch", "Subject mismatch"
    example = (
        "the request names a customer or visitor that this credential does not speak for; a page "
        "of a signed-in customer sends that customer's token"
    )


class InsufficientScope(ApiError):
    """The caller may not see this."""

    status, code, title = HTTPStatus.FORBIDDEN, "insufficient-scope", "Insufficient scope"
    example = "metrics are answered on the loopback interface only"


class NotFound(ApiError):
    """There is nothing at this path."""

    status, code, title = HTTPStatus.NOT_FOUND, "not-found", "Not found"
    example = "nothing is at this path; /docs lists what there is"


class UnknownCustomer(ApiError):
    """The release knows nobody of this id."""

    status, code, title = HTTPStatus.NOT_FOUND, "unknown-customer", "Unknown customer"
    example = "the release knows no customer of this id; a new one is known after the next training"


class UnknownSegment(ApiError):
    """The release has no group of this name."""

    status, code, title = HTTPStatus.NOT_FOUND, "unknown-segment", "Unknown segment"
    example = "the release has no group of this name; GET /segments lists what there is"


class UnknownAudience(ApiError):
    """There is no audience of this id, or no longer."""

    status, code, title = HTTPStatus.NOT_FOUND, "unknown-audience", "Unknown audience"
    example = "there is no audience of this id; GET /audiences lists what there is"


class CustomersNotKnown(ApiError):
    """The release was trained before customers were known."""

    status, code, title = HTTPStatus.NOT_FOUND, "customers-not-known", "Customers not known"
    example = (
        "the release that answers was trained before customers were known; train and publish a "
        "new one"
    )


class NotAcceptable(ApiError):
    """The answer is not to be had in what the caller accepts."""

    status, code, title = HTTPStatus.NOT_ACCEPTABLE, "not-acceptable", "Not acceptable"
    example = (
        "members are given as application/x-ndjson, text/csv or application/vnd.apache.parquet"
    )


class Conflict(ApiError):
    """What is there already stands against it."""

    status, code, title = HTTPStatus.CONFLICT, "conflict", "Conflict"
    example = "this visitor was joined to another customer before; undo that first"


class CursorExpired(ApiError):
    """The cursor belongs to a release that no longer answers, or the store was restarted."""

    status, code, title = HTTPStatus.GONE, "cursor-expired", "Cursor expired"
    example = "another release answers now, with other groups; ask again without a cursor"


class PreconditionFailed(ApiError):
    """Somebody changed it since the caller read it."""

    status, code = HTTPStatus.PRECONDITION_FAILED, "precondition-failed"
    title = "Precondition failed"
    example = "If-Match names another state than the present one; read it again, then put"


class PreconditionRequired(ApiError):
    """Without If-Match the caller might undo somebody else's change unseen."""

    status, code = HTTPStatus.PRECONDITION_REQUIRED, "precondition-required"
    title = "Precondition required"
    example = "this needs If-Match with the ETag of the last GET; for the first time, If-Match: *"


class RateLimited(ApiError):
    """More requests than this caller may send."""

    status, code, title = HTTPStatus.TOO_MANY_REQUESTS, "rate-limited", "Rate limited"
    retryable = True
    example = "more requests came than this credential may send; wait as Retry-After says"

    def __init__(self, detail: str = example, *, retry_after_s: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_s)})


class MethodNotAllowed(ApiError):
    """The path is known, the method is not."""

    status, code = HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"
    title, example = "Method not allowed", "this path takes GET, POST"


class BodyTooLarge(ApiError):
    """More bytes than any request needs."""

    status, code, title = HTTPStatus(413), "body-too-large", "Body too large"
    example = "a body has at most 524288 bytes; send less"


class UnsupportedMediaType(ApiError):
    """The body is not announced as plain JSON."""

    status, code = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"
    title = "Unsupported media type"
    example = "a body is taken as application/json in UTF-8; say so in Content-Type"


class UnknownHost(ApiError):
    """The caller means another server than this one, which answers as ``localhost`` only."""

    status, code, title = HTTPStatus.MISDIRECTED_REQUEST, "unknown-host", "Unknown host"
    example = "Host names another server; ask for localhost or a loopback address"


class InvalidRequest(ApiError):
    """The request is well formed and breaks a rule."""

    status, code, title = HTTPStatus(422), "validation", "Invalid request"
    example = "1 part of the request is not as it should be; see errors"


class NoMargins(ApiError):
    """Profit was asked of a release that knows no margin."""

    status, code, title = HTTPStatus(422), "no-margins", "No margins"
    example = "the release knows no item's margin, which ranking by profit needs"


class HeadersTooLarge(ApiError):
    """More headers than any caller of ours needs."""

    status, code = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large"
    title, example = "Headers too large", "headers have at most 16384 bytes together; send less"


class InternalError(ApiError):
    """A fault of ours: the log knows it by ``instance``, the caller is told no more."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error"
    title, retryable = "Internal error", True
    example = "something failed here; give the instance to whoever runs this server"


class NotReady(ApiError):
    """What the answer needs is not at hand: a release, or the store."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not ready"
    retryable = True
    example = "no release is loaded; publish one with `cartera train`"

    def __init__(self, detail: str = example) -> None:
        super().__init__(detail, headers={"Retry-After": "2"})


class NotDurable(ApiError):
    """Not all that was sent could be kept; some may be stored. The same ids make a retry safe."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "not-durable", "Not durable"
    retryable = True
    example = "the store does not take it now; send the same again, with the same ids"

    def __init__(self, detail: str = example) -> None:
        super().__init__(detail, headers={"Retry-After": "2"})


COMMON = (
    MalformedUrl,
    InvalidCredentials,
    InsufficientScope,
    UnknownHost,
    RateLimited,
    HeadersTooLarge,
    InvalidRequest,
    InternalError,
)
"""What every route may answer."""
WITH_BODY = (MalformedJson, BodyTooLarge, UnsupportedMediaType)
"""What every route with a body may answer besides."""


def documented(*kinds: type[ApiError]) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that may answer with ``kinds`` and the common ones."""
    answers: dict[int | str, dict[str, Any]] = {}
    every: tuple[type[ApiError], ...] = (*kinds, *COMMON)
    for kind in every:
        answer = answers.setdefault(
            int(kind.status),
            {
                "description": "",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/Problem"},
                        "examples": {},
                    }
                },
            },
        )
        answer["description"] = f"{answer['description']} {kind.__doc__}".strip()
        example = kind(kind.example).document() | {"instance": EXAMPLE_INSTANCE}
        answer["content"][MEDIA_TYPE]["examples"][kind.code] = {"value": example}
        if kind in {NotReady, NotDurable, RateLimited}:
            answer["headers"] = {
                "Retry-After": {
                    "description": "Seconds after which to ask again.",
                    "schema": {"type": "integer"},
                }
            }
    return answers
