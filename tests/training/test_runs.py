"""What a run publishes is what the gate compared, and what it removes is of no more use."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from models.artifacts.manifest import Manifest
from tests.training.corner_shop import write_purchases
from tests.training.published import namespace_of, written
from training import pipeline, runs
from training.errors import GateRefused, NothingToLearn, StoreError
from training.judge import gate
from training.plan import Plan
from training.progress import Shown
from training.publish import Releases
from training.release import MANIFEST, manifest_of
from training.settings import TrainerSettings
from training.shop_files import Files

OLD = [f"202001{day:02d}T030000Z-1a2b" for day in range(1, 6)]
ANY = {gate.SCORE: 0.5, gate.ERROR: 0.01, gate.BASELINE: 0.1}


@pytest.fixture
def releases(store_url: str, namespace: str) -> Iterator[Releases]:
    with namespace_of(store_url, namespace) as releases:
        yield releases


@pytest.fixture
def settings(store_url: str, namespace: str, tmp_path: Path) -> TrainerSettings:
    return TrainerSettings(redis_url=store_url, namespace=namespace, data_dir=tmp_path / "var")


def judged(folder: Path, version: str, **counts: int) -> Path:
    """A release as good as any other, with all that the gate looks at."""
    path = written(folder, version)
    manifest = manifest_of(path)
    manifest = replace(manifest, metrics=ANY, counts={**manifest.counts, **counts})
    (path / MANIFEST).write_bytes(manifest.to_json())
    return path


@pytest.mark.parametrize("force", [False, True])
def test_a_release_published_after_the_gate_looked_is_not_replaced(
    releases: Releases,
    settings: TrainerSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    force: bool,
) -> None:
    releases.publish(judged(tmp_path, "r1"))
    other, ours = judged(tmp_path, "r2"), judged(tmp_path, "r3")
    look = Releases.publish

    def late(self: Releases, folder: Path, **told: object) -> None:
        look(releases, other)
        look(self, folder, **told)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(Releases, "publish", late)

    with pytest.raises(StoreError, match="r2 began to serve meanwhile, where r1 was expected"):
        runs.put(ours, settings, force=force, shown=Shown())

    assert releases.current() == "r2"


def test_a_live_release_that_cannot_be_read_is_replaced_only_by_force(
    releases: Releases, settings: TrainerSettings, tmp_path: Path
) -> None:
    releases.publish(judged(tmp_path, "r1"))
    newer = replace(releases.manifests()["r1"], format=99).to_json()
    releases.store.hset(releases.keys.releases, "r1", newer)
    ours = judged(tmp_path, "r2")

    with pytest.raises(GateRefused, match=r"r1 serves, .* cannot be read .* with --force"):
        runs.put(ours, settings, force=False, shown=Shown())
    runs.put(ours, settings, force=True, shown=Shown())

    assert releases.current() == "r2"


def trained(settings: TrainerSettings, folder: Path, *, publish: bool) -> Manifest:
    files = Files(purchases=write_purchases(folder, weeks=6), rejects=folder / "rejects.csv")
    return runs.train(files, settings, publish=publish)


def planned(settings: TrainerSettings, files: Files, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Return what the pipeline is given, and go no further."""
    seen: list[Plan] = []

    def look(plan: Plan, **_: object) -> Manifest:
        seen.append(plan)
        raise NothingToLearn("seen enough")

    monkeypatch.setattr(pipeline, "train", look)
    with pytest.raises(NothingToLearn, match="seen enough"):
        runs.train(files, settings, publish=False)
    return seen[0]


def test_what_customers_said_and_whom_the_shop_knows_reach_the_pipeline(
    settings: TrainerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers, feedback = tmp_path / "customers.csv", tmp_path / "feedback.csv"
    purchases = write_purchases(tmp_path, weeks=1)
    with purchases.open("a") as stream:
        stream.write("returned,i1,2024-01-03,-1,1.50,r-1\n")
    customers.write_text("customer_id\nc1\nnew\nc2\nreturned\n")
    feedback.write_text("who,timestamp,kind,value\nc1,2024-01-05,rating,5\n")
    files = Files(
        purchases=purchases,
        customers=customers,
        feedback=feedback,
        feedback_columns={"customer_id": "who"},
        rejects=tmp_path / "rejects.csv",
    )

    plan = planned(settings, files, monkeypatch)

    assert plan.listed is not None
    assert plan.listed.to_list() == ["c1", "new", "c2", "returned"]
    assert plan.feedback is not None
    assert plan.feedback["customer_id"].to_list() == ["c1"]


def test_an_item_whose_file_says_no_margin_earns_the_share_that_the_shop_names(
    settings: TrainerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = tmp_path / "items.csv"
    items.write_text("item_id,price,margin\ni1,10,4\ni2,20,\n")
    files = Files(
        purchases=write_purchases(tmp_path, weeks=1),
        items=items,
        rejects=tmp_path / "rejects.csv",
    )

    plan = planned(settings.model_copy(update={"margin_share": 0.25}), files, monkeypatch)

    assert plan.items["to_earn"].head(2).to_list() == [4.0, 5.0]
    assert plan.items["margin"].head(2).to_list() == [4.0, None]


def test_without_their_files_nobody_is_listed_and_nothing_was_said(
    settings: TrainerSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(purchases=write_purchases(tmp_path, weeks=1), rejects=tmp_path / "rejects.csv")

    plan = planned(settings, files, monkeypatch)

    assert plan.listed is None
    assert plan.feedback is None


def on_disk(settings: TrainerSettings) -> list[str]:
    return sorted(
        path.name for path in (settings.data_dir / "releases" / settings.namespace).iterdir()
    )


@pytest.mark.slow
def test_a_run_that_the_gate_refuses_removes_old_releases_but_not_the_one_that_serves(
    releases: Releases, settings: TrainerSettings, tmp_path: Path
) -> None:
    folder = settings.data_dir / "releases" / settings.namespace
    for version in OLD:
        judged(folder, version, customers=1000)
    releases.publish(folder / OLD[0])

    with pytest.raises(GateRefused, match="knows 40 customers"):
        trained(settings, tmp_path, publish=True)

    first, *rest, made = on_disk(settings)
    assert first == OLD[0] == releases.current()
    assert rest == OLD[3:]
    assert orjson.loads((folder / made / MANIFEST).read_bytes())["counts"]["customers"] == 40


@pytest.mark.slow
def test_a_run_that_publishes_nothing_leaves_what_serves_on_disk(
    releases: Releases, settings: TrainerSettings, tmp_path: Path
) -> None:
    folder = settings.data_dir / "releases" / settings.namespace
    for version in OLD:
        judged(folder, version)
    releases.publish(folder / OLD[1])

    made = trained(settings, tmp_path, publish=False)

    assert on_disk(settings) == [OLD[1], *OLD[3:], made.version]


@pytest.mark.slow
def test_where_the_store_does_not_say_what_serves_nothing_is_removed(
    settings: TrainerSettings, tmp_path: Path
) -> None:
    away = settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})
    for version in OLD:
        judged(away.data_dir / "releases" / away.namespace, version)

    made = trained(away, tmp_path, publish=False)

    assert on_disk(away) == [*OLD, made.version]
