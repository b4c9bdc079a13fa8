"""What is looked at before a release may serve: whether its numbers can be.

A checksum says that bytes are those that were written, and nothing of what they mean. What would
fail a request, or spoil its answer in silence, is found here, once.
"""

from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ArtifactCorrupt

if TYPE_CHECKING:
    from models.loaded import Loaded


def check(loaded: "Loaded") -> None:
    """Look at a release that was just put together.

    Raises:
        ArtifactCorrupt: Something in it cannot be; says what.
    """
    _shapes(loaded)
    _names(loaded)
    _numbers(loaded)
    _day(loaded)


def _shapes(loaded: "Loaded") -> None:
    catalogue, companions = loaded.catalogue, loaded.copurchase.companions
    successors = loaded.transitions.successors
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
        ("buyers", loaded.popularity.buyers.shape, every),
        ("items with models", loaded.popularity.buyers[: catalogue.n_ranked].shape, ranked),
        ("item factors", loaded.collaborative.items.shape[:-1], ranked),
        ("companions", companions.shape[:-1], ranked),
        ("strengths", loaded.copurchase.strengths.shape, companions.shape),
        ("successors", successors.shape[:-1], ranked),
        ("strengths of successors", loaded.transitions.strengths.shape, successors.shape),
        ("days between orders", loaded.rebuying.every_days.shape, ranked),
        ("shares of those who buy again", loaded.rebuying.share.shape, ranked),
        *_shapes_of_content(loaded),
    ):
        if found != expected:
            raise ArtifactCorrupt(
                f"release {loaded.version}: {name} are of shape {found}, expected {expected}; "
                "train and publish again"
            )


def _shapes_of_content(loaded: "Loaded") -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    if loaded.content is None:
        return []
    n_behind = len(loaded.catalogue) - loaded.catalogue.n_ranked
    n_factors = loaded.collaborative.items.shape[1]
    return [
        ("estimated item factors", loaded.content.items.shape, (n_behind, n_factors)),
        ("expected buyers", loaded.content.buyers.shape, (n_behind,)),
    ]


def _names(loaded: "Loaded") -> None:
    for name, names in {
        "categories": loaded.catalogue.categories,
        "brands": loaded.catalogue.brands,
    }.items():
        blob, ends = names.blob.tobytes(), names.offsets.tolist()
        raw = (blob[begin:end] for begin, end in pairwise(ends))
        if any(one >= other for one, other in pairwise(raw)):
            raise ArtifactCorrupt(
                f"release {loaded.version}: {name} are not in order; train and publish again"
            )


def _numbers(loaded: "Loaded") -> None:
    estimates: dict[str, NDArray[Any]] = {}
    if loaded.content is not None:
        estimates["estimated item factors"] = loaded.content.items
        estimates["expected buyers"] = loaded.content.buyers
    for name, array in (
        estimates
        | {
            "item factors": loaded.collaborative.items,
            "co-purchase strengths": loaded.copurchase.strengths,
            "transition strengths": loaded.transitions.strengths,
            "shares of those who buy again": loaded.rebuying.share,
            "the decay of transitions": np.array([loaded.transitions.decay]),
            "blend weights": np.array(list(asdict(loaded.weights).values())),
        }
    ).items():
        # nan and infinity both reach the ends, which are found without a copy of the array
        if not np.isfinite([array.min(initial=0), array.max(initial=0)]).all():
            raise ArtifactCorrupt(
                f"release {loaded.version}: {name} hold NaN or infinity; train and publish again"
            )
    _ = loaded.earning  # which refuses a weight that is no share
    catalogue = loaded.catalogue
    with_model = f"items beyond its {catalogue.n_ranked} with a model"
    for name, places, n_there, beyond in (
        ("companions", loaded.copurchase.companions, catalogue.n_ranked, with_model),
        ("successors", loaded.transitions.successors, catalogue.n_ranked, with_model),
        ("items", catalogue.category, len(catalogue.categories), "categories it has not"),
        ("items", catalogue.brand, len(catalogue.brands), "brands it has not"),
    ):
        ends = places.min(initial=-1), places.max(initial=-1)
        if places.dtype.kind != "i" or ends[0] < -1 or ends[1] >= n_there:
            raise ArtifactCorrupt(
                f"release {loaded.version}: {name} name {beyond}; train and publish again"
            )
    if not 0 <= loaded.transitions.decay <= 1:
        raise ArtifactCorrupt(
            f"release {loaded.version}: transitions decay by {loaded.transitions.decay}, which is "
            "no share; train and publish again"
        )


def _day(loaded: "Loaded") -> None:
    try:
        _ = loaded.last_day, loaded.learned_until_ms
    except (TypeError, ValueError) as problem:
        raise ArtifactCorrupt(
            f"release {loaded.version}: its last purchase has no date like 2017-12-31; "
            "train and publish again"
        ) from problem
