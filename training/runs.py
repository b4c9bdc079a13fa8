"""The commands that train: read, walk the pipeline, publish, and say what happened."""

import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from rich.console import Console

from models.artifacts.manifest import Manifest
from models.errors import ArtifactError
from training import pipeline, release, report, shop_files
from training.data import demo
from training.data.read import PurchaseFile
from training.data.split import WINDOW_DAYS
from training.errors import GateRefused, StoreError
from training.judge import gate
from training.pipeline import Evaluation
from training.plan import Plan
from training.progress import Shown
from training.publish import Releases
from training.settings import TrainerSettings
from training.shop_files import Files
from training.standings import standings
from training.stores import open_releases

OUT = Console(width=None if sys.stdout.isatty() else 120)
"""A file or a pipe gets whole figures, however narrow it says it is."""


def train(
    files: Files, settings: TrainerSettings, *, publish: bool = True, force: bool = False
) -> Manifest:
    """Train on ``files``, and publish what passes the gate.

    Args:
        files: What to read.
        settings: Where to, and from which seed.
        publish: Put the release into the store and let it serve.
        force: Publish also what the gate refuses.

    Raises:
        TrainingError: In words; nothing was published.
    """
    before = _before(settings) if publish else None
    shown = Shown()
    plan, file = _read(files, settings, shown)
    folder = settings.data_dir / "releases" / settings.namespace
    manifest = pipeline.train(
        plan,
        folder=folder,
        settings=settings,
        told=_told(files, settings),
        progress=shown,
        before=before,
    )
    OUT.print(report.was_read(file))
    OUT.print(report.was_made(manifest))
    for sentence in report.why(manifest):
        OUT.print(sentence)
    try:
        if publish:
            put(folder / manifest.version, settings, force=force, shown=shown)
    finally:
        _prune(folder, settings, made=manifest.version)
    OUT.print(report.times(shown.took))
    OUT.print(f"The release is in {folder / manifest.version}")
    return manifest


def _before(settings: TrainerSettings) -> pl.DataFrame | None:
    """Return where the customers stand now; a store that is away is told before the training."""
    with open_releases(settings) as releases:
        try:
            return standings(releases)
        except ArtifactError as problem:
            OUT.print(f"Who moved between groups cannot be told this time: {problem}")
            return None


def put(folder: Path, settings: TrainerSettings, *, force: bool, shown: Shown) -> None:
    """Publish a release directory, if the gate lets it pass."""
    manifest = release.manifest_of(folder)
    with open_releases(settings) as releases:
        current = releases.current()
        if not force:
            _check(manifest, releases, current, folder)
        with shown.stop("publish") as stop:
            n = manifest.counts["customers"] + manifest.counts.get("prospects", 0)
            releases.publish(folder, before=current or "", step=lambda done: stop.done(done, n))
    OUT.print(f"Release {manifest.version} is published and serves", style="bold green")


def _check(manifest: Manifest, releases: Releases, current: str | None, folder: Path) -> None:
    try:
        gate.check(manifest, _live(releases, current))
    except GateRefused as refused:
        raise GateRefused(
            f"{refused} (it stays in {folder}: `cartera publish FOLDER --force`); another shop "
            "wants a CARTERA_NAMESPACE of its own"
        ) from refused


def _live(releases: Releases, current: str | None) -> Manifest | None:
    try:
        return releases.manifests().get(current) if current else None
    except ArtifactError as problem:
        raise GateRefused(
            f"release {current} serves, and its manifest cannot be read ({problem}), so nobody can "
            "say whether the new release is worse; let an older one serve with `cartera "
            "releases rollback`, or publish all the same with --force"
        ) from problem


def _prune(folder: Path, settings: TrainerSettings, *, made: str) -> None:
    """Remove old releases from disk; none where the store does not say which one serves."""
    with suppress(StoreError):
        with open_releases(settings) as releases:
            serving = releases.current()
        release.prune(folder, keep={made, serving or made})


def evaluate(
    files: Files | None,
    settings: TrainerSettings,
    *,
    cut: datetime | None,
    days: int | None,
    baselines: bool,
    shown: Shown,
) -> Evaluation:
    """Train before ``cut`` and judge after it; the demo shop where no files are given."""
    files = files or demo_files(settings, shown)
    plan, _ = _read(files, settings, shown)
    cut = cut or _last_window(plan.lines)
    return pipeline.judge(plan, cut=cut, days=days, progress=shown, only_ours=not baselines)


def demo_files(settings: TrainerSettings, shown: Shown, *, calendar: bool = True) -> Files:
    """Write the demo shop's files into the data directory.

    Its calendar ends with its purchases, so it teaches past windows and says nothing of the coming
    one: to serve, leave it out.
    """
    with shown.stop("unpack the Complete Journey"):
        written = demo.write_demo(settings.data_dir / "demo", calendar=calendar)
    return Files(
        purchases=written.purchases,
        items=written.items,
        promotions=written.promotions if calendar else None,
        rejects=settings.data_dir / "demo" / "rejects.csv",
    )


def print_evaluation(found: Evaluation, *, seed: int, json: Path | None) -> None:
    """Print an evaluation's tables, and write its figures to ``json``."""
    OUT.print(report.was_judged(found))
    OUT.print(f"Lists are the {found.ranking.choice['chosen']}'s: {found.ranking.choice['why']}")
    if len(found.judged) > 1:
        OUT.print(report.was_compared(found, seed=seed))
    if json:
        json.write_bytes(orjson.dumps(report.figures(found, seed=seed), option=orjson.OPT_INDENT_2))


def _read(files: Files, settings: TrainerSettings, shown: Shown) -> tuple[Plan, PurchaseFile]:
    found = shop_files.read(files, settings, shown)
    for sentence in found.remarks:
        OUT.print(sentence)
    return found.plan, found.purchases


def _last_window(lines: pl.DataFrame) -> datetime:
    last = lines["timestamp"].max()
    assert isinstance(last, datetime)
    midnight = last.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=WINDOW_DAYS)


def _told(files: Files, settings: TrainerSettings) -> dict[str, Any]:
    return {
        "purchases": files.purchases.name if files.purchases else None,
        **({"from_archive": True} if files.archive is not None else {}),
        "items": files.items.name if files.items else None,
        "promotions": files.promotions.name if files.promotions else None,
        "feedback": files.feedback.name if files.feedback else None,
        "budget": f"{files.budget.seconds:g}s",
        "columns": dict(files.columns or {}),
        "until": files.until.isoformat() if files.until else None,
        "seed": settings.seed,
        "min_buyers": settings.min_buyers,
    }
