"""Every model of one release, frozen: what a request takes once and keeps to its end."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Arrays, Mask, Rows, Scores, Vector
from models.artifacts.manifest import Manifest
from models.catalogue import Catalogue
from models.customer.evidence import Evidence
from models.customer.summary import Summary
from models.errors import ArtifactCorrupt
from models.loaded_checks import check
from models.ranking import Blocks, normalised
from models.scorers.collaborative import Collaborative
from models.scorers.content import Content
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.scorers.rebuying import Rebuying
from models.scorers.transitions import Transitions
from models.shaping.blend import Weights
from models.shaping.profit import Earning

_SUMMARY, _EVIDENCE = "customers.summary", "customers.evidence"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A release, ready to answer."""

    manifest: Manifest
    catalogue: Catalogue
    popularity: Popularity
    collaborative: Collaborative
    copurchase: CoPurchase
    transitions: Transitions
    weights: Weights
    rebuying: Rebuying
    """That nothing is bought again, in older releases."""
    content: Content | None = None
    """What labels say of the items without a model; None in older releases, and where all have
    one."""
    customers: Summary | None = None
    """What is known of the customers as a whole; None in older releases."""

    @property
    def version(self) -> str:
        """The release's version."""
        return self.manifest.version

    @cached_property
    def showable(self) -> Mask:
        """Which items may appear at all."""
        return self.catalogue.showable

    @cached_property
    def popular(self) -> Scores:
        """Recent popularity of each item, 0 to 1; what is expected of a new one."""
        if self.content is None:
            return self.popularity.score()
        buyers = self.popularity.buyers.astype(np.float32)
        behind = buyers[self.catalogue.n_ranked :]
        np.maximum(behind, self.content.buyers, out=behind)
        return normalised(buyers)

    @cached_property
    def blocks(self) -> Blocks:
        """All items, for a search that looks at few of them."""
        lengths = np.zeros(len(self.catalogue), dtype=np.float32)
        lengths[: self.catalogue.n_ranked] = self.collaborative.lengths
        if self.content is not None:
            lengths[self.catalogue.n_ranked :] = self.content.lengths
        return Blocks.of(lengths=lengths, popular=self.popular)

    @cached_property
    def selling(self) -> Rows:
        """All items, best-selling now first."""
        return np.argsort(-self.popular, kind="stable").astype(np.int32)

    @cached_property
    def earning(self) -> Earning | None:
        """How margins count; None where none is known, so that there is no profit to rank by."""
        return Earning.of(self.manifest.weights, self.catalogue.margin, self.popularity.buyers)

    @cached_property
    def last_day(self) -> np.datetime64:
        """The day of the last purchase that was learned."""
        return np.datetime64(date.fromisoformat(self.manifest.last_purchase[:10]), "D")

    @cached_property
    def learned_until_ms(self) -> int:
        """The end of the second of the last purchase that was learned, in ms since 1970."""
        last = datetime.fromisoformat(self.manifest.last_purchase)
        aware = last if last.tzinfo is not None else last.replace(tzinfo=UTC)
        return int(aware.timestamp()) * 1000 + 999

    def taste(self, vector: Vector, rows: Rows) -> Scores:
        """Return how ``vector`` likes each of ``rows``, by learned vectors or estimated ones.

        Items without either score 0.
        """
        n_ranked = self.catalogue.n_ranked
        behind = (rows >= n_ranked).nonzero()[0]
        scores = self.collaborative.score(vector, rows)
        if behind.size and self.content is not None:
            scores[behind] = self.content.score(vector, rows.take(behind) - n_ranked)
        return scores

    def likeness(self, rows: Rows, among: Rows) -> Scores:
        """Return the mean cosine of each of ``among`` with ``rows``, -1 to 1.

        Estimated vectors count as far as they are trusted. Items without either score ``-inf``.
        """
        n_ranked = self.catalogue.n_ranked
        directions = self.collaborative.directions(rows)
        if self.content is not None:
            estimated = self.content.directions(rows[rows >= n_ranked] - n_ranked)
            directions = np.concatenate([directions, estimated])
        if not directions.shape[0]:
            return np.full(among.size, -np.inf, dtype=np.float32)
        direction = directions.mean(axis=0)
        scores = self.collaborative.similar(direction, among)
        if self.content is not None:
            behind = among >= n_ranked
            scores[behind] = self.content.similar(direction, among[behind] - n_ranked)
        return scores

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but the manifest as a bundle's arrays."""
        return (
            self.catalogue.arrays()
            | (self.content.arrays() if self.content is not None else {})
            | self.transitions.arrays()
            | self.rebuying.arrays()
            | _told(self.customers)
            | {
                "popularity.buyers": self.popularity.buyers,
                "popularity.days": np.array([self.popularity.days], dtype=np.int64),
                "collaborative.items": self.collaborative.items,
                "collaborative.numbers": np.array(
                    [self.collaborative.alpha, self.collaborative.regularization], dtype=np.float64
                ),
                "copurchase.companions": self.copurchase.companions,
                "copurchase.strengths": self.copurchase.strengths,
            }
        )

    @classmethod
    def from_arrays(cls, manifest: Manifest, arrays: Arrays) -> "Loaded":
        """Put a release together from its bundle's arrays.

        What a later version of Cartera added to the format is empty in an older release: no
        transitions, nothing known of new items, and 0 for a weight that was not yet chosen.

        Raises:
            ArtifactCorrupt: An array is missing, or holds numbers that cannot be: the release is
                refused whole, before any request sees it.
        """
        try:
            loaded = cls(
                manifest=manifest,
                catalogue=Catalogue.from_arrays(arrays),
                popularity=Popularity(
                    buyers=arrays["popularity.buyers"], days=int(arrays["popularity.days"][0])
                ),
                collaborative=Collaborative(
                    items=arrays["collaborative.items"],
                    alpha=float(arrays["collaborative.numbers"][0]),
                    regularization=float(arrays["collaborative.numbers"][1]),
                ),
                copurchase=CoPurchase(
                    companions=arrays["copurchase.companions"],
                    strengths=arrays["copurchase.strengths"],
                ),
                transitions=Transitions.from_arrays(arrays),
                rebuying=Rebuying.from_arrays(arrays),
                weights=Weights.chosen(manifest.weights),
                content=Content.from_arrays(arrays),
                customers=_heard(arrays),
            )
        except (KeyError, IndexError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt(
                f"release {manifest.version} lacks part of its arrays ({problem}); "
                "train and publish again"
            ) from problem
        check(loaded)
        return loaded


def _told(customers: Summary | None) -> dict[str, NDArray[Any]]:
    """Return the summary as a bundle has it: what servers answer from, and beside it the rest."""
    if customers is None:
        return {}
    answered = replace(customers, evidence={})
    return {
        _SUMMARY: np.frombuffer(answered.to_json(), np.uint8),
        _EVIDENCE: Evidence.pack(customers.evidence),
    }


def _heard(arrays: Arrays) -> Summary | None:
    if _SUMMARY not in arrays:
        return None
    try:
        summary = Summary.from_json(arrays[_SUMMARY].tobytes())
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ArtifactCorrupt(
            "the summary of its customers is not one of ours; train and publish again"
        ) from problem
    if _EVIDENCE not in arrays:
        return summary
    return replace(summary, evidence=Evidence(arrays[_EVIDENCE]))
