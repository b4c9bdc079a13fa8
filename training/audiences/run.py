"""The process that builds: it takes back what is of no use, builds one audience, and ends.

    python -m training.audiences.run WORD [AUDIENCE]

It is started by ``training.audiences.foreman``, which holds the permit of this word. A process of
its own gives back the memory of a million customers, leaves the near-line worker's thread in peace,
and can be ended in the middle of anything. It gives way to everything else on the machine, and is
what the kernel should kill first where memory ends. A fault of Cartera's own would only come again,
so an audience that meets one has failed at once, and says which it was.
"""

import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import redis
import structlog

from models.artifacts.keys import Keys
from models.errors import CarteraError
from training.audiences.building import Builder, fail
from training.audiences.members import Memberships
from training.audiences.standing import Overtaken, Standing, Unwanted, now_ms
from training.audiences.sweeping import sweep
from training.audiences.waiting import read
from training.errors import TrainingError
from training.log import configure
from training.publish import Releases
from training.settings import TrainerSettings
from training.stores import open_store

AGAIN = os.EX_TEMPFAIL
"""The exit code of a build that could not go on, for a reason that may pass."""
_NICE = 10
_KILLED_FIRST = "800"

log = structlog.get_logger(__name__)


def run(
    *, releases: Releases, store: redis.Redis, word: str, audience_id: str | None, rng_seed: int
) -> None:
    """Take back what is of no use, and build an audience if one is named.

    Args:
        releases: Those of the namespace, in the store that has the customers.
        store: The one that has the audiences.
        word: Of the permit; it must be there.
        audience_id: What to build.
        rng_seed: Where chance begins.

    Raises:
        Overtaken: Another worker has the permit.
        TrainingError: As ``Builder.build`` does.
        CarteraError: So too.
    """
    keys = releases.keys
    waiting = read(store, keys)
    if waiting.word != word:
        raise Overtaken("another worker builds audiences now; this process ends")
    memberships = Memberships(
        store=store, keys=keys, named=waiting.named, youngest=waiting.youngest
    )
    sweep(memberships, waiting.stale(now_ms()))
    builder = Builder(releases=releases, store=store, keys=keys, waiting=waiting, rng_seed=rng_seed)
    for audience in waiting.audiences:
        if audience.id == audience_id:
            builder.build(audience)


def main(word: str, audience_id: str | None) -> int:
    """Run with the settings of this process; return its exit code."""
    settings = TrainerSettings()
    configure(level=settings.log_level, format_=settings.log_format)
    _give_way()
    data_dir, url = settings.data_dir, settings.redis_url
    with (
        open_store(url, data_dir) as store,
        open_store(settings.events_redis_url or url, data_dir) as events,
    ):
        return attempt(
            releases=Releases(store, Keys(settings.namespace)),
            store=events,
            word=word,
            audience_id=audience_id,
            rng_seed=settings.seed,
        )


def attempt(
    *, releases: Releases, store: redis.Redis, word: str, audience_id: str | None, rng_seed: int
) -> int:
    """Do what ``run`` does and log what went wrong; return the exit code.

    Raises:
        MemoryError: There is too little; the process dies of that, which may pass.
    """
    try:
        try:
            run(
                releases=releases,
                store=store,
                word=word,
                audience_id=audience_id,
                rng_seed=rng_seed,
            )
        except (TrainingError, CarteraError, MemoryError):
            raise
        except Exception as problem:  # noqa: BLE001  # or its like would be built again and again
            _log_fault(problem)
            if audience_id is None:
                return AGAIN
            standing = Standing(store=store, keys=releases.keys, audience_id=audience_id, word=word)
            fail(standing, _told(problem))
    except (Overtaken, Unwanted) as problem:
        log.info("the build ended early", reason=str(problem))
    except (TrainingError, CarteraError) as problem:
        log.warning("the build failed; it is tried again", reason=str(problem))
        return AGAIN
    return os.EX_OK


def _log_fault(problem: Exception) -> None:
    """Say where a fault is, but not its message, which may name a customer."""
    where = "".join(traceback.format_tb(problem.__traceback__))
    log.error("a fault of Cartera's own", fault=type(problem).__name__, traceback=where)


def _told(problem: Exception) -> str:
    return (
        f"its build met a fault of Cartera's own ({type(problem).__name__}), where it should have "
        "come to an end; the worker's log says where: report it, and after an upgrade ask for the "
        "audience anew"
    )


def _give_way() -> None:
    os.nice(_NICE)
    with suppress(OSError):  # elsewhere than on Linux
        Path("/proc/self/oom_score_adj").write_text(_KILLED_FIRST, encoding="ascii")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
