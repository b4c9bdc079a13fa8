"""What the store does with events: ``store.lua`` for one shard's, ``claim.lua`` for an order's.

Both bear repetition: an event is known by its digest, a claim by who claimed. So whoever lost the
reply may send the same again. An order is claimed on the shard of its own id, before its event is
stored on that of its subject; in between a process may die.
"""

from pathlib import Path

from app.scripts import Script
from models.artifacts.live_state import HIDDEN_MS, MAX_EVENT_BYTES, N_EVENTS, N_FEEDBACK, TTL_S

STORED, DUPLICATE, STRICTER = 0, 1, 16
"""Replies of ``STORE``: above ``STRICTER`` the bits of what is refused."""
MADE, FIRST, CONFIRMS, CONTESTED, BUSY = 0, 1, 2, 3, 4
"""Replies of ``CLAIM``."""
PAGE, BACKEND, IS_STORED = b"p", b"b", b"s"
"""Who speaks to ``CLAIM``."""
NORMAL, ECHO, TOLD, ASK = "n", "e", "t", "a"
"""Modes: an event; one that is stored elsewhere; only what it says of consent; that, and what the
visitor has refused whom an event names beside its customer."""
NO_ANALYTICS, NO_PERSONALIZATION, NO_ADS, NO_SALE = 1, 2, 4, 8
N_FIXED_KEYS = 3
ORPHANED_MS = 10_000
"""A process that lives has stored by then what it has claimed, or has put it on disk."""
_DAY_MS = 86_400_000


def _script(name: str, **constants: str | int) -> Script:
    """Return the script of a file, with its constants before it."""
    told = [f"local {constant} = {value!r}\n" for constant, value in constants.items()]
    return Script("".join(told) + Path(__file__).with_name(name).read_text(encoding="utf-8"))


STORE = _script(
    "store.lua",
    NORMAL=NORMAL,
    TOLD=TOLD,
    ECHO=ECHO,
    ASK=ASK,
    STORED=STORED,
    DUPLICATE=DUPLICATE,
    STRICTER=STRICTER,
    NO_ANALYTICS=NO_ANALYTICS,
    NO_PERSONALIZATION=NO_PERSONALIZATION,
    NO_ADS=NO_ADS,
    NO_SALE=NO_SALE,
    N_FIXED_KEYS=N_FIXED_KEYS,
    N_EVENTS=N_EVENTS,
    N_FEEDBACK=N_FEEDBACK,
    MAX_BYTES=MAX_EVENT_BYTES,
    HIDDEN_MS=HIDDEN_MS,
    TTL_MS=TTL_S * 1000,
    SLACK_MS=_DAY_MS,  # a life is lengthened once a day: with every event, it were a write each
    SEEN_MS=14 * _DAY_MS,
)
CLAIM = _script(
    "claim.lua",
    MADE=MADE,
    FIRST=FIRST,
    CONFIRMS=CONFIRMS,
    CONTESTED=CONTESTED,
    BUSY=BUSY,
    PAGE=PAGE.decode(),
    IS_STORED=IS_STORED.decode(),
    CLAIMED_MS=7 * _DAY_MS,
    ORPHANED_MS=ORPHANED_MS,
)
VISITORS = Script("""
local visitors = {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'i:' then visitors[#visitors + 1] = string.sub(field, 3) end
end
return visitors
""")
"""Key: a customer's live state. Returns the visitors who were joined to them."""
