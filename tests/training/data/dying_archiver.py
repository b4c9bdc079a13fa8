"""An archiver that kills itself within its n-th step, for every n there is.

    python -m tests.training.data.dying_archiver URL NAMESPACE FOLDER

For each n, in a namespace and a folder of its own (…-n), a child does a turn and dies by SIGKILL
with half of its n-th packet of commands sent, with half of a file written, or before it is renamed.
This ends when a child has survived, and prints how many died.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import redis
from redis.connection import AbstractConnection

from models.artifacts.keys import N_SHARDS, Keys
from training.data import archive_streams
from training.data.archive import Archiver


def main() -> None:
    url, namespace, folder = sys.argv[1:]
    archive_streams._AT_ONCE = N_SHARDS  # a death within a packet of questions is like any other
    n_died = 0
    while not survives(url, f"{namespace}-{n_died}", f"{folder}-{n_died}", n_died):
        n_died += 1
    sys.stdout.write(f"{n_died}\n")


def survives(url: str, namespace: str, folder: str, n_steps: int) -> bool:
    child = os.fork()
    if not child:
        with redis.Redis.from_url(url) as store:
            store.ping()
            die_within(n_steps)
            Archiver(store, Keys(namespace), folder, every_s=0).turn()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status:
        sys.exit(f"the archiver failed with status {status}")
    return True


def die_within(n_steps: int) -> None:
    left = n_steps

    def is_last() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    _die_sending(is_last)
    _die_writing(is_last)


def _die_sending(is_last: Callable[[], bool]) -> None:
    send: Callable[..., None] = AbstractConnection.send_packed_command

    def send_or_die(
        connection: AbstractConnection, command: Iterable[bytes], check_health: bool = True
    ) -> None:
        command = list(command)
        if is_last():
            packet = b"".join(command)
            connection._sock.sendall(packet[: len(packet) // 2])  # type: ignore[attr-defined]
            _die()
        send(connection, command, check_health)
        if is_last():
            connection.read_response()  # it was carried out, and nobody learned that
            _die()

    AbstractConnection.send_packed_command = send_or_die  # type: ignore[method-assign]


def _die_writing(is_last: Callable[[], bool]) -> None:
    rename = Path.replace

    def rename_or_die(path: Path, target: Path) -> Path:
        if is_last():
            path.write_bytes(path.read_bytes()[:100])
            _die()
        renamed = rename(path, target)
        if is_last():
            _die()
        return renamed

    Path.replace = rename_or_die  # type: ignore[method-assign,assignment]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
