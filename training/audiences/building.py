"""One audience, built: from what was asked of it to members that may be read.

    begin     a number for the build, and the word that it is being built
    read      all customers of the release that serves
    choose    the members, with quality and reasons where they are lookalikes
    write     chunks in the order in which they are given out, then each member's memberships
    finish    the audience names the build, and whoever asks is given its members

A builder may be killed anywhere: until the last of these nobody sees anything of the build, and
then all of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import orjson
import redis
import structlog

from models.artifacts.audience import Audience, Built, Stands, Status
from models.artifacts.keys import Keys
from models.artifacts.members import N_CHUNK, Members
from training.audiences import table
from training.audiences.choosing import Choice, Chosen, Refused
from training.audiences.members import Memberships, blocks, read
from training.audiences.progress import Progress
from training.audiences.standing import Standing, now_ms
from training.audiences.waiting import Waiting
from training.audiences.written import Written
from training.publish import Releases
from training.store_calls import asked

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds audiences for the release that serves."""

    releases: Releases
    """In the store that has the customers."""
    store: redis.Redis
    """The one that has the audiences."""
    keys: Keys
    waiting: Waiting
    """Read while the permit was ours: it names the builds that count."""
    rng_seed: int

    def build(self, audience: Audience) -> None:
        """Build one audience, or say in its place why it cannot be built.

        Raises:
            StoreError: A store failed. What was written is taken back later; so it is with these:
            Overtaken: Another worker builds now.
            Unwanted: The audience was deleted.
            ArtifactError: The release cannot be read.
        """
        version, began_s = self.releases.current(), time.monotonic()
        if version is None:
            return
        standing = Standing(
            store=self.store, keys=self.keys, audience_id=audience.id, word=self.waiting.word
        )
        stands = begun(audience.stands, version)
        build = standing.begin(stands)
        progress = Progress(standing, stands)
        try:
            chosen = self._chosen(audience, version, progress)
        except Refused as problem:
            _end(standing, stands, "refused", str(problem))
            return
        except ModuleNotFoundError as problem:
            _end(standing, stands, "failed", _missing(problem))
            return
        built = Built(
            build=build,
            release=version,
            members=len(chosen.ids),
            chunks=self._write(build, chosen, standing, progress),
            at_ms=now_ms(),
            seeds=chosen.seeds,
            quality=chosen.quality,
            reasons=tuple(chosen.reasons),
        )
        detail = "" if built.members else _nobody(audience)
        standing.finish(built, ended(stands, "ready", detail), before=audience.built)
        took_s = round(time.monotonic() - began_s, 1)
        log.info("audience built", audience=audience.id, members=built.members, seconds=took_s)

    def _chosen(self, audience: Audience, version: str, progress: Progress) -> Chosen:
        asks = audience.asked
        progress.step("reading the release", begin=0.0, end=0.02)
        loaded = self.releases.loaded(version)
        excluded = self._excluded(audience)
        told = progress.step("reading customers", begin=0.02, end=0.5)
        customers = table.read(self.releases.store, self.keys, loaded, progress=told)
        words = "choosing a classifier" if asks.type == "lookalike" else "choosing members"
        choice = Choice(
            asked=asks,
            seeds=self._seeds(audience),
            excluded=excluded,
            table=customers,
            loaded=loaded,
            rng_seed=self.rng_seed,
        )
        return choice.made(progress.step(words, begin=0.5, end=0.8))

    def _seeds(self, audience: Audience) -> list[str]:
        """Return the ids that were given as seeds; empty where none were."""
        packed = asked(self.store.hget, self.keys.audience(audience.id), "seeds")
        seeds: list[str] = orjson.loads(packed) if packed else []
        return seeds

    def _excluded(self, audience: Audience) -> set[str]:
        """Return the members of the audiences that are to be left out."""
        ready = {one.id: one.built for one in self.waiting.audiences}
        excluded: set[str] = set()
        for audience_id in audience.asked.exclude:
            built, n_chunks = ready.get(audience_id), 0
            if built is not None:
                written = Written(audience_id=audience_id, chunks=built.chunks)
                for chunk in read(self.store, self.keys, build=built.build, written=written):
                    excluded.update(chunk.ids)
                    n_chunks += 1
            if built is None or n_chunks < built.chunks:
                raise Refused(
                    "an audience that is to be left out has no members yet, or is no more; wait "
                    "until each of them is ready, then ask for this one anew"
                )
        return excluded

    def _write(self, build: int, chosen: Chosen, standing: Standing, progress: Progress) -> int:
        """Write the members of a build; return into how many chunks."""
        told = progress.step("writing members", begin=0.8, end=0.85)
        n = len(chosen.ids)
        for place in range(0, n, N_CHUNK):
            some = slice(place, place + N_CHUNK)
            chunk = Members(ids=chosen.ids[some], scores=chosen.scores[some])
            standing.chunk(build, place // N_CHUNK, chunk.pack())
            told(place / n)
        self._mark(build, chosen, progress.step("writing memberships", begin=0.85, end=1.0))
        return -(-n // N_CHUNK)

    def _mark(self, build: int, chosen: Chosen, told: Callable[[float], None]) -> None:
        memberships = Memberships(
            store=self.store, keys=self.keys, named=self.waiting.named, youngest=build
        )
        fits = np.rint(100 * chosen.scores).astype(int)
        done = 0
        for places in blocks(chosen.ids):
            memberships.mark([chosen.ids[place] for place in places], fits[places].tolist())
            done += places.size
            told(done / fits.size)


def begun(before: Stands, release: str) -> Stands:
    """Return how an audience stands when it is begun for a release."""
    tries = before.tries + 1 if before.release == release else 1
    return Stands(status="building", at_ms=now_ms(), release=release, tries=tries)


def ended(stands: Stands, status: Status, detail: str = "") -> Stands:
    """Return how an audience stands when its build has come to an end."""
    done = 1.0 if status == "ready" else stands.progress
    return replace(stands, status=status, detail=detail, progress=done, step="", tries=0)


def fail(standing: Standing, why: str) -> None:
    """Say of an audience that building it failed, and why, whatever was being done."""
    packed = asked(standing.store.hget, standing.keys.audience(standing.audience_id), "stands")
    if packed is not None:
        standing.tell(ended(Stands.unpack(packed), "failed", why))
        log.error("audience failed", audience=standing.audience_id, reason=why)


def _end(standing: Standing, stands: Stands, status: Status, detail: str) -> None:
    standing.tell(ended(stands, status, detail))
    log.info("audience not built", audience=standing.audience_id, status=status, reason=detail)


def _nobody(audience: Audience) -> str:
    """Say why an audience has no members, where it is a rule's."""
    if audience.asked.type != "rule":
        return ""
    return "nobody meets the rule" + (" but who is left out" if audience.asked.exclude else "")


def _missing(problem: ModuleNotFoundError) -> str:
    return (
        f"{problem.name} is not installed where the worker runs, and lookalikes need it; install "
        "Cartera there with its worker extra, pip install 'cartera[worker]', then ask for the "
        "audience anew"
    )
