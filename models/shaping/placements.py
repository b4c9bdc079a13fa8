"""Tables in which a shop writes what its placements do: one form, whatever the rows are about.

    [home]              # whoever comes
    column = value

    [home.level]        # customers of one level: besides, or instead

Names and values are checked one by one, and what is wrong is told with its place and with what was
expected.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from models.customer.preferences import CHANNELS
from models.errors import PolicyError

PLACEMENT = r"^[a-z0-9_-]{1,64}$"
NEAR_CONTACTS: Mapping[str, str] = {
    "mail": "email",
    "mails": "email",
    "emails": "email",
    "e-mail": "email",
    "e_mail": "email",
    "newsletter": "email-newsletter",
    "newsletters": "email-newsletter",
    "text": "sms",
    "texts": "sms",
    "notification": "push",
    "notifications": "push",
    "mailing": "email",
    "mailings": "email",
    "phone": "call",
    "calls": "call",
    "ads": "ad",
    "advert": "ad",
    "adverts": "ad",
}
"""First words that read like a contact and are none of the five kinds -> the name that is meant.

Taken for a place on the shop, a list of such a name would go out whatever the customer allows. So
would one that names the kind behind another word, like ``weekly-email``.
"""
_BEHIND = frozenset({"email", "sms", "push"})
_NEAR_CONTACT = re.compile(rf"({'|'.join(NEAR_CONTACTS)})(?![a-z0-9])")
Columns = Mapping[str, tuple[str, Callable[[object], bool]]]
"""What each column may hold, in words, and whether it does."""


class Table(NamedTuple):
    """What stands under one placement, unchecked but for the names of the levels."""

    placement: str
    columns: Mapping[str, object]
    of_levels: Mapping[str, Mapping[str, object]]


def contact_meant(placement: str) -> str | None:
    """Return what a placement should be called that reads like a contact and is none.

    Returns:
        None where it is a contact, or the customer comes to the shop by themselves.
    """
    if (found := _NEAR_CONTACT.match(placement)) is not None:
        return NEAR_CONTACTS[found[1]]
    first, *behind = re.split("[-_]", placement)
    named = [word for word in behind if word in _BEHIND]
    return named[0] if named and first not in CHANNELS else None


def tables(
    table: Mapping[str, object], *, kind: str, names: Iterable[str], besides: str = ""
) -> Iterator[Table]:
    """Yield the placements of a table as TOML gave it.

    Args:
        table: All of it.
        kind: What the levels are, in a word.
        names: Those there are.
        besides: What may stand in the place of a placement, though it is none.

    Raises:
        PolicyError: A name is none of a placement or of a level; says which.
    """
    names = list(names)
    for name, inside in table.items():
        is_name = re.fullmatch(PLACEMENT, name) or name == besides
        if not is_name or not isinstance(inside, Mapping):
            raise PolicyError(
                f"found {name!r} at the top; expected tables named like a placement, 1 to 64 of "
                f"a-z, 0-9, _ and -{besides and f', or {besides!r} for all'}; write [home] and its "
                "columns below it"
            )
        if (meant := contact_meant(name)) is not None:
            raise PolicyError(
                f"found {name!r} at the top, which reads like a contact and would not be taken "
                f"for one; expected {meant!r}, or {meant!r} and more behind a hyphen"
            )
        of_levels = {key: value for key, value in inside.items() if isinstance(value, Mapping)}
        for level in of_levels:
            if level not in names:
                raise PolicyError(
                    f"found the {kind} {level!r} in [{name}]; expected {', '.join(names)}; write "
                    f"[{name}.{names[0]}], for one"
                )
        columns = {key: said for key, said in inside.items() if key not in of_levels}
        yield Table(name, columns, of_levels)


def checked(place: str, columns: Mapping[str, object], known: Columns) -> dict[str, Any]:
    """Return the columns of one row, which are all known and hold what they may.

    Raises:
        PolicyError: One is not, or does not; says which, in the table at ``place``.
    """
    for column, said in columns.items():
        if column not in known:
            raise PolicyError(
                f"found the column {column!r} in {place}; expected {', '.join(known)}"
            )
        expected, is_one = known[column]
        if not is_one(said):
            raise PolicyError(f"found {column} = {said!r} in {place}; expected {expected}")
    return dict(columns)
