"""Service before selling: what a placement does for customers by how satisfied they are.

The shop may write it as a table of its own; this one is built in:

    ["*"]                               # every placement
    [home]                              # this placement: besides, or instead
    [home.dissatisfied]                 # customers of this level there

    ["*".completely-dissatisfied]
    upsell = false
    content = "apology"

    ["*".dissatisfied]
    upsell = false
    content = "help"

    [email.dissatisfied]                # likewise completely-dissatisfied, sms, push, call and ad
    list = false

    upsell    false: nothing but what the customer buys again and again; nobody is talked into more
    content   a word of the shop's own, which comes back in the answer for the page to act upon
    list      false: nothing is sold here

A contact's placement takes what stands under its first word too: ``[email]`` is for ``email-april``
as well, which may say otherwise in a table of its own. Levels are those of
``models.customer.satisfaction``, unknown among them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from models.artifacts.customer_record import CustomerRecord, Reason
from models.catalogue import Catalogue
from models.customer.preferences import CHANNELS, channel_of
from models.customer.satisfaction import Satisfaction
from models.customer.segments import slug
from models.shaping.placements import PLACEMENT, Columns, checked, tables
from models.shaping.rules import Filter

EVERY = "*"
LEVELS: Mapping[str, Satisfaction] = {slug(level): level for level in Satisfaction}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one row of the table says; None where it says nothing."""

    upsell: bool | None = None
    content: str | None = None
    list: bool | None = None

    @property
    def is_silent(self) -> bool:
        """Whether the row says nothing at all."""
        return self.upsell is None and self.content is None and self.list is None

    @property
    def told(self) -> dict[str, Any]:
        """What the row says, by column."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: said for name, said in every.items() if said is not None}

    def over(self, below: "Service") -> "Service":
        """Return what this row says, and where it says nothing, what the one ``below`` does."""
        return replace(below, **self.told)


Rows = Mapping[Satisfaction, Service]
Services = Mapping[str, Rows]
"""By placement, by the first word of contacts, and ``EVERY``, which there always is."""


def read(table: Mapping[str, object]) -> Services:
    """Check a table as TOML gave it.

    Raises:
        PolicyError: A name or a value is none of ours; says which.
    """
    found = {
        name: _rows(name, columns, of_levels)
        for name, columns, of_levels in tables(
            table, kind="level of satisfaction", names=LEVELS, besides=EVERY
        )
    }
    every = found.get(EVERY, dict.fromkeys(Satisfaction, Service()))
    services: dict[str, Rows] = {EVERY: every}
    for name in sorted(found, key=lambda name: name != channel_of(name)):  # channels come first
        if name != EVERY:
            services[name] = _over(found[name], services.get(channel_of(name) or "", every))
    return services


def of(services: Services, placement: str | None, level: Satisfaction) -> Service:
    """Return what a placement does for a customer of a level of satisfaction."""
    rows = services.get(placement or EVERY)
    if rows is None:
        rows = services.get(channel_of(placement) or EVERY, services[EVERY])
    return rows[level]


def bought_again(record: CustomerRecord | None, catalogue: Catalogue) -> Filter:
    """Return the filter that keeps to what a customer buys again and again.

    Of whom there is no record, nothing is known to be.
    """
    rows = [] if record is None else record.rows[record.reasons == Reason.REPEAT].tolist()
    return Filter({"in": ["item_id", [catalogue.ids.id_of(row) for row in rows]]})


def _rows(
    name: str, columns: Mapping[str, object], of_levels: Mapping[str, Mapping[str, object]]
) -> Rows:
    anyone = _row(f"[{name}]", columns)
    rows = dict.fromkeys(Satisfaction, anyone)
    for level, said in of_levels.items():
        rows[LEVELS[level]] = _row(f"[{name}.{level}]", said).over(anyone)
    return rows


def _row(place: str, columns: Mapping[str, object]) -> Service:
    return Service(**checked(place, columns, _COLUMNS))


def _over(rows: Rows, below: Rows) -> Rows:
    return {level: row.over(below[level]) for level, row in rows.items()}


def _is_bool(said: object) -> bool:
    return isinstance(said, bool)


def _is_word(said: object) -> bool:
    return isinstance(said, str) and re.fullmatch(PLACEMENT, said) is not None


_COLUMNS: Columns = {
    "upsell": ("true or false", _is_bool),
    "content": ("a word of 1 to 64 of a-z, 0-9, _ and -", _is_word),
    "list": ("true or false", _is_bool),
}
_ANGRY = ("completely-dissatisfied", "dissatisfied")
BUILT_IN = read(
    {
        EVERY: {
            level: {"upsell": False, "content": content}
            for level, content in zip(_ANGRY, ("apology", "help"), strict=True)
        },
        **{channel: {level: {"list": False} for level in _ANGRY} for channel in CHANNELS},
    }
)
"""What is done where the shop says nothing."""
