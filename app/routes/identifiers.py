"""What ad networks know a customer by: ``/customers/{customer_id}/identifiers``.

Addresses and numbers are hashed here and forgotten; the store, the log and the answer see the
hashes alone, and only the export of an audience reads those. Nothing gives them back.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import fields
from app.caller import needs
from app.deps import Server, ServerDep
from app.errors import WITH_BODY, InvalidRequest, NotDurable, documented
from app.phones import COUNTRIES, e164
from app.raw_path import RawPathRoute
from app.refusal import Fault
from app.scripts import Script, StoreRefused
from app.store import StoreAway
from models.artifacts.identifiers import MOST, Identifiers
from models.artifacts.keys import shard_of
from models.customer.hashing import MAX_EMAIL, Hashed, of_email, of_phone
from models.errors import IdentifierError

router = APIRouter(route_class=RawPathRoute, tags=["customers"])

KEEP = Script("""
if ARGV[2] == '' then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
""")
"""KEYS: the identifiers of a shard. ARGV: a customer's id, and the packed hashes or nothing."""
_MAX_PHONE = 40
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
_Email = Annotated[str, Field(min_length=1, max_length=MAX_EMAIL)]
_Phone = Annotated[str, Field(min_length=1, max_length=_MAX_PHONE)]


class PlainIdentifiers(BaseModel):
    """Addresses and numbers of one customer; they replace those of before."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "emails": ["cloudy.sanfrancisco@gmail.com"],
                    "phones": ["(800) 555-0100"],
                    "country": "US",
                }
            ]
        },
    )

    emails: list[_Email] = Field(
        default_factory=list,
        max_length=MOST,
        description="E-mail addresses; spaces around them and capital letters do not matter.",
        examples=[["cloudy.sanfrancisco@gmail.com"]],
    )
    phones: list[_Phone] = Field(
        default_factory=list,
        max_length=MOST,
        description="Telephone numbers, without extensions: `+`, country code and number, or as "
        "they are dialled within `country`.",
        examples=[["(800) 555-0100", "+44 20 7946 0000"]],
    )
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None,
        description="ISO 3166 code of the country in which `phones` without a `+` are dialled; "
        "needed for them.",
        examples=["US"],
    )


@router.put(
    "/customers/{customer_id}/identifiers",
    operation_id="put_identifiers",
    dependencies=[needs("customers")],
    status_code=204,
    responses=documented(*WITH_BODY, NotDurable) | _NOTHING,
)
async def put_identifiers(
    customer_id: fields.CustomerIdPath, identifiers: PlainIdentifiers, server: ServerDep
) -> Response:
    """Keep the hashes by which ad networks may know one customer, in place of those of before.

    What is sent is hashed by the rules of each network and forgotten: only hashes are stored, and
    only the export of an audience reads them, if the customer has agreed to ads. An address that
    comes twice counts once; empty lists leave nothing kept. Whether the shop knows the customer
    does not matter yet.
    """
    await _keep(server, customer_id, _hashed(identifiers).pack())
    return _done()


@router.delete(
    "/customers/{customer_id}/identifiers",
    operation_id="delete_identifiers",
    dependencies=[needs("customers")],
    status_code=204,
    responses=documented(NotDurable) | _NOTHING,
)
async def delete_identifiers(customer_id: fields.CustomerIdPath, server: ServerDep) -> Response:
    """Forget the hashes of one customer, if there are any: no export names them any more."""
    await _keep(server, customer_id, b"")
    return _done()


async def _keep(server: Server, customer_id: str, packed: bytes) -> None:
    key = server.keys.identifiers(shard_of(customer_id))
    try:
        await server.scripts.run(KEEP, [key], [customer_id, packed])
    except (StoreAway, StoreRefused):
        raise NotDurable from None


def _hashed(plain: PlainIdentifiers) -> Identifiers:
    """Return the hashes.

    Raises:
        InvalidRequest: Some are no addresses or numbers; each is pointed at and none repeated.
    """
    faults: list[Fault] = []
    country = plain.country
    if country is not None and country not in COUNTRIES:
        detail = "country is on no list of numbering plans; expected a code of ISO 3166"
        faults.append(Fault(pointer="/country", code="unknown-country", detail=detail))
        country = None
    emails = _each(plain.emails, of_email, place="/emails", code="not-an-address", faults=faults)
    phones = _each(
        plain.phones if country == plain.country else (),
        lambda number: of_phone(e164(number, country)),
        place="/phones",
        code="not-a-phone",
        faults=faults,
    )
    if faults:
        raise InvalidRequest("not all of it is an address or a number; see errors", faults=faults)
    return Identifiers(emails=emails, phones=phones)


def _each(
    texts: list[str] | tuple[()],
    read: Callable[[str], Hashed],
    *,
    place: str,
    code: str,
    faults: list[Fault],
) -> tuple[Hashed, ...]:
    """Return the hashes of each text once; ``faults`` is told of those that have none."""
    found: dict[Hashed, None] = {}
    for n, text in enumerate(texts):
        try:
            found[read(text)] = None
        except IdentifierError as problem:
            faults.append(Fault(pointer=f"{place}/{n}", code=code, detail=f"this {problem}"))
    return tuple(found)


def _done() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "private, no-store"})
