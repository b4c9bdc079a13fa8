"""The names under which numbers stand in the store."""

import pytest

from models.counted import field, read
from models.errors import ArtifactCorrupt
from tests.models.crediting import at_home


def test_a_field_is_read_as_it_was_written() -> None:
    where = at_home("revenue", "EUR")

    assert field(where) == b'["2026-11-20","home","r1","EUR","revenue"]'
    assert read(field(where)) == where


@pytest.mark.parametrize(
    "name", [b"", b"{}", b'["a"]', b'[1,2,3,4,"clicks"]', b'["","","","","x"]']
)
def test_a_field_of_another_make_is_refused(name: bytes) -> None:
    with pytest.raises(ArtifactCorrupt):
        read(name)
