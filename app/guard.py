"""Finds out who sends a request, before anything is read of it but its headers.

    X-API-Key: pk_…                 a page
    Authorization: Bearer sk_…      a backend
    Authorization: Bearer ct1.…     the page of a signed-in customer, often beside X-API-Key

Where both come both must be good, and who the bearer is counts. Whatever is wrong with a
credential, the answer is the same 401. What is public is listed here, and everything else takes a
credential, whether there is such a path or not; which of them a route takes, it says itself.

While there are no keys at all the server is open to this machine and to nobody else; see
``app.local``. No setting changes that. That there are none, only the store can say: until it has,
nobody is let in.

A publishable key stands in pages that anybody may read, so what keeps it from other shops' pages is
the browser: it says where a page comes from (``Origin``), and the key names the origins that it is
for. Only those may read an answer (CORS). Where no publishable key came, or none that is good, any
page of the shop may: it must be able to read that its customer's token has expired.
"""

from typing import NamedTuple

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import errors
from app.caller import IN_BODY, LOCAL, NOBODY, OPEN, Caller, call_by, called
from app.deps import Server
from app.errors import InvalidCredentials
from app.limits import hardened
from app.local import FORWARDED, is_loopback, is_page_of_this_machine, names_this_machine
from app.notes import noted
from app.refusal import ApiError
from models.credentials import token

PUBLIC = frozenset({"/livez", "/readyz", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
PUBLIC_FILES = "/static-offline-docs/"
"""What the page of the documents is made of."""
LOCALLY = "/metrics"
"""This machine needs no credential for it."""
IN_BODIES = ("POST", "/events")
"""A page that is left can send no headers; its credential stands in a body of plain text."""

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "DELETE, GET, POST, PUT",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, If-Match, If-None-Match, X-API-Key"
    ),
    "Access-Control-Max-Age": "600",
}
_VARY = (b"vary", b"Origin")
_EXPOSED = (b"access-control-expose-headers", b"ETag, Retry-After")


class Guard:
    """Lets in whoever holds a key, and this machine while there is none."""

    def __init__(self, app: ASGIApp, *, server: Server) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its caller noted, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        came = _came(scope)
        if came.origin is not None and self._server.credentials.exist:
            send = self._shared(scope, came.origin, send)
            if came.asks_first and scope["method"] == "OPTIONS":
                await self._preflight(came.origin)(scope, receive, hardened(send))
                return
        try:
            _let_in(self._server, scope, came)
        except ApiError as problem:
            noted(scope).update(code=problem.code, instance=problem.instance)
            await problem.response()(scope, receive, hardened(send))
            return
        await self._app(scope, receive, send)

    def _preflight(self, origin: str) -> Response:
        if origin in self._server.credentials.origins:
            return Response(status_code=204, headers=_PREFLIGHT)
        return errors.InsufficientScope(_OTHER_PAGES).response()

    def _shared(self, scope: Scope, origin: str, send: Send) -> Send:
        """Return a ``send`` that lets the pages of the shop, and no others, read the answer."""

        async def also(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _VARY]
                if origin in self._readers(called(scope)):
                    told = (b"access-control-allow-origin", origin.encode("latin-1"))
                    message["headers"] += [told, _EXPOSED]
            await send(message)

        return also

    def _readers(self, caller: Caller) -> frozenset[str]:
        if caller.kind == "secret":
            return frozenset()
        return caller.origins if caller.origins is not None else self._server.credentials.origins


def let_in_by_body(
    server: Server, scope: Scope, *, api_key: str | None, bearer: str | None
) -> Caller:
    """Return who sent a request whose credential stands in its body; as if it were in its headers.

    A secret key has no business where pages put theirs, so it is none there.

    Raises:
        InvalidCredentials: It is not good, or there is none.
        InsufficientScope: It is a publishable key, and the page is of another origin.
        RateLimited: Too many came.
    """
    is_ours = bearer is None or bearer.startswith(token.PREFIX)
    came = _came(scope)._replace(api_key=api_key, bearer=bearer if is_ours else "")
    return _holder(server, scope, came)


