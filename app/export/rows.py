"""What is told of a member: their id and how well they fit, or what a network knows them by.

    raw     customer_id, score
    google  Email, Phone     the names that Customer Match has for its columns
    meta    email, phone     the names that Meta has for them

A network's row holds one e-mail and one phone at most. Who has several has several rows, which both
networks take as it is; names of columns that come twice, which they take as well, Parquet has none
of. Whoever a network could not know by anything is left out.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Literal, NamedTuple

from models.artifacts.identifiers import Identifiers

Format = Literal["raw", "google", "meta"]
Row = tuple[str | float | None, str | float | None]
COLUMNS: Mapping[Format, tuple[str, str]] = {
    "raw": ("customer_id", "score"),
    "google": ("Email", "Phone"),
    "meta": ("email", "phone"),
}


class Member(NamedTuple):
    """Somebody who may be given out."""

    id: str
    score: float
    identifiers: Identifiers | None
    """None where the format does not need them."""


def rows(members: Sequence[Member], format_: Format) -> list[Row]:
    """Return the rows of some members, in their order."""
    if format_ == "raw":
        return [(member.id, member.score) for member in members]
    found: list[Row] = []
    for member in members:
        known = member.identifiers or Identifiers()
        found += zip_longest(*known.for_network(format_))
    return found
