"""Answers that a caller may have already: entity tags (RFC 9110, sections 8.8.3 and 13.1.2).

A tag is a digest of the answer itself, so it is strong: equal tags are equal bytes.
"""

from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Header
from starlette.responses import Response

_TAG = {"description": "Changes with the answer.", "schema": {"type": "string"}}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": _TAG}},
    304: {"description": "The caller has this answer already.", "headers": {"ETag": _TAG}},
}
"""For the ``responses`` of a route whose answers have tags."""

IfNoneMatch = Annotated[
    str | None,
    Header(
        max_length=4096,
        description="The `ETag` of the answer that the caller has: if it is still the answer, 304 "
        "comes without a body.",
        examples=['"5a0f1c2d3e4b5a0f1c2d3e4b"'],
    ),
]


def private(content: bytes, if_none_match: str | None) -> Response:
    """Return an answer about somebody, which nobody on the way may keep."""
    return _answered(content, if_none_match, cache="private, no-store")


def public(content: bytes, if_none_match: str | None) -> Response:
    """Return an answer about the shop."""
    return _answered(content, if_none_match, cache="no-cache")


def _answered(content: bytes, if_none_match: str | None, *, cache: str) -> Response:
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": cache}
    if if_none_match is not None and _names(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


def _names(if_none_match: str, tag: str) -> bool:
    """Whether a list of tags names ours; weak ones are compared as if they were strong."""
    named = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return bool(named & {tag, "*"})
