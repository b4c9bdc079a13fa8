"""Which store to use: the address in ``CARTERA_REDIS_URL``, checked before anybody connects.

No message here shows any part of an address but its scheme, for the rest may hold a password.
"""

from urllib.parse import urlsplit

from training.errors import StoreError

_STANDALONE = ("redis", "rediss", "unix")
_NOT_YET = (
    "redis+sentinel",
    "rediss+sentinel",
    "sentinel",
    "redis+cluster",
    "rediss+cluster",
    "cluster",
)


class StoreUrlError(StoreError):
    """The address of the store cannot be used."""


def checked_store_url(url: str) -> str:
    """Return ``url`` as it is when it names one server: ``redis://``, ``rediss://``, ``unix://``.

    Whether a server answers there is not tried.

    Raises:
        StoreUrlError: It names a Sentinel or a Cluster, another scheme, no scheme, no socket
            path, or a host and port that cannot be read.
    """
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise StoreUrlError(
            "CARTERA_REDIS_URL has no scheme; write it as redis://HOST:PORT/0, rediss:// for TLS "
            "or unix:///PATH"
        )
    if scheme in _NOT_YET:
        raise StoreUrlError(
            f"CARTERA_REDIS_URL starts with {scheme}://, and this version does not speak Sentinel "
            "or Cluster yet; give the address of one server, as redis://HOST:PORT/0"
        )
    if scheme not in _STANDALONE:
        raise StoreUrlError(
            "CARTERA_REDIS_URL starts with an unknown scheme; expected redis://, rediss:// or "
            "unix://"
        )
    _check_place(url)
    return url


def without_password(url: str) -> str:
    """Return ``url`` fit for a log: user, password and options are left out."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _check_place(url: str) -> None:
    try:
        parts = urlsplit(url)
        readable = parts.port is None or parts.port > 0
    except ValueError:
        readable = False
    if not readable:
        raise StoreUrlError(
            "the host and port in CARTERA_REDIS_URL cannot be read; percent-encode the special "
            "characters of the password (/ is %2F, # is %23, @ is %40)"
        )
    if parts.scheme == "unix" and not parts.path:
        raise StoreUrlError("CARTERA_REDIS_URL names no socket; write it as unix:///PATH")
