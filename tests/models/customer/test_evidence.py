"""Evidence comes back as it was left, and only where somebody asks."""

import numpy as np
import pytest

from models.customer.evidence import Evidence
from models.errors import ArtifactCorrupt

LEFT = {"value": {"lorenz": [0.0, 0.5, 1.0]}, "next_purchase": None}


def test_evidence_comes_back_as_it_was_left() -> None:
    found = Evidence(Evidence.pack(LEFT))

    assert found == LEFT
    assert found["value"]["lorenz"] == [0.0, 0.5, 1.0]
    assert (list(found), len(found), found.get("nothing")) == (["value", "next_purchase"], 2, None)


def test_what_was_found_once_may_be_left_again() -> None:
    assert Evidence(Evidence.pack(Evidence(Evidence.pack(LEFT)))) == LEFT


def test_figures_of_numpy_are_left_as_numbers() -> None:
    assert Evidence(Evidence.pack({"curve": np.array([0.5, 1])})) == {"curve": [0.5, 1.0]}


@pytest.mark.parametrize("packed", [b"", b"{", b"7", b"null"])
def test_what_is_no_evidence_is_refused_when_it_is_asked_for(packed: bytes) -> None:
    evidence = Evidence(np.frombuffer(packed, np.uint8))

    with pytest.raises(ArtifactCorrupt, match=r"evidence .* is not one of ours; train and publish"):
        evidence.get("value")
