"""Who calls, and what a route asks of them.

    open         no keys are configured, so loopback is the wall: everything
    publishable  a page: what concerns visitors
    token        the page of a signed-in customer: what concerns them
    secret       a backend: what its scopes name
    local        nobody that we know, on this machine: the metrics
    in-body      whoever the body says: only a route that looks there may let them in
    nobody       whoever: what is public

A route states its ``needs`` where it is declared; ``app.guard`` has found out who calls before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, params
from starlette.requests import Request
from starlette.types import Scope

from app.errors import InsufficientScope, InvalidCredentials, SubjectMismatch

_KEY = "cartera.caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever sent a request, as far as their credential tells."""

    kind: Literal["open", "publishable", "token", "secret", "local", "in-body", "nobody"]
    key_id: str = ""
    """Of the key, or of the key that signed the token; never secret."""
    scopes: frozenset[str] = frozenset()
    """Of a secret key or a token."""
    customer_id: str | None = None
    """The subject of a token."""
    anonymous_id: str | None = None
    """The visitor that a token's customer was, where it says so."""
    origins: frozenset[str] | None = None
    """Of the publishable key that came, alone or beside a token; None where none did."""

    @property
    def is_backend(self) -> bool:
        """Whether what they say of money and of customers is the shop's own word."""
        return self.kind in ("open", "secret")

    def follows(self, joined: str) -> bool:
        """Whether a visitor who turned out to be this customer is answered as that one.

        A token's visitor may have become another customer since; that one is not the token's.
        """
        return self.is_backend or joined == self.customer_id

    def check_customer(self, customer_id: str | None) -> None:
        """Refuse a customer who is not theirs to ask for; nobody is anybody's.

        Raises:
            SubjectMismatch: A token names another customer, or a publishable key names one.
        """
        if customer_id is None or self.is_backend:
            return
        if self.kind != "token" or customer_id != self.customer_id:
            raise SubjectMismatch(SubjectMismatch.example)

    def customer_of(self, customer_id: str | None, anonymous_id: str | None) -> str | None:
        """Return the customer a request is for: whom it names, or a token's own where nobody.

        Raises:
            SubjectMismatch: As ``check_customer``, or a token names a visitor who is not its own.
        """
        self.check_customer(customer_id)
        if self.kind == "token" and anonymous_id not in (None, self.anonymous_id):
            raise SubjectMismatch(SubjectMismatch.example)
        return self.customer_id if customer_id is None and anonymous_id is None else customer_id


OPEN = Caller(kind="open")
LOCAL = Caller(kind="local")
IN_BODY = Caller(kind="in-body")
NOBODY = Caller(kind="nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Which credentials a route takes; an open server asks for none."""

    scope: str
    """What a secret key, or a token where one will do, must be for."""
    token: bool = False
    publishable: bool = False
    local: bool = False
    in_body: bool = False
    """Whether the route itself finds out who calls, where the credential stands in the body."""

    def check(self, caller: Caller) -> None:
        """Refuse a caller that the route is not for.

        Raises:
            InvalidCredentials: There is no credential.
            InsufficientScope: Their credential is good, and not for this.
        """
        if caller.kind == "nobody":
            raise InvalidCredentials
        if not self._takes(caller):
            raise InsufficientScope(self.told)

    def _takes(self, caller: Caller) -> bool:
        by_kind = {
            "open": True,
            "secret": self.scope in caller.scopes,
            "token": self.token and self.scope in caller.scopes,
            "publishable": self.publishable,
            "local": self.local,
            "in-body": self.in_body,
        }
        return by_kind.get(caller.kind, False)

    @property
    def told(self) -> str:
        """What would do, in words."""
        takes = [f"a secret key with the scope {self.scope}"]
        takes += [f"the customer's own token with the scope {self.scope}"] if self.token else []
        takes += ["a publishable key"] if self.publishable else []
        return f"this needs {' or '.join(takes)}; the credential that was sent is another"

    async def __call__(self, request: Request) -> None:
        """Check the caller of a request that the framework answers."""
        self.check(called(request.scope))


def needs(
    scope: str,
    *,
    token: bool = False,
    publishable: bool = False,
    local: bool = False,
    in_body: bool = False,
) -> params.Depends:
    """Return what a route asks for, to stand among its ``dependencies``."""
    wanted: params.Depends = Depends(
        Needs(scope=scope, token=token, publishable=publishable, local=local, in_body=in_body)
    )
    return wanted


def call_by(scope: Scope, caller: Caller) -> None:
    """Note who calls."""
    scope[_KEY] = caller


def called(scope: Mapping[str, Any]) -> Caller:
    """Return who calls; a request that no guard let pass is nobody's."""
    caller: Caller = scope.get(_KEY, NOBODY)
    return caller


async def _caller(request: Request) -> Caller:
    return called(request.scope)


CallerDep = Annotated[Caller, Depends(_caller)]
