"""Planted shops are small: fewer trees tell as much of them, and sooner."""

from collections.abc import Iterator

import pytest

from training.rank import ranker


@pytest.fixture(autouse=True, scope="module")
def few_trees() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ranker, "N_TREES", 50)
        yield
