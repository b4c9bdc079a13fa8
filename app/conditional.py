"""Answers that a caller may have already: entity tags (RFC 9110, sections 8.8.3, 13.1.1, 13.1.2).

A tag is a digest of the answer itself, or of what the answer is made from, so it is strong: equal
tags are equal bytes.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Header
from pydantic import WithJsonSchema
from starlette.responses import Response

_TAG_TEXT = re.compile(r'"[\x21\x23-\x2b\x2d-\x7e]+"')
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

IfMatch = Annotated[
    list[str] | None,
    WithJsonSchema({"type": "string"}),
    Header(
        description="The `ETag` of the state that the caller has read and means to replace, or "
        "several; `*`, alone, for whatever the state is. Needed: without it the answer is 428, and "
        "412 where the state is another by now.",
        examples=['"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"', "*"],
    ),
]


def tagged(
    answer: Response, if_none_match: Sequence[str] | None, *, tag: str | None = None
) -> Response:
    """Return an answer with its tag, or in its place that the caller has it.

    Args:
        answer: Whole, and saying who may keep it.
        if_none_match: The header's lines, each a list of tags; what is no tag names no answer.
        tag: Without quotes; None for a digest of the answer.
    """
    tag = f'"{tag or blake2b(answer.body, digest_size=12).hexdigest()}"'
    answer.headers["ETag"] = tag
    if if_none_match is None or not _names(if_none_match, tag):
        return answer
    kept = {name: answer.headers[name] for name in ("ETag", "Cache-Control")}
    return Response(status_code=304, headers=kept)


def named(if_match: Sequence[str]) -> list[str]:
    """Return the tags of the lines of ``If-Match``, quotes and all, and ``*`` for any.

    Weak tags are left out, for they may be of other bytes (section 13.1.1); so is what is no tag,
    as a ``*`` that does not stand alone.
    """
    found = _listed(if_match)
    return found if found == ["*"] else [one for one in found if _TAG_TEXT.fullmatch(one)]


def _names(if_none_match: Sequence[str], tag: str) -> bool:
    """Whether lists of tags name ours; weak ones are compared as if they were strong."""
    found = _listed(if_none_match)
    return found == ["*"] or tag in {one.removeprefix("W/") for one in found}


def _listed(lines: Sequence[str]) -> list[str]:
    """Return the members of a list that may go over several lines; empty ones count for nothing."""
    return [member for line in lines for one in line.split(",") if (member := one.strip())]
