"""Whether a request comes from this machine, and means this machine.

While there are no keys, loopback is the only wall, and a browser that runs here stands behind it.
So ``Host`` must name this machine too: a page whose name an attacker points at 127.0.0.1 (DNS
rebinding) would otherwise read customers' lists through that browser. Nor may a page from elsewhere
have that browser send anything, though it could not read the answer: what it says of the page that
asks (``Origin``, ``Sec-Fetch-Site``) must be of this machine. And whatever a proxy has passed on
comes from wherever the proxy lets it come from. Once there are keys a request
counts for what it carries and not for where it comes from, so any ``Host`` will do; but for the
metrics, which this machine may still read without one.
"""

import re
from functools import lru_cache
from ipaddress import ip_address

FORWARDED = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)
"""Headers that a proxy adds."""

_HOST = re.compile(r"(?:\[([^\[\]]+)\]|([^\[\]:]+))(?::[0-9]*)?")
_ORIGIN = re.compile(r"https?://(.+)")


@lru_cache(maxsize=64)
def is_loopback(address: str) -> bool:
    """Whether ``address`` is ``localhost`` or an address of this machine alone, written in full."""
    if address.lower() == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=64)
def names_this_machine(host: bytes) -> bool:
    """Whether the header ``Host`` is an address of this machine, with a port or without."""
    name = _HOST.fullmatch(host.decode("latin-1"))
    return name is not None and is_loopback(name[1] or name[2])


@lru_cache(maxsize=64)
def is_page_of_this_machine(origin: str) -> bool:
    """Whether the header ``Origin`` is of a page that this machine serves; ``null`` is nobody's."""
    name = _ORIGIN.fullmatch(origin)
    return name is not None and names_this_machine(name[1].encode("latin-1"))