class _Came(NamedTuple):
    """What the headers say of the caller."""

    api_key: str | None
    bearer: str | None
    """Empty where the header is none of ours or came twice: no credential is empty."""
    origin: str | None
    host: bytes | None
    is_text: bool
    asks_first: bool
    is_forwarded: bool
    is_cross_site: bool


def _came(scope: Scope) -> _Came:
    api_key = bearer = origin = host = None
    is_text = asks_first = is_forwarded = is_cross_site = False
    for name, value in scope["headers"]:
        if name == b"host":
            host = value if host is None else b""
        elif name == b"authorization":
            scheme, _, rest = value.partition(b" ")
            is_ours = bearer is None and scheme.lower() == b"bearer"
            bearer = rest.decode("latin-1") if is_ours else ""
        elif name == b"x-api-key":
            api_key = value.decode("latin-1") if api_key is None else ""
        elif name == b"origin":
            origin = value.decode("latin-1")
        elif name == b"content-type":
            is_text = value.lower().startswith(b"text/plain")
        elif name == b"access-control-request-method":
            asks_first = True
        elif name == b"sec-fetch-site":
            is_cross_site = value == b"cross-site"
        elif name in FORWARDED:
            is_forwarded = True
    return _Came(api_key, bearer, origin, host, is_text, asks_first, is_forwarded, is_cross_site)


def _let_in(server: Server, scope: Scope, came: _Came) -> None:
    """Note who calls.

    Raises:
        ApiError: They may not.
    """
    path, came_bare = scope["path"], came.api_key is None and came.bearer is None
    keys = server.credentials
    if not keys.exist and keys.answered:
        call_by(scope, _neighbour(scope, came))
    elif _is_public(path):
        call_by(scope, NOBODY)
    elif came_bare and path == LOCALLY and _is_near(scope, came) and _means_us(came):
        call_by(scope, LOCAL)
    elif not keys.exist:
        raise errors.NotReady("the store has not said yet which keys there are; ask again")
    elif came_bare and came.is_text and (scope["method"], path) == IN_BODIES:
        server.rates.check(IN_BODY, _address(scope))
        call_by(scope, IN_BODY)
    else:
        _holder(server, scope, came)


def _neighbour(scope: Scope, came: _Came) -> Caller:
    """Let in this machine, where there are no keys."""
    if not _means_us(came):
        raise errors.UnknownHost(errors.UnknownHost.example, headers={"Connection": "close"})
    if not _is_near(scope, came):
        raise errors.InsufficientScope(
            "there are no keys yet, so this machine alone is answered, and no proxy on it; make "
            "one with `cartera keys create`"
        )
    if not (_is_public(scope["path"]) or _is_of_our_page(came)):
        raise errors.InsufficientScope(
            "there are no keys yet, so only pages of this machine are answered; make one with "
            "`cartera keys create --kind publishable --origin …`"
        )
    return OPEN


def _holder(server: Server, scope: Scope, came: _Came) -> Caller:
    """Let in whoever holds a key or a token, and note who it is."""
    address, was_counted = _address(scope), called(scope) is IN_BODY
    try:
        caller = server.credentials.caller_of(api_key=came.api_key, bearer=came.bearer)
    except InvalidCredentials:
        server.rates.check_refused(address)
        raise
    call_by(scope, caller)  # a refusal from here on is for the pages of this key to read
    server.rates.check(caller, None if was_counted else address)
    if None not in (came.origin, caller.origins) and came.origin not in (caller.origins or ()):
        raise errors.InsufficientScope(_OTHER_PAGES)
    return caller


_OTHER_PAGES = (
    "no publishable key that came is for pages of this origin; make one with `cartera keys create "
    "--kind publishable --origin …`"
)


def _is_public(path: str) -> bool:
    return path in PUBLIC or path.startswith(PUBLIC_FILES)


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _is_near(scope: Scope, came: _Came) -> bool:
    return not came.is_forwarded and is_loopback(_address(scope))


def _is_of_our_page(came: _Came) -> bool:
    """Whether no page sent it, or one that this machine serves."""
    return not came.is_cross_site and (came.origin is None or is_page_of_this_machine(came.origin))


def _means_us(came: _Came) -> bool:
    """Whether ``Host`` names this machine; whoever sends none is no browser."""
    return came.host is None or names_this_machine(came.host)
