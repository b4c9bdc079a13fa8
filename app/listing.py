"""One list for one request: what is read for it, how it is made, and whether it may be sent.

Nothing is waited for while a list is made. Where the placement is a contact, the customer is asked
before, in what they have put down, and the contact is counted after, if there is a list to send.
"""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

import orjson

from app import answer
from app.asked import RecommendQuery, RecommendRequest
from app.caller import Caller
from app.contact import Contact, consider, record
from app.deps import Server
from app.errors import NotReady
from app.ladder import Customer, find
from app.notes import Notes
from app.service import Treatment, treatment
from models.asked import NO_ROWS, Query
from models.customer.permission import Reason, told
from models.customer.preferences import channel_of
from models.customer.value import Tier
from models.loaded import Loaded
from models.recommend import recommend
from models.session import Session
from models.shaping.explain import Explainer
from models.shaping.policies import COLUMNS, Policy, Rows, left_open

Asked = RecommendRequest | RecommendQuery


class Known(NamedTuple):
    """All that is known of a request and of whoever it is for."""

    loaded: Loaded
    query: Query
    customer: Customer
    now_ms: int
    policy: Policy | None
    """What the placement's policy says to this customer, where the request does not."""
    treatment: Treatment | None
    """What the placement does out of the usual, for how satisfied they are."""


class Read(NamedTuple):
    """All that is read for a request."""

    known: Known | None
    """None where there is no release."""
    contact: Contact | None = None
    """None where the placement is no contact."""


class Made(NamedTuple):
    """A list, ready to be sent, in pieces of JSON."""

    name: bytes
    items: bytes
    served: bytes
    refused: Reason | None = None
    """Why nothing is to be shown, whatever the customer allows."""


async def answered(server: Server, asked: Asked, caller: Caller, notes: Notes) -> bytes:
    """Return the answer's bytes.

    Raises:
        SubjectMismatch: The customer is not the caller's to ask for; nothing was read.
        NotReady: There is no release, and the merchant gave no list.
        NoMargins: Profit is asked for, and the release knows no margin.
    """
    found = await read(server, asked, caller)
    return await sent(server, made(server, asked, found, notes=notes), found.contact)


async def read(server: Server, asked: Asked, caller: Caller) -> Read:
    """Take the release and what it knows of the customer, and ask whether they may be contacted.

    Raises:
        SubjectMismatch: The customer is not the caller's to ask for; nothing was read.
    """
    customer_id = caller.customer_of(asked.customer, asked.anonymous_id)
    now_ms = time.time_ns() // 1_000_000
    channel, contact = channel_of(asked.placement), None
    if channel is not None:
        contact = await consider(server, customer_id, channel, now_ms=now_ms)
    loaded = server.live.loaded
    if loaded is None:
        return Read(None, contact)
    query = _query(loaded, asked)
    if contact is not None:
        query = contact.of(query)
    who = partial(
        find,
        server,
        loaded,
        customer_id,
        anonymous_id=asked.anonymous_id,
        follows=caller.follows,
    )
    rows = server.policies.get(asked.placement or "")  # of the release that was just taken
    if rows is None:
        customer, policy = await who(history=query.needs_history), None
    else:
        customer, policy = await _under_policy(
            rows, loaded=loaded, asked=asked, query=query, who=who
        )
        query = query.under(policy)
    treated = treatment(server, customer, asked.placement, now_ms=now_ms)
    if treated is not None:
        query = treated.of(query, customer, loaded)
    return Read(Known(loaded, query, customer, now_ms, policy, treated), contact)


async def _under_policy(
    rows: Rows,
    *,
    loaded: Loaded,
    asked: Asked,
    query: Query,
    who: Callable[..., Awaitable[Customer]],
) -> tuple[Customer, Policy]:
    """Read a customer, and return them with what their tier's row leaves to say.

    The tier is in the record, so what is read with it must do for every tier.
    """
    filled = _filled(asked)
    needs_history = query.needs_history or any(
        query.under(left_open(row, filled)).needs_history for row in set(rows.values())
    )
    customer = await who(history=needs_history)
    return customer, left_open(rows[_tier(customer, loaded)], filled)


