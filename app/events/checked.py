"""From an event in our words to the canonical one: every rule, and where it was broken."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from app.caller import Caller
from app.events.consents import strictest
from app.events.read import read
from app.events.times import AHEAD_MS
from app.events.translated import Loc, RuleBroken, Told, Untold
from app.events.whose import Subject, subject
from app.problems import fault, pointer
from app.refusal import Fault
from models.artifacts.event import Consent, Event, Line

MAX_EVENT_BYTES = 32 * 1024
_N_ID = 16


class Refused(NamedTuple):
    """An event that breaks rules."""

    place: int
    faults: Sequence[Fault]
    """At least one."""


def checked(
    told: Told | Untold, *, caller: Caller, consent: Consent, now_ms: int
) -> Event | Refused:
    """Return the canonical event, or all that is wrong with it.

    Args:
        told: In our words.
        caller: Who says so.
        consent: What body and headers say of it; the strictest word wins.
        now_ms: Since 1970.
    """
    if isinstance(told, Untold):
        return Refused(told.place, [_at(told.at, told.code, told.detail)])
    try:
        packed = _packed(told.raw)
        said = read(told.said)
        whose = subject(said, caller)
    except ValidationError as problem:
        found = problem.errors(include_url=False, include_input=False)
        faults = [fault({**one, "loc": told.whence(one["loc"])}) for one in found]
        return Refused(told.place, faults)
    except RuleBroken as problem:
        return _refused(told, [problem])
    if broken := _broken(said, now_ms):
        return _refused(told, broken)
    if said.get("event_id") is None:
        said["event_id"] = _made_of(packed, told.context)
    own_words = said.pop("consent", None)
    if own_words is not None:
        consent = strictest(Consent(**own_words), consent)
    return _event(said, whose, consent=consent, now_ms=now_ms, by_backend=caller.is_backend)


def _packed(raw: object) -> bytes:
    packed = orjson.dumps(raw)
    if len(packed) > MAX_EVENT_BYTES:
        raise RuleBroken("too-large", "an event has at most 32768 bytes; send less")
    return packed


def _event(
    said: dict[str, Any], whose: Subject, *, consent: Consent, now_ms: int, by_backend: bool
) -> Event:
    """Return the event of what is said and not yet taken; fields of ours have the same names."""
    at_ms = said.pop("timestamp", None)
    said.pop("user_id", None)
    said["customer_id"], said["anonymous_id"] = whose
    said["items"] = tuple([Line(**line) for line in said["items"]]) if "items" in said else ()
    return Event(
        at_ms=at_ms if at_ms is not None else now_ms,
        source="backend" if by_backend else "page",
        consent=consent,
        **said,
    )


def _broken(said: Mapping[str, Any], now_ms: int) -> list[RuleBroken]:
    """Return what breaks a rule about more than one field, or about the present."""
    broken = []
    at_ms = said.get("timestamp")
    if at_ms is not None and at_ms > now_ms + AHEAD_MS:
        detail = "the time is more than 5 minutes ahead; check it"
        broken.append(RuleBroken("in-the-future", detail, "timestamp"))
    if said.get("currency") is None and _names_money(said):
        detail = "money is named and no currency; add its ISO 4217 code"
        broken.append(RuleBroken("missing-currency", detail, "currency"))
    return broken


def _names_money(said: Mapping[str, Any]) -> bool:
    return said.get("value") is not None or any(
        line.get("price") is not None or line.get("discount") is not None
        for line in said.get("items", ())
    )


def _made_of(packed: bytes, context: Mapping[str, Any]) -> str:
    """Return an id for an event that has none: the same for the same content, and for no other."""
    content = blake2b(packed, digest_size=_N_ID)
    if context:
        content.update(orjson.dumps(context))
    return content.hexdigest()


def _refused(told: Told, broken: Iterable[RuleBroken]) -> Refused:
    return Refused(told.place, [_at(told.whence(one.loc), one.code, one.detail) for one in broken])


def _at(loc: Loc, code: str, detail: str) -> Fault:
    return Fault(pointer=pointer(loc), code=code, detail=detail)
