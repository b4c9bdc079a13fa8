"""What a request may weigh, before anybody reads it.

A body of more than 512 KiB is refused by its announced length, or, where none is announced, as
soon as the bytes pass the bound; the connection is then closed, so that the rest need not be
taken. A body is taken as plain ``application/json`` only: a compressed one could be any size
inside. Events may come as ``text/plain`` too, for a page that is left can send nothing else; of
that at most 64 KiB, which is what ``navigator.sendBeacon`` sends, for it must be read before it is
known who sends it. Paths and queries hold no control characters, plain or percent-encoded, so that
no log line can be forged.

Pure ASGI, because ``BaseHTTPMiddleware`` costs more than all the rest of an empty request.
"""

import re
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import errors
from app.notes import noted
from app.refusal import ApiError

MAX_BODY_BYTES = 512 * 1024
MAX_TEXT_BYTES = 64 * 1024
MAX_HEADER_BYTES = 16 * 1024

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_JSON = re.compile(rb'application/json(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
_TEXT = re.compile(rb'text/plain(\s*;\s*charset="?utf-8"?)?\s*', re.IGNORECASE)
_TAKES_TEXT = "/events"
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_HARDENING = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class Limits:
    """Refuses what is too large, of the wrong kind, or has no place in a URL."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body at hand, or answer with the problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        send = hardened(send)
        try:
            length = _checked(scope)
            if scope["method"] in _WITH_BODY or length is None:
                receive = replayed(await _body(receive, _most(scope)), receive)
        except ApiError as problem:
            noted(scope).update(code=problem.code, instance=problem.instance)
            await problem.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def hardened(send: Send) -> Send:
    """Return a ``send`` that tells browsers not to guess what an answer is, nor where it led."""

    async def also(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_HARDENING]
        await send(message)

    return also


def _checked(scope: Scope) -> int | None:
    """Return the announced length of the body, 0 where there is none, None for a chunked one."""
    _check_url(scope["raw_path"])
    _check_url(scope["query_string"])
    length: int | None = 0
    kind, n_bytes = b"", 0
    for name, value in scope["headers"]:
        n_bytes += len(name) + len(value)
        if name == b"content-length":
            length = int(value) if value.isdigit() else 0
        elif name == b"transfer-encoding":
            length = None
        elif name == b"content-type":
            kind = value if not kind else b"two of them"
        elif name == b"content-encoding":
            raise errors.UnsupportedMediaType(
                "the body has a Content-Encoding; send it uncompressed, as application/json",
                headers={"Connection": "close"},
            )
    if n_bytes > MAX_HEADER_BYTES:
        raise errors.HeadersTooLarge(
            f"headers have {n_bytes} bytes together, at most {MAX_HEADER_BYTES} may; send less",
            headers={"Connection": "close"},
        )
    if length is not None and length > (most := _most(scope)):
        raise _too_large(most)
    if length != 0 and scope["method"] in _WITH_BODY and not _is_taken(kind, scope["path"]):
        raise errors.UnsupportedMediaType(
            errors.UnsupportedMediaType.example, headers={"Connection": "close"}
        )
    return length


def is_text(scope: Scope) -> bool:
    """Whether the body is announced as plain text."""
    return any(name == b"content-type" and _TEXT.fullmatch(kind) for name, kind in scope["headers"])


def _most(scope: Scope) -> int:
    """Return how many bytes the body may have."""
    return MAX_TEXT_BYTES if is_text(scope) else MAX_BODY_BYTES


def _is_taken(kind: bytes, path: str) -> bool:
    return bool(_JSON.fullmatch(kind) or (path == _TAKES_TEXT and _TEXT.fullmatch(kind)))


def _check_url(part: bytes) -> None:
    plain = unquote_to_bytes(part) if b"%" in part else part
    if _CONTROL.search(plain):
        raise errors.MalformedUrl(errors.MalformedUrl.example)
    try:
        plain.decode()
    except UnicodeDecodeError:
        raise errors.MalformedUrl("the URL is not UTF-8; percent-encode its bytes") from None


async def _body(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    n_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise errors.MalformedJson("the connection ended inside the body; send it whole")
        chunk = message.get("body", b"")
        n_bytes += len(chunk)
        if n_bytes > most:
            raise _too_large(most)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body in one piece first."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _too_large(most: int) -> ApiError:
    of_text = " of plain text" if most == MAX_TEXT_BYTES else ""
    return errors.BodyTooLarge(
        f"a body{of_text} has at most {most} bytes; send less", headers={"Connection": "close"}
    )
