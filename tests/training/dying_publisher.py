"""A publisher that kills itself within its n-th command, for every n there is.

    python -m tests.training.dying_publisher URL NAMESPACE FOLDER...

For each n, in a namespace of its own (NAMESPACE-n), a child puts all releases but the last into the
store; then it publishes the last one, and dies by SIGKILL with half of its n-th packet of commands
sent. This ends when a child has survived, and prints how many died.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import redis
from redis.connection import AbstractConnection

from models.artifacts.keys import Keys
from training import release_in_store
from training.publish import Releases


def main() -> None:
    url, namespace, *folders = sys.argv[1:]
    release_in_store.BATCH = 2
    release_in_store.CHUNK_BYTES = 4096  # type: ignore[attr-defined]
    n_died = 0
    while not survives(url, Keys(f"{namespace}-{n_died}"), [Path(f) for f in folders], n_died):
        n_died += 1
    sys.stdout.write(f"{n_died}\n")


def survives(url: str, keys: Keys, folders: list[Path], n_packets: int) -> bool:
    child = os.fork()
    if not child:
        with redis.Redis.from_url(url) as store:
            store.ping()
            for folder in folders[:-1]:
                Releases(store, keys).publish(folder)
            die_within(n_packets)
            Releases(store, keys).publish(folders[-1])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status:
        sys.exit(f"the publisher failed with status {status}")
    return True


def die_within(n_packets: int) -> None:
    send: Callable[..., None] = AbstractConnection.send_packed_command
    left = n_packets

    def send_or_die(
        connection: AbstractConnection, command: Iterable[bytes], check_health: bool = True
    ) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            packet = b"".join(command)
            connection._sock.sendall(packet[: len(packet) // 2])  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGKILL)
        send(connection, command, check_health)

    AbstractConnection.send_packed_command = send_or_die  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
