"""Whether new models may serve: not if they are worse than those that do, or than counting.

A release carries its quality on its own validation window. Two releases of one shop were mostly
judged on different windows, whose difficulty differs too; so the new one is refused when it is
worse by more than chance explains, 1.64 standard errors of the difference (5 % one-sided). On the
same window the same holds, and is stricter than it looks: the customers are the same.
"""

from models.artifacts.manifest import Manifest
from training.errors import GateRefused

SCORE = "ndcg@10"
ERROR = "ndcg@10 standard error"
POPULAR = "popularity "
"""Before a metric's name: what lists of the best sellers of 28 days reach by it."""
BASELINE = f"{POPULAR}{SCORE}"
ONE_SIDED = 1.64
SHRUNK = 0.5


def check(new: Manifest, live: Manifest | None) -> None:
    """Let ``new`` pass, or say why not.

    A shop too young to be judged passes, unless the live release was judged: then the purchases
    reach back less far than they did, and nobody knows what the new release is worth.

    Raises:
        GateRefused: It ranks worse than 28-day popularity on its window, or than the live release
            by more than chance, or knows fewer than half of the live release's customers or items,
            or was not judged where the live release was.
    """
    if live is not None:
        for what in ("customers", "items"):
            now, then = new.counts[what], live.counts[what]
            if now < SHRUNK * then:
                raise GateRefused(
                    f"the new release knows {now:,} {what}, release {live.version} knows "
                    f"{then:,}; expected at least half; check that the purchases file is whole, "
                    "or publish all the same with --force"
                )
    if SCORE not in new.metrics:
        if live is not None and SCORE in live.metrics:
            raise GateRefused(
                f"the new release was not judged, for its purchases cover too few weeks; release "
                f"{live.version} was, and reached NDCG@10 {live.metrics[SCORE]:.4f}; check that "
                "the purchases file reaches back as far as before, or publish all the same with "
                "--force"
            )
        return
    found, popular = new.metrics[SCORE], new.metrics[BASELINE]
    if found < popular:
        raise GateRefused(
            f"the new release reaches NDCG@10 {found:.4f} on its validation window, counting what "
            f"sold in 28 days reaches {popular:.4f}, {popular - found:.4f} more; look at the "
            "purchases file, or publish all the same with --force"
        )
    if live is not None and SCORE in live.metrics:
        before = live.metrics[SCORE]
        chance = ONE_SIDED * (new.metrics[ERROR] ** 2 + live.metrics[ERROR] ** 2) ** 0.5
        if found < before - chance:
            raise GateRefused(
                f"the new release reaches NDCG@10 {found:.4f}, release {live.version} reached "
                f"{before:.4f}: {before - found:.4f} worse, where chance explains {chance:.4f}; "
                "look at what changed in the purchases, or publish all the same with --force"
            )
