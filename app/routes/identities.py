"""Who a visitor turned out to be: ``/customers/{customer_id}/identities``."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import fields, identities
from app.caller import Caller, CallerDep, needs
from app.deps import ServerDep
from app.errors import WITH_BODY, Conflict, NotDurable, NotFound, SubjectMismatch, documented
from app.raw_path import RawPathRoute
from models.artifacts.event import Source

router = APIRouter(route_class=RawPathRoute, tags=["customers"])

_NOTHING: dict[int | str, dict[str, object]] = {
    204: {
        "description": "It is so.",
        "headers": {
            "Cache-Control": {
                "description": "`private, no-store`.",
                "schema": {"type": "string"},
            }
        },
    }
}


class Identity(BaseModel):
    """A visitor who turned out to be the customer."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"anonymous_id": "v-5f0c"}]},
    )

    anonymous_id: fields.Text = Field(description="The visitor.", examples=["v-5f0c"])


@router.post(
    "/customers/{customer_id}/identities",
    operation_id="join_identity",
    dependencies=[needs("customers", token=True)],
    status_code=204,
    responses=documented(*WITH_BODY, Conflict, NotDurable, SubjectMismatch) | _NOTHING,
)
async def join_identity(
    customer_id: fields.CustomerIdPath, identity: Identity, server: ServerDep, caller: CallerDep
) -> Response:
    """Join a visitor to a customer, at once.

    The customer has now done what the visitor did, and the visitor's later events are the
    customer's. Of what either refused, nothing is allowed. A token must be of both. To send the
    same again changes nothing.
    """
    _check(caller, customer_id, identity.anonymous_id)
    await identities.join(
        server.scripts,
        server.keys,
        customer_id=customer_id,
        anonymous_id=identity.anonymous_id,
        source=_source(caller),
    )
    return _done()


@router.delete(
    "/customers/{customer_id}/identities/{anonymous_id}",
    operation_id="part_identity",
    dependencies=[needs("customers", token=True)],
    status_code=204,
    responses=documented(NotDurable, NotFound, SubjectMismatch) | _NOTHING,
)
async def part_identity(
    customer_id: fields.CustomerIdPath,
    anonymous_id: fields.AnonymousIdPath,
    server: ServerDep,
    caller: CallerDep,
) -> Response:
    """Undo a join that was a mistake: what came from the visitor is the customer's no more.

    What the visitor refused stays refused for the customer too, until they say otherwise.
    """
    _check(caller, customer_id, anonymous_id)
    await identities.part(
        server.scripts,
        server.keys,
        customer_id=customer_id,
        anonymous_id=anonymous_id,
        source=_source(caller),
    )
    return _done()


def _check(caller: Caller, customer_id: str, anonymous_id: str) -> None:
    """Refuse a token that is not of both."""
    caller.check_customer(customer_id)
    if not caller.is_backend and caller.anonymous_id != anonymous_id:
        raise SubjectMismatch(SubjectMismatch.example)


def _source(caller: Caller) -> Source:
    return "backend" if caller.is_backend else "page"


def _done() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "private, no-store"})
