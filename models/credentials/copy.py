"""Where a server keeps its copy of the keys, and in which form.

    DATA_DIR/credentials/<namespace>.json    id -> key; readable by the server's own user alone

With it a server that starts while the store is away knows whom to let in, and one whose store was
emptied stays closed. Whoever starts the server looks whether there is one.
"""

from collections.abc import Mapping
from pathlib import Path

import orjson

from models.errors import CredentialError


def place(data_dir: Path, namespace: str) -> Path:
    """Return where the copy is, if there is one."""
    return data_dir / "credentials" / f"{namespace}.json"


def pack(keys: Mapping[str, bytes]) -> bytes:
    """Return the copy of packed keys, by their ids."""
    return orjson.dumps({id_: key.decode(errors="replace") for id_, key in keys.items()})


def unpack(packed: bytes) -> dict[str, bytes]:
    """Read what ``pack`` wrote.

    Raises:
        CredentialError: It is no copy of ours, or a copy of no key.
    """
    try:
        keys = {id_: key.encode() for id_, key in orjson.loads(packed).items()}
    except (AttributeError, ValueError) as problem:
        raise CredentialError("the copy of the keys is damaged; remove it") from problem
    if not keys:
        raise CredentialError("the copy of the keys is empty; remove it")
    return keys
