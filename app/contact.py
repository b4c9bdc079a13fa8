"""Contacts: whether a customer may be addressed now, asked and counted in the store.

A contact is looked into first (``consider``), so that a list can be made that the customer allows,
and is counted when there is something to send (``record``): an empty list costs none. Counting is
one script, which looks once more: it counts the contact only if the customer's preferences (for an
ad their consent too) are still what was looked into, and no window is full. So two servers at once
cannot exceed a cap, and a preference that was changed meanwhile is heeded. Whoever only wants to
know asks the same without counting (``would_be``).

A reply that is lost counts as a refusal, though the contact may have been counted: too few contacts
mend themselves, too many cannot be taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson
import structlog

from app.deps import Server
from app.scripts import Argument, Script, StoreRefused
from app.store import StoreAway
from models.asked import Query
from models.customer.permission import DAY_MS, Permission, permission
from models.customer.preferences import MAX_AT_MOST, Channel, Preferences
from models.errors import ArtifactCorrupt
from models.shaping.rules import Filter

log = structlog.get_logger(__name__)

KEPT_MS = 31 * DAY_MS
"""How long contacts are remembered: a day more than the longest window."""
LOOK = Script("""
local said = redis.call('HMGET', KEYS[1], 'p', 'k')
return {said[1] or '', said[2] or ''}
""")
"""KEYS: a customer's live state. Returns their preferences and consent, empty where unknown."""
_LOOK_AGAIN = """
local held = redis.call('HMGET', KEYS[1], 'p', 'k', 'c')
local channel, now = ARGV[3], tonumber(ARGV[4])
if (held[1] or '') ~= ARGV[1] or channel == 'ad' and (held[2] or '') ~= ARGV[2] then
  return 'changed'
end
local is_read, contacts = pcall(cjson.decode, held[3] or '[]')
if not is_read or type(contacts) ~= 'table' or #contacts == 0 and next(contacts) then
  return 'damaged'
end
for _, contact in ipairs(contacts) do
  if type(contact) ~= 'table' or type(contact[1]) ~= 'string' or type(contact[2]) ~= 'number' then
    return 'damaged'
  end
end
for place = 5, #ARGV, 3 do
  local of, since, n = ARGV[place], tonumber(ARGV[place + 1]), 0
  for _, contact in ipairs(contacts) do
    if (of == '' or of == contact[1]) and contact[2] > since then n = n + 1 end
  end
  if n >= tonumber(ARGV[place + 2]) then
    return 'full'
  end
end
"""
"""KEYS: a customer's live state. ARGV: the preferences and consent that were looked into, the
channel, now in ms, and for each window its channel ('' for all), since when, and how many."""
_ALLOWS = Script(_LOOK_AGAIN + "return 'open'")
_RECORD = Script(
    _LOOK_AGAIN
    + f"""
local kept, n_of = {{}}, {{}}
for _, contact in ipairs(contacts) do
  n_of[contact[1]] = (n_of[contact[1]] or 0) + 1
end
for _, contact in ipairs(contacts) do
  local of, at = contact[1], contact[2]
  if at > now - {KEPT_MS} and n_of[of] <= {MAX_AT_MOST} then
    table.insert(kept, string.format('["%s",%.0f]', of, at))
  else
    n_of[of] = n_of[of] - 1
  end
end
table.insert(kept, string.format('["%s",%.0f]', channel, now))
redis.call('HSET', KEYS[1], 'c', '[' .. table.concat(kept, ',') .. ']')
return 'open'
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact that was looked into, and not counted yet."""

    customer_id: str | None
    channel: Channel
    now_ms: int
    permission: Permission
    """Whether it would be permitted, but for what only the store can count."""
    preferences: Preferences = field(default_factory=Preferences)
    looked_into: tuple[bytes, bytes] = (b"", b"")
    """Preferences and consent, as the store had them."""

    @property
    def is_refused(self) -> bool:
        """Whether nothing more need be done for it."""
        return self.permission.refused is not None or self.customer_id is None

    @property
    def arguments(self) -> Sequence[Argument]:
        """Return what the script is told that looks once more."""
        windows = [
            part
            for window in self.permission.windows
            for part in (window.channel or "", window.since_ms, window.at_most)
        ]
        return [*self.looked_into, self.channel, self.now_ms, *windows]

    def at(self, now_ms: int) -> "Contact":
        """Return the same contact at another moment, as what was looked into has it."""
        preferences, consent = self.looked_into
        allowed = permission(
            self.preferences if preferences else None,
            channel=self.channel,
            consent=orjson.loads(consent) if consent else {},
            now_ms=now_ms,
        )
        return replace(self, now_ms=now_ms, permission=allowed)

    def of(self, query: Query) -> Query:
        """Return what is asked, without the topics that the customer wants to hear nothing of."""
        topics = self.preferences.refused_topics
        if not topics:
            return query
        others = Filter({"not": {"in": ["category", topics]}})
        return replace(query, filter=others.and_(query.filter))


async def permitted(
    server: Server, customer_id: str | None, channel: Channel, *, now_ms: int
) -> Permission:
    """Count a contact, if the customer permits it; never fails: what cannot be asked is refused.

    Args:
        server: The worker's parts.
        customer_id: Theirs; None for a visitor, to whom there are no contacts.
        channel: What the contact comes by.
        now_ms: Milliseconds since 1970.
    """
    return await record(server, await consider(server, customer_id, channel, now_ms=now_ms))


async def consider(
    server: Server, customer_id: str | None, channel: Channel, *, now_ms: int
) -> Contact:
    """Look into a contact, without counting it; arguments are those of ``permitted``."""

    def refused(permission: Permission) -> Contact:
        return Contact(
            customer_id=customer_id, channel=channel, now_ms=now_ms, permission=permission
        )

    if customer_id is None:
        return refused(Permission(refused="subject-unknown"))
    try:
        packed, consent = await server.scripts.run(
            LOOK, [server.keys.live_of_customer(customer_id)], []
        )
        if channel == "ad" and server.refusers.objects(consent, customer_id=customer_id):
            return refused(Permission(refused="consent-refused"))
        return Contact(
            customer_id=customer_id,
            channel=channel,
            now_ms=now_ms,
            permission=Permission(),
            preferences=Preferences.unpack(packed) if packed else Preferences(),
            looked_into=(packed, consent),
        ).at(now_ms)
    except (StoreAway, StoreRefused):
        return refused(Permission(refused="store-away"))
    except (ArtifactCorrupt, AttributeError, TypeError, ValueError) as problem:
        server.metrics.corrupt()
        log.error("customer's preferences refused", reason=str(problem))
        return refused(Permission(refused="preferences-unknown"))


async def record(server: Server, contact: Contact) -> Permission:
    """Count a contact that was considered, if it is still permitted; never fails."""
    (permission,) = await _each(server, _RECORD, [contact])
    return permission


async def would_be(server: Server, contacts: Sequence[Contact]) -> list[Permission]:
    """Return whether each would be permitted if it were counted now; counts none, never fails."""
    return await _each(server, _ALLOWS, contacts)


async def _each(server: Server, script: Script, contacts: Sequence[Contact]) -> list[Permission]:
    """Ask ``script`` of the contacts that are not refused yet."""
    calls = [
        ([server.keys.live_of_customer(one.customer_id)], one.arguments)
        for one in contacts
        if not one.is_refused and one.customer_id is not None
    ]
    replies = iter(await server.scripts.run_each(script, calls) if calls else ())
    return [
        one.permission if one.is_refused else _permission(server, one, next(replies))
        for one in contacts
    ]


def _permission(server: Server, contact: Contact, said: object) -> Permission:
    if said == b"open":
        return contact.permission
    if said == b"damaged":
        server.metrics.corrupt()
        log.error("customer's contacts refused", reason="they are not ours to read")
    if isinstance(said, StoreAway | StoreRefused):
        return Permission(refused="store-away")
    return Permission(refused="frequency-cap" if said == b"full" else "preferences-unknown")
