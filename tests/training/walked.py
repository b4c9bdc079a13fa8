"""The pipeline walked in a test, and what it told on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from models.artifacts.manifest import Manifest
from tests.training.tiny import day, items_of
from training import pipeline
from training.pipeline import Evaluation
from training.plan import Plan
from training.settings import TrainerSettings


class Told:
    """A run's progress, kept."""

    def __init__(self) -> None:
        self.stops: list[str] = []
        self.words: list[str] = []
        self.last: tuple[int, int] | None = None

    @contextmanager
    def stop(self, name: str) -> Iterator["Told"]:
        self.stops.append(name)
        yield self

    def say(self, words: str) -> None:
        self.words.append(words)

    def done(self, n: int, of: int) -> None:
        self.last = (n, of)


def plan(purchases: pl.DataFrame, *, seed: int = 7, min_buyers: int | None = None) -> Plan:
    return Plan(lines=purchases, items=items_of(purchases), seed=seed, min_buyers=min_buyers)


def train(what: Plan, folder: Path, progress: Told | None = None) -> Manifest:
    return pipeline.train(
        what,
        folder=folder,
        settings=TrainerSettings.model_construct(),
        told={"seed": what.seed},
        progress=progress or Told(),
    )


def judge(what: Plan, *, cut: float = 142, days: int | None = 28) -> Evaluation:
    return pipeline.judge(what, cut=day(cut), days=days, progress=Told())
