"""What the back-tests left for the page, read with care: any part of it may be absent."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.report_page.words import number


def part(evidence: Mapping[str, Any], *path: str) -> Any:  # noqa: ANN401  # JSON has no type
    """Return what stands at ``path``, and None where the path ends early."""
    found: Any = evidence
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def numbers(evidence: Mapping[str, Any], *path: str) -> list[float]:
    """Return the numbers of a list at ``path``; none where it is absent or has gaps."""
    found = part(evidence, *path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    told = [number(one) for one in found]
    return [one for one in told if one is not None] if None not in told else []
