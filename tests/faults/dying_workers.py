"""Two workers at a time, each killed at a random moment of its work and replaced, many times.

Run as a process of its own, which imports once and then forks: a life costs milliseconds. After
each death all leases are taken away, as if they had expired: the other worker loses its shards in
the middle of its work, and nobody waits for the dead.

    python -m tests.faults.dying_workers STORE NAMESPACE N_DEATHS SEED
"""

import os
import random
import signal
import sys
import time
from typing import NamedTuple

import redis

from models.artifacts.keys import N_SHARDS, Keys
from tests.training.near_line.feeding import QUICK, counting
from training.worker import Worker

LONGEST_LIFE_S = 0.08
"""Once it has a release; but one in ten dies young."""


class Life(NamedTuple):
    """A worker, and where it says that it has a release."""

    process: int
    grown_up: int

    def end(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.grown_up)


def main(url: str, namespace: str, n_deaths: int, seed: int) -> None:
    rng, keys = random.Random(seed), Keys(namespace)
    leases = [keys.lease(shard) for shard in range(N_SHARDS)]
    living = [_born(url, namespace), _born(url, namespace)]
    with redis.Redis.from_url(url) as store:
        for _ in range(n_deaths):
            oldest = living.pop(0)
            if rng.random() > 0.1:
                os.read(oldest.grown_up, 1)
            time.sleep(rng.uniform(0, LONGEST_LIFE_S))
            oldest.end()
            store.delete(keys.workers, *leases)
            living.append(_born(url, namespace))
    for worker in living:
        worker.end()


def _born(url: str, namespace: str) -> Life:
    grown_up, told = os.pipe()
    child = os.fork()
    if child:
        os.close(told)
        return Life(child, grown_up)
    worker = Worker(url=url, namespace=namespace, timing=QUICK, renew=counting)

    def goes_on() -> bool:
        if worker.release is not None:
            os.write(told, b".")
        return False

    worker.run(goes_on)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
