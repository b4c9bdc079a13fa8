"""Every model of one release, frozen: what a request takes once and keeps to its end."""

from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Arrays, Mask, Scores
from models.artifacts.manifest import Manifest
from models.catalogue import Catalogue
from models.errors import ArtifactCorrupt
from models.scorers.collaborative import Collaborative
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.shaping.blend import Weights


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A release, ready to answer."""

    manifest: Manifest
    catalogue: Catalogue
    popularity: Popularity
    collaborative: Collaborative
    copurchase: CoPurchase
    weights: Weights

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
        """Recent popularity of each item, 0 to 1."""
        return self.popularity.score()

    @cached_property
    def has_margins(self) -> bool:
        """Whether any item's margin is known, without which there is no profit to rank by."""
        return bool(np.isfinite(self.catalogue.margin).any())

    @cached_property
    def last_day(self) -> np.datetime64:
        """The day of the last purchase that was learned."""
        return np.datetime64(date.fromisoformat(self.manifest.last_purchase[:10]), "D")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but the manifest as a bundle's arrays."""
        return self.catalogue.arrays() | {
            "popularity.buyers": self.popularity.buyers,
            "popularity.days": np.array([self.popularity.days], dtype=np.int64),
            "collaborative.items": self.collaborative.items,
            "collaborative.numbers": np.array(
                [self.collaborative.alpha, self.collaborative.regularization], dtype=np.float64
            ),
            "copurchase.companions": self.copurchase.companions,
            "copurchase.strengths": self.copurchase.strengths,
        }

    @classmethod
    def from_arrays(cls, manifest: Manifest, arrays: Arrays) -> "Loaded":
        """Put a release together from its bundle's arrays.

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
                weights=Weights(
                    **{name: float(manifest.weights[name]) for name in Weights.__slots__}
                ),
            )
        except (KeyError, IndexError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt(
                f"release {manifest.version} lacks part of its arrays ({problem}); "
                "train and publish again"
            ) from problem
        loaded._check_shapes()
        loaded._check_names()
        loaded._check_numbers()
        loaded._check_day()
        return loaded

    def _check_shapes(self) -> None:
        catalogue, companions = self.catalogue, self.copurchase.companions
        every, ranked = (len(catalogue),), (catalogue.n_ranked,)
        for name, found, expected in (
            ("hashes of ids", catalogue.ids.hashes.shape, every),
            ("rows of ids", catalogue.ids.rows.shape, every),
            ("titles", (len(catalogue.titles),), every),
            ("fragments", (len(catalogue.fragments),), every),
            ("category", catalogue.category.shape, every),
            ("brand", catalogue.brand.shape, every),
            ("price", catalogue.price.shape, every),
            ("margin", catalogue.margin.shape, every),
            ("stock", catalogue.stock.shape, every),
            ("buyers", self.popularity.buyers.shape, every),
            ("items with models", self.popularity.buyers[: catalogue.n_ranked].shape, ranked),
            ("item factors", self.collaborative.items.shape[:-1], ranked),
            ("companions", companions.shape[:-1], ranked),
            ("strengths", self.copurchase.strengths.shape, companions.shape),
        ):
            if found != expected:
                raise ArtifactCorrupt(
                    f"release {self.version}: {name} are of shape {found}, expected {expected}; "
                    "train and publish again"
                )

    def _check_names(self) -> None:
        for name, names in {
            "categories": self.catalogue.categories,
            "brands": self.catalogue.brands,
        }.items():
            raw = [names.raw(place) for place in range(len(names))]
            if any(one >= other for one, other in pairwise(raw)):
                raise ArtifactCorrupt(
                    f"release {self.version}: {name} are not in order; train and publish again"
                )

    def _check_numbers(self) -> None:
        for name, array in {
            "item factors": self.collaborative.items,
            "co-purchase strengths": self.copurchase.strengths,
            "blend weights": np.array(list(asdict(self.weights).values())),
        }.items():
            if not np.isfinite(array).all():
                raise ArtifactCorrupt(
                    f"release {self.version}: {name} hold NaN or infinity; train and publish again"
                )

    def _check_day(self) -> None:
        try:
            _ = self.last_day
        except (TypeError, ValueError) as problem:
            raise ArtifactCorrupt(
                f"release {self.version}: its last purchase has no date like 2017-12-31; "
                "train and publish again"
            ) from problem
