"""How often somebody may ask, counted in this worker's memory: it holds without the store.

    a key, publishable or secret     CARTERA_RATE_KEY
    a token's customer               CARTERA_RATE_SUBJECT
    the address of a page            CARTERA_RATE_ADDRESS, beside its publishable key's rate; of
                                     whatever has its credential in its body, before that is read
    the address of what is refused   60 a minute

A window begins with its first request and ends after its time, so ``Retry-After`` is exact; around
the end of one, twice the rate may pass. A page's address may be that of a whole office or town, and
an IPv6 customer has a whole network, which counts as one.

What is refused for its credential is limited so that nobody fills the log; who sends a good one
from the same address is let in. A key is 131 bits of chance: no rate makes guessing hopeful, while
shutting out an address would let one bad page shut out all that share it.

``limits`` reads the rates and counts. Its own memory starts a thread every hundredth of a second
that looks through every window, and keeps as many as there are callers; so the windows are ours.
"""

import time
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from app.caller import Caller
from app.errors import RateLimited

MAX_WINDOWS = 50_000
"""Past that the oldest is forgotten: whoever has that many addresses is not stopped by their rate,
and must not take the memory."""

_REFUSED = parse("60/minute")


class Rates:
    """Counts what callers ask, and refuses what is too much."""

    def __init__(self, *, key: str, subject: str, address: str) -> None:
        """Begin to count; the rates are written as in ``600/minute``."""
        self._key, self._subject, self._address = parse(key), parse(subject), parse(address)
        self._windows = _Windows()
        self._limiter = FixedWindowRateLimiter(self._windows)

    def check(self, caller: Caller, address: str | None) -> None:
        """Count a request.

        Args:
            caller: Who sends it.
            address: Where it comes from; None where it was counted by that before.

        Raises:
            RateLimited: It is one too many.
        """
        if caller.kind == "token":
            self._count(self._subject, "s", caller.customer_id or "")
        elif caller.kind == "secret":
            self._count(self._key, "k", caller.key_id)
        elif caller.kind in ("publishable", "in-body"):
            if address is not None:
                self._count(self._address, "a", _network(address))
            if caller.key_id:
                self._count(self._key, "k", caller.key_id)

    def check_refused(self, address: str) -> None:
        """Count a request whose credential is not valid.

        Raises:
            RateLimited: It is one too many.
        """
        self._count(_REFUSED, "r", _network(address))

    def _count(self, rate: RateLimitItem, whose: str, who: str) -> None:
        if not self._limiter.hit(rate, whose, who):
            wait_s = self._windows.get_expiry(rate.key_for(whose, who)) - time.time()
            raise RateLimited(retry_after_s=max(1, ceil(wait_s)))


@lru_cache(maxsize=4096)
def _network(address: str) -> str:
    """Return an address, or of IPv6 the network that one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), 64), strict=False))


class _Windows(Storage):
    """Counts within windows, in memory, for one thread."""

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, tuple[int, float]] = {}
        """How many, and until when; the oldest window first."""

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now_s = time.time()
        n, until_s = self._windows.get(key, (0, 0.0))
        if until_s <= now_s:
            self._windows.pop(key, None)
            self._make_room(now_s)
            n, until_s = 0, now_s + expiry
        self._windows[key] = n + amount, until_s
        return n + amount

    def _make_room(self, now_s: float) -> None:
        while self._windows:
            oldest, (_, until_s) = next(iter(self._windows.items()))
            if until_s > now_s and len(self._windows) < MAX_WINDOWS:
                return
            del self._windows[oldest]

    def get(self, key: str) -> int:
        n, until_s = self._windows.get(key, (0, 0.0))
        return n if until_s > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        n = len(self._windows)
        self._windows.clear()
        return n

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)
