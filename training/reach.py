"""How far a server may be reached: beyond this machine only where callers have keys to show."""

import ipaddress
from collections.abc import Sequence
from pathlib import Path

from models.artifacts.keys import Keys
from models.credentials import copy
from training import keys
from training.errors import TrainingError
from training.stores import open_store


class ReachError(TrainingError):
    """The server would be reached by whoever likes, or believe whatever they say."""


def check(host: str, *, redis_url: str | None, data_dir: Path, namespace: str) -> None:
    """Refuse to be reached from elsewhere while callers have nothing to show.

    Args:
        host: Where to listen.
        redis_url: The store; the embedded one of ``data_dir`` if absent.
        data_dir: Where servers keep their copy of the keys.
        namespace: Whose keys are meant.

    Raises:
        ReachError: There are no keys.
        StoreError: The store does not say whether there are.
    """
    if _is_loopback(host):
        return
    if copy.place(data_dir, namespace).exists():
        return
    with open_store(redis_url, data_dir) as store:
        if not keys.exist(store, Keys(namespace)):
            raise ReachError(
                f"{host or 'every address'} can be reached from other machines, and there are no "
                "keys yet that callers could show; make one with `cartera keys create --kind "
                "secret --name shop --scope recommend`, or bind to 127.0.0.1"
            )


def proxies(trusted: str | None) -> Sequence[str]:
    """Return the addresses and networks whose word on who asks is taken; never everybody's.

    Args:
        trusted: Addresses and networks, separated by commas; None for nobody.

    Raises:
        ReachError: It is something else.
    """
    if trusted is None:
        return []
    try:
        found = [ipaddress.ip_network(one) for one in trusted.split(",")]
    except ValueError:
        found = []
    if not found or any(not network.prefixlen for network in found):
        raise ReachError(
            "a trusted proxy is none of ours; expected its address or network, as in 10.0.0.5 or "
            "10.0.0.0/24, several separated by commas"
        )
    return [str(network) for network in found]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
