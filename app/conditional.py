"""Answers that a caller may have already: entity tags (RFC 9110, sections 8.8.3 and 13.1.2).

A tag is a digest of the answer itself, so it is strong: equal tags are equal bytes.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Header
from pydantic import WithJsonSchema
from starlette.responses import Response

_TAG = {"description": "Changes with the answer.", "schema": {"type": "string"}}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": _TAG}},
    304: {"description": "The caller has this answer already.", "headers": {"ETag": _TAG}},
}
"""For the ``responses`` of a route whose answers have tags."""

IfNoneMatch = Annotated[
    list[str] | None,  # one for each line; the document has a header as the text of all
    WithJsonSchema({"type": "string"}),
    Header(
        description="The `ETag` of the answer that the caller has, or several: if it is still the "
        "answer, 304 comes without a body.",
        examples=['"5a0f1c2d3e4b5a0f1c2d3e4b"'],
    ),
]


def tagged(answer: Response, if_none_match: Sequence[str] | None) -> Response:
    """Return an answer with its tag, or in its place that the caller has it.

    Args:
        answer: Whole, and saying who may keep it.
        if_none_match: The header's lines, each a list of tags; what is no tag names no answer.
    """
    tag = f'"{blake2b(answer.body, digest_size=12).hexdigest()}"'
    answer.headers["ETag"] = tag
    if if_none_match is None or not _names(if_none_match, tag):
        return answer
    kept = {name: answer.headers[name] for name in ("ETag", "Cache-Control")}
    return Response(status_code=304, headers=kept)


def _names(if_none_match: Sequence[str], tag: str) -> bool:
    """Whether lists of tags name ours; weak ones are compared as if they were strong."""
    named = {one.strip().removeprefix("W/") for line in if_none_match for one in line.split(",")}
    return bool(named & {tag, "*"})
