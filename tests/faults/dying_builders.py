"""Builders of two audiences, each killed at a random moment of its work and replaced, many times.

Run as a process of its own, which imports and reads the customers once and then forks: a life costs
milliseconds, most of which go into writing. A builder
has the permit of the one before taken away, as if it had expired. Half of them were not dead then,
but asleep: they wake while the next one works, and are killed a moment later. After each death it
is asked whether the members that may be read are whole.

    python -m tests.faults.dying_builders STORE NAMESPACE AUDIENCE_OF_HIGH AUDIENCE_OF_WINE N SEED
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import redis

from models.artifacts.keys import Keys
from tests.training.audiences.asking import Store, found, marked, members
from tests.training.audiences.crowd import EVENING, WINE
from training.audiences import (
    building,
    reasons,  # noqa: F401  # or each life would import it anew
    standing,
    table,
)
from training.audiences.run import run
from training.audiences.standing import Overtaken
from training.publish import Releases

N_CHUNK = 10
"""Members: so there are ten or twenty chunks."""
LONGEST_LIFE_S = 0.06
"""Longer than most builds take."""
AWAKE_S = 0.02
"""About as long as it writes."""


@dataclass(frozen=True, slots=True)
class Builders:
    """Starts and ends builders."""

    url: str
    keys: Keys
    store: Store
    rng: random.Random

    def born(self, audience_id: str) -> int:
        """Let a builder begin, with the permit."""
        word = f"builder {self.rng.random()}"
        self.store.set(self.keys.audience_building, word)
        child = os.fork()
        if child:
            return child
        with redis.Redis.from_url(self.url) as store, suppress(Overtaken):
            releases = Releases(store, self.keys)
            run(releases=releases, store=store, word=word, audience_id=audience_id, rng_seed=7)
        os._exit(0)

    def live(self, audience_id: str, builder: int) -> None:
        """Let a builder work for a while; of three, two until they write, and a little more."""
        if self.rng.random() < 1 / 3:
            time.sleep(self.rng.uniform(0, LONGEST_LIFE_S))
            return
        began_ms = standing.now_ms()
        while os.waitid(os.P_PID, builder, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            audience = found(self.store, self.keys, audience_id)
            assert audience is not None
            stands = audience.stands
            if stands.at_ms >= began_ms and stands.step.startswith("writing"):
                time.sleep(self.rng.uniform(0, AWAKE_S))
                return
            time.sleep(0.002)

    def end(self, builder: int) -> None:
        """Kill a builder, unless it has come to a good end."""
        os.kill(builder, signal.SIGKILL)
        _, status = os.waitpid(builder, 0)
        assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)

    def wake_and_end(self, builder: int) -> None:
        """Let a builder that slept go on for a moment."""
        os.kill(builder, signal.SIGCONT)
        time.sleep(AWAKE_S)
        self.end(builder)


def main(
    url: str, namespace: str, *, expected: Mapping[str, Sequence[str]], n: int, seed: int
) -> None:
    setattr(building, "N_CHUNK", N_CHUNK)  # noqa: B010  # a name that it has imported
    standing.KEPT_MS = 0
    rng, keys, ids = random.Random(seed), Keys(namespace), [*expected]
    n_whole = 0
    with redis.Redis.from_url(url) as store:
        read_once(Releases(store, keys))
        builders = Builders(url, keys, store, rng)
        for _ in range(n // 2):
            sleeper, next_one = rng.choice(ids), rng.choice(ids)
            asleep = builders.born(sleeper)
            builders.live(sleeper, asleep)
            os.kill(asleep, signal.SIGSTOP)
            awake = builders.born(next_one)
            builders.live(next_one, awake)
            builders.wake_and_end(asleep)
            builders.end(awake)
            n_whole += assert_whole(store, keys, expected)
        store.delete(keys.audience_building)
    assert n_whole > n / 2


def read_once(releases: Releases) -> None:
    """Let no builder read the customers again: whoever dies of that has written nothing."""
    version = releases.current()
    assert version is not None
    loaded = releases.loaded(version)
    customers = table.read(releases.store, releases.keys, loaded, progress=lambda _share: None)

    def read(*_: object, progress: Callable[[float], None]) -> table.Table:
        progress(1.0)
        return customers

    setattr(table, "read", read)  # noqa: B010  # likewise


def assert_whole(store: Store, keys: Keys, expected: Mapping[str, Sequence[str]]) -> int:
    """Expect of each audience nothing to read yet, or all members, each of them marked.

    Returns how many had members.
    """
    n_whole, marks = 0, marked(store, keys)
    for audience_id, whole in expected.items():
        audience = found(store, keys, audience_id)
        assert audience is not None
        if audience.built is not None:
            assert marks[audience.built.build] == {*whole}
            assert members(store, keys, audience_id) == whole
            n_whole += 1
    return n_whole


if __name__ == "__main__":
    _, url_, namespace_, high, wine, n_, seed_ = sys.argv
    whole = {high: EVENING[::-1], wine: WINE[::-1]}
    main(url_, namespace_, expected=whole, n=int(n_), seed=int(seed_))
