"""Who is a member of an audience, out of all customers of a release: pure, nothing is written.

    rule, group   who meets it; where only so many are asked for, those who will bring most
    lookalike     the customers most like the seeds, as many as were asked for; no seed among them

Members of other audiences are left out first, where that was asked for.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from models.arrays import Mask, Rows, Scores
from models.artifacts.audience import MIN_SEEDS, Asked
from models.customer import rule as rules
from models.errors import FilterError
from models.loaded import Loaded
from training.audiences import meeting
from training.audiences.table import Table
from training.errors import GroupUnknown, TrainingError

log = structlog.get_logger(__name__)


class Refused(TrainingError):
    """An audience would say nothing, or cannot be told from this release; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Members of one audience."""

    ids: Sequence[str]
    """In the order in which they are given out."""
    scores: Scores
    """Shape ``(n,)``: how likely each belongs to it; 1 where a rule says so."""
    seeds: int = 0
    """How many there were."""
    quality: dict[str, Any] | None = None
    """A ``Quality``, of lookalikes."""
    reasons: Sequence[dict[str, Any]] = ()
    """``Reason``, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All that a choice of members goes by."""

    asked: Asked
    seeds: Sequence[str]
    """Ids that were given as seeds; empty where a rule or a group says who they are."""
    excluded: Collection[str]
    """Ids of who is to be no member."""
    table: Table
    loaded: Loaded
    rng_seed: int

    def made(self, progress: Callable[[float], None]) -> Chosen:
        """Return the members.

        Raises:
            Refused: There are too few seeds, they are like everybody, or the release does not know
                what was asked for.
            ModuleNotFoundError: Lookalikes need lightgbm and scipy.
        """
        if not self.table.ids:
            raise Refused(
                "the release that serves holds no customers' profiles, which audiences are found "
                "in; an older Cartera made it perhaps: train again, then ask for the audience anew"
            )
        if self.asked.type == "lookalike":
            return self._lookalikes(progress)
        return self._meeting()

    def _meeting(self) -> Chosen:
        met = self._met() & ~_among(self.table.ids, self.excluded)
        value = np.nan_to_num(_value(self.table), nan=-np.inf)
        rows = _best(value, met, self._size())
        return Chosen(
            ids=self._ids(rows),
            scores=np.ones(rows.size, dtype=np.float32),
            reasons=self._reasons(rows),
        )

    def _lookalikes(self, progress: Callable[[float], None]) -> Chosen:
        is_seed = _among(self.table.ids, set(self.seeds)) if self.seeds else self._met()
        seeds = np.flatnonzero(is_seed).astype(np.int32)
        self._expect_enough(seeds.size)
        weights, (kept_out, kept_out_rows) = self._weights(seeds), self._kept_out()
        from training.audiences import lookalike  # noqa: PLC0415  # rules go without what it needs

        try:
            found = lookalike.lookalike(
                self.table,
                seeds,
                weights=weights,
                kept_out=kept_out,
                kept_out_rows=kept_out_rows,
                loaded=self.loaded,
                rng_seed=self.rng_seed,
                progress=progress,
            )
        except lookalike.NoBetterThanChance as problem:
            raise Refused(f"{problem}{_uncounted(weights)}") from problem
        free = ~is_seed & ~_among(self.table.ids, self.excluded) & np.isfinite(found.scores)
        rows = _best(found.scores, free, self._size())
        return Chosen(
            ids=self._ids(rows),
            scores=found.scores[rows],
            seeds=int(seeds.size),
            quality=asdict(found.quality),
            reasons=self._reasons(rows),
        )

    def _met(self) -> Mask:
        """Who meets the rule, or is of the group."""
        if not self.asked.group:
            return meeting.members(self._rule(), self.table, self.loaded)
        try:
            return meeting.of_group(self.asked.group, self.table, self.loaded)
        except GroupUnknown as problem:
            raise Refused(str(problem)) from problem

    def _rule(self) -> rules.Rule:
        try:
            return rules.parse(self.asked.rule)
        except FilterError as problem:
            raise Refused(
                f"the rule cannot be read by this worker ({problem.detail}); the server that took "
                "it is newer perhaps: upgrade the worker, then ask for the audience anew"
            ) from problem

    def _kept_out(self) -> tuple[frozenset[str], Rows]:
        """What says by itself who the seeds are: fields of profiles, and items."""
        none = np.array([], dtype=np.int32)
        if self.asked.group and self.loaded.customers is not None:
            group = self.loaded.customers.group(self.asked.group)
            return frozenset([group.kind] if group is not None else []), none
        if self.seeds:
            return frozenset(), none
        rule = self._rule()
        return rule.fields, meeting.defining_rows(rule, self.loaded)

    def _reasons(self, rows: Rows) -> list[dict[str, Any]]:
        """What distinguishes members; nothing where what that needs is not installed.

        Nor of so few: what is told of them is what is known of each.
        """
        if rows.size < MIN_SEEDS:
            return []
        try:
            from training.audiences.reasons import reasons  # noqa: PLC0415
        except ModuleNotFoundError as problem:
            log.warning("no reasons are given", missing=problem.name)
            return []
        kept_out, kept_out_rows = self._kept_out()
        found = reasons(
            self.table,
            rows,
            loaded=self.loaded,
            kept_out=kept_out,
            kept_out_rows=kept_out_rows,
            rng_seed=self.rng_seed,
        )
        return [asdict(reason) for reason in found]

    def _expect_enough(self, n_seeds: int) -> None:
        if n_seeds >= MIN_SEEDS:
            return
        given = f" of the {len(set(self.seeds))} given" if self.seeds else ""
        raise Refused(
            f"{n_seeds} seeds{given} are customers of the release that serves, where at least "
            f"{MIN_SEEDS} were expected; name more, or a rule that more customers meet"
        )

    def _weights(self, seeds: Rows) -> NDArray[np.float64] | None:
        """How much each seed counts; None where all count alike."""
        if self.asked.weight == "equal":
            return None
        value = _value(self.table)[seeds]
        weights = np.where(np.isfinite(value), np.maximum(value, 0.0), 0.0)
        if not weights.any():
            raise Refused(
                "no seed is expected to bring anything, so they cannot count by value; expected "
                "one at least: ask with weight equal, or name other seeds"
            )
        return weights

    def _ids(self, rows: Rows) -> list[str]:
        return [self.table.ids[row] for row in rows]

    def _size(self) -> int:
        """How many members there may be."""
        if self.asked.expansion is not None:
            return max(1, round(len(self.table.ids) * self.asked.expansion / 100))
        return len(self.table.ids) if self.asked.size is None else self.asked.size


def _uncounted(weights: NDArray[np.float64] | None) -> str:
    """What there is to add where seeds count nothing."""
    n = 0 if weights is None else int((weights == 0).sum())
    if weights is None or not n:
        return ""
    return (
        f"; {n} of the {weights.size} seeds count nothing, for they are expected to bring nothing: "
        "with weight equal they would count"
    )


def _best(scores: NDArray[np.floating], free: Mask, n: int) -> Rows:
    """Return the rows of the ``n`` best of those that are free, best first, ties by row."""
    rows = np.flatnonzero(free)
    return rows[np.argsort(-scores[rows], kind="stable")][:n].astype(np.int32)


def _among(ids: Sequence[str], wanted: Collection[str]) -> Mask:
    if not wanted:
        return np.zeros(len(ids), dtype=bool)
    return np.fromiter((id_ in wanted for id_ in ids), bool, len(ids))


def _value(table: Table) -> NDArray[np.float64]:
    """What each customer is expected to bring; nan where that is unknown."""
    return table.profiles["predicted_clv"][:, 0].astype(np.float64)
