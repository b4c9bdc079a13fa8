"""The body of ``POST /events``: whose words it is in, and what events it holds.

    {"events": [{"name": …}]}                  GA4      also by client_id, app_instance_id
    [{…}, …] or {"event", "ecommerce"}         GTM      also by members that begin with gtm.
    {"type": "track"} or {"batch": […]}        Segment  also by userId, anonymousId, messageId …
    {"events": [{"event": …}]} or {"event"}    ours

What a page sends as it is left (``navigator.sendBeacon``) is plain text and has no headers:
there, and only there, ``key`` and ``token`` stand in the body. So a body is taken apart in two
steps: it is opened to see who sends it, and only what comes from somebody is read for its events.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, PlainValidator, RootModel, ValidationError

from app.errors import InvalidRequest
from app.events import ga4, gtm, segment
from app.events.documented import EXAMPLES, InAnyWords
from app.events.own import EventConsent
from app.events.translated import Told, Untold, no_object
from app.problems import invalid
from app.refusal import Fault
from app.strict import loads
from models.artifacts.event import NOTHING_SAID, Consent

MAX_EVENTS = 500
_CREDENTIALS = ("key", "token")
_OURS = frozenset({"events", "consent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A body of which nothing is read but who sends it."""

    tree: object
    """The rest of it."""
    key: str | None = None
    """A publishable key or none."""
    token: str | None = None
    """A customer's token or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a body holds."""

    events: list[Told | Untold]
    consent: Consent
    """Of the body, for all its events."""


def opened(body: object) -> Opened:
    """Take the credentials out of a body: the bytes of plain text, or what JSON held.

    Raises:
        MalformedJson: The text is not one JSON text.
        InvalidRequest: A credential may not stand there, or is no text.
    """
    is_text = isinstance(body, bytes)
    tree = loads(body) if isinstance(body, bytes) else body
    return Opened(tree=tree, **_credentials(tree, may_stand=is_text))


def sent(tree: object) -> Sent:
    """Read the events of a body that was opened.

    Raises:
        InvalidRequest: It is in nobody's words that are known here, or has no event, or more than
            500; or a member of the body as a whole may not be there, or not so.
    """
    events, consent = _events(tree)
    if not 1 <= len(events) <= MAX_EVENTS:
        raise _whole("wrong_length", "a body has 1 to 500 events; send the rest by itself")
    return Sent(events=events, consent=_consent(consent))


class EventsRequest(
    RootModel[Annotated[Any, PlainValidator(opened, json_schema_input_type=InAnyWords)]]
):
    """What happened, in our own words, GA4's, Google Tag Manager's or Segment's."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})


def _events(tree: object) -> tuple[list[Told | Untold], object]:
    """Return the events of the body, and what it says of consent."""
    if gtm.speaks(tree):
        return gtm.translated(tree), None  # type: ignore[arg-type]
    if not isinstance(tree, dict):
        raise _in_no_known_words()
    if segment.speaks(tree):
        return segment.translated(tree), None
    if ga4.speaks(tree):
        return ga4.translated(tree), ga4.consent_of(tree)
    if isinstance(tree.get("events"), list):
        _check_members(tree)
        return [_own(i, one) for i, one in enumerate(tree["events"])], tree.get("consent")
    if "event" in tree:
        return [Told(0, (), tree, tree, {})], None
    raise _in_no_known_words()


def _own(index: int, raw: object) -> Told | Untold:
    at = ("events", index)
    return Told(index, at, raw, raw, {}) if isinstance(raw, dict) else no_object(index, at)


def _check_members(tree: dict[str, Any]) -> None:
    unknown = [name for name in tree if name not in _OURS]
    if unknown:
        raise invalid([{"type": "extra_forbidden", "loc": (name,), "msg": ""} for name in unknown])


def _credentials(tree: object, *, may_stand: bool) -> dict[str, str]:
    """Take the credentials out of the body, or out of what a page set before its events."""
    found: dict[str, str] = {}
    places: list[Any] = [tree]
    if isinstance(tree, list):
        places = [one for one in tree if isinstance(one, dict) and "event" not in one]
    for place in places:
        for name in _CREDENTIALS:
            if not isinstance(place, dict) or name not in place:
                continue
            word = place.pop(name)
            if not may_stand:
                raise _fault(name, "unknown-field", "a credential of JSON stands in its headers")
            if not isinstance(word, str):
                raise _fault(name, "not-a-text", "a credential is a text")
            found[name] = word
    return found


def _consent(said: object) -> Consent:
    if said is None:
        return NOTHING_SAID
    try:
        return Consent(**dict(EventConsent.model_validate(said)))
    except ValidationError as problem:
        found = problem.errors(include_url=False, include_input=False)
        raise invalid([one | {"loc": ("consent", *one["loc"])} for one in found]) from None


def _fault(name: str, code: str, detail: str) -> InvalidRequest:
    return InvalidRequest(
        f"{detail}; see errors", faults=[Fault(pointer=f"/{name}", code=code, detail=detail)]
    )


def _whole(kind: str, words: str) -> InvalidRequest:
    return invalid([{"type": kind, "loc": (), "msg": words}])


def _in_no_known_words() -> InvalidRequest:
    return _whole(
        "unknown_form",
        "the body is in no form that is known here; send one event or an object of events in our "
        "own form, or a body of GA4 Measurement Protocol, a dataLayer or Segment; see /docs",
    )