def made(server: Server, asked: Asked, found: Read, *, notes: Notes | None) -> Made:
    """Make the list.

    Args:
        server: The worker's parts.
        asked: What is asked for.
        found: What ``read`` has found.
        notes: For the log line; None for a list that is part of another answer, which is not
            counted as one.

    Raises:
        NotReady: There is no release, and the merchant gave no list.
        NoMargins: Profit is asked for, and the release knows no margin.
    """
    if found.known is None:
        return _merchants(server, asked, found.contact, notes=notes)
    loaded, query, customer, now_ms, _, treated = found.known
    chosen = recommend(
        loaded,
        query,
        record=customer.record,
        history=customer.history,
        live=customer.live,
        now_ms=now_ms,
    )
    level = customer.level(chosen.level)
    _count(server, notes, ladder=level, release=loaded.version)
    explainer = _explainer(loaded, query, customer, chosen.session) if query.explain else None
    return Made(
        answer.new_id(loaded.version, asked.placement),
        answer.items(loaded, chosen.ranked, explainer=explainer),
        answer.served(
            level,
            degraded=customer.missed,
            personalized=customer.record is not None,
            release=loaded.version,
        )
        + _told(asked, found.known),
        "dissatisfied" if treated is not None and treated.row.list is False else None,
    )


async def sent(server: Server, one: Made, contact: Contact | None) -> bytes:
    """Return the answer's bytes; where it is a contact, count it, or leave the list out."""
    refused = one.refused
    if contact is not None and refused is None:
        is_empty = one.items == b"[]"
        permission = contact.permission if is_empty else await record(server, contact)
        refused = permission.refused
    items, served = one.items, one.served
    if refused is not None:
        items = b"[]"
        served += b',"suppressed":' + orjson.dumps(told(refused))
    return b'{"recommendation_id":"%b","items":%b,%b}' % (one.name, items, served)


def _count(server: Server, notes: Notes | None, *, ladder: int, **of: str) -> None:
    if notes is not None:
        server.metrics.level(ladder)
        notes.update(ladder=ladder, **of)


def _merchants(
    server: Server, asked: Asked, contact: Contact | None, *, notes: Notes | None
) -> Made:
    """Level 5: the merchant's list less what is excluded; of no item is it known what it is."""
    if not server.merchant_list:
        raise NotReady
    banned = {*asked.exclude_item_ids, *asked.item_ids}
    is_choosy = asked.filter is not None or (contact and contact.preferences.refused_topics)
    shown = [] if is_choosy else [id_ for id_ in server.merchant_list if id_ not in banned]
    _count(server, notes, ladder=5)
    return Made(
        answer.new_id(None, asked.placement),
        answer.listed(shown[: asked.limit]),
        answer.served(5, degraded=True, personalized=False, release=None),
    )


def _query(loaded: Loaded, asked: Asked) -> Query:
    rows_of = loaded.catalogue.ids.rows_of
    return Query(
        limit=asked.limit,
        context=rows_of(asked.item_ids) if asked.item_ids else NO_ROWS,
        exclude=rows_of(asked.exclude_item_ids) if asked.exclude_item_ids else NO_ROWS,
        filter=asked.filter,
        diversity=asked.diversity,
        novelty=asked.novelty if asked.novelty is not None else "any",
        objective=asked.objective,
        explain=asked.explain,
    )


def _filled(asked: Asked) -> frozenset[str]:
    """Return the columns of a policy for which the request itself has a value."""
    named = COLUMNS & asked.model_fields_set
    return frozenset(name for name in named if getattr(asked, name) is not None)


def _tier(customer: Customer, loaded: Loaded) -> Tier | None:
    """Return the tier that decides; None where a customer has one that is not at hand."""
    is_told = loaded.customers is not None or customer.record is None
    return customer.tier if is_told else None


def _explainer(loaded: Loaded, query: Query, customer: Customer, session: Session) -> Explainer:
    return Explainer(
        catalogue=loaded.catalogue,
        popularity=loaded.popularity,
        copurchase=loaded.copurchase,
        last_day=loaded.last_day,
        history=customer.history,
        context=query.context,
        cart=session.cart,
        recent=session.recent,
        bought=session.bought,
    )


def _told(asked: Asked, known: Known) -> bytes:
    """Return what the shop's tables made of the request, as members of the answer."""
    members = b""
    if asked.explain and known.policy is not None:
        treatment = {
            "placement": asked.placement,
            "tier": (known.customer.tier or Tier.UNKNOWN).name.lower(),
            "applied": known.policy.told,
        }
        members += b',"policy":' + orjson.dumps(treatment)
    if known.treatment is not None:
        service = known.treatment.told
        if asked.explain:
            service["reason"] = known.treatment.reason(known.customer)
        members += b',"service":' + orjson.dumps(service)
    return members
