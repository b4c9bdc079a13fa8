"""Who calls, and what a route asks of them.

    open         no keys are configured, so loopback is the wall: everything
    publishable  a page: what concerns visitors
    token        the page of a signed-in customer: what concerns them
    secret       a backend: what its scopes name

A route states its ``needs`` where it is declared; ``app.guard`` has found out who calls before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, params
from starlette.requests import Request
from starlette.types import Scope

from app.errors import InsufficientScope, SubjectMismatch

_KEY = "cartera.caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever sent a request, as far as their credential tells."""

    kind: Literal["open", "publishable", "token", "secret"]
    key_id: str = ""
    """Of the key, or of the key that signed the token; never secret."""
    scopes: frozenset[str] = frozenset()
    """Of a secret key or a token."""
    customer_id: str | None = None
    """The subject of a token."""
    anonymous_id: str | None = None
    """The visitor that a token's customer was, where it says so."""

    @property
    def is_backend(self) -> bool:
        """Whether what they say of money and of customers is the shop's own word."""
        return self.kind in ("open", "secret")

    def check_customer(self, customer_id: str | None) -> None:
        """Refuse a customer who is not theirs to ask for; nobody is anybody's.

        Raises:
            SubjectMismatch: A token names another customer, or a publishable key names one.
        """
        if customer_id is None or self.is_backend:
            return
        if self.kind != "token" or customer_id != self.customer_id:
            raise SubjectMismatch(SubjectMismatch.example)


OPEN = Caller(kind="open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Which credentials a route takes; an open server asks for none."""

    secret: str | None = None
    """The scope that a secret key must have; None where no secret key will do."""
    token: bool = False
    publishable: bool = False

    def check(self, caller: Caller) -> None:
        """Refuse a caller that the route is not for.

        Raises:
            InsufficientScope: Their credential is good, and not for this.
        """
        if caller.kind == "open":
            return
        if caller.kind == "secret":
            enough = self.secret is not None and self.secret in caller.scopes
        else:
            enough = self.token if caller.kind == "token" else self.publishable
        if not enough:
            raise InsufficientScope(self.told)

    @property
    def told(self) -> str:
        """What would do, in words."""
        takes = [f"a secret key with the scope {self.secret}"] if self.secret else []
        takes += ["the customer's own token"] if self.token else []
        takes += ["a publishable key"] if self.publishable else []
        return f"this needs {' or '.join(takes)}; the credential that was sent is another"

    async def __call__(self, request: Request) -> None:
        """Check the caller of a request that the framework answers."""
        self.check(called(request.scope))


def needs(
    secret: str | None = None, *, token: bool = False, publishable: bool = False
) -> params.Depends:
    """Return what a route asks for, to stand among its ``dependencies``."""
    wanted: params.Depends = Depends(Needs(secret=secret, token=token, publishable=publishable))
    return wanted


def call_by(scope: Scope, caller: Caller) -> None:
    """Note who calls."""
    scope[_KEY] = caller


def called(scope: Mapping[str, Any]) -> Caller:
    """Return who calls; only ``app.guard`` lets a request pass, so there always is somebody."""
    caller: Caller = scope.get(_KEY, OPEN)
    return caller


async def _caller(request: Request) -> Caller:
    return called(request.scope)


CallerDep = Annotated[Caller, Depends(_caller)]
