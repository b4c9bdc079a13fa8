"""A publisher that kills itself before its n-th command, for every n there is.

    python -m tests.training.dying_publisher URL NAMESPACE FOLDER...

For each n, in a namespace of its own (NAMESPACE-n), a healthy publisher puts all releases but the
last into the store; then a child publishes the last one and dies by SIGKILL before its n-th
command. It ends when a child has survived, and prints how many died.
"""

import os
import signal
import sys
from pathlib import Path

import redis
from redis.client import Pipeline

from models.artifacts.keys import Keys
from training import publish
from training.publish import Releases


class Dying(redis.Redis):
    """A client that kills its process before a command."""

    commands_left = sys.maxsize

    def execute_command(self, *args: object, **options: object) -> object:
        self.count_down()
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        pipeline = super().pipeline(transaction, shard_hint)
        send = pipeline.execute

        def execute() -> list[object]:
            self.count_down()
            return send()

        pipeline.execute = execute  # type: ignore[method-assign, assignment]
        return pipeline

    def count_down(self) -> None:
        self.commands_left -= 1
        if self.commands_left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    url, namespace, *folders = sys.argv[1:]
    publish.BATCH = 2
    publish.CHUNK_BYTES = 2048  # type: ignore[attr-defined]
    n_died = 0
    while not survives(url, Keys(f"{namespace}-{n_died}"), [Path(f) for f in folders], n_died):
        n_died += 1
    sys.stdout.write(f"{n_died}\n")


def survives(url: str, keys: Keys, folders: list[Path], n_commands: int) -> bool:
    child = os.fork()
    if not child:
        with Dying.from_url(url) as store:
            for folder in folders[:-1]:
                Releases(store, keys).publish(folder)
            store.commands_left = n_commands
            Releases(store, keys).publish(folders[-1])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    if status:
        sys.exit(f"the publisher failed with status {status}")
    return True


if __name__ == "__main__":
    main()
