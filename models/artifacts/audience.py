"""An audience, as the store has it: what was asked for, how far it is, and what was built.

A hash (``models.artifacts.keys``), a field a matter, each JSON:

    asked   what was asked for; written once by a server           ``Asked``
    seeds   the ids of its seeds, where they were given            list of texts
    stands  how far it is; written by whoever builds it            ``Stands``
    built   the members that may be read now                       ``Built``

While an audience is built again, for a new release, the members of the build before may be read.
Every write raises ``Keys.audience_changes`` in the same script or transaction.

A customer's memberships are one text, ``"17=93 21=100"``: the number of a build of an audience, and
how well the customer fits it, 0 to 100. Only builds that some ``Built`` names count; the others are
left over from builds before, and go when the text is next written.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

import orjson

from models.errors import ArtifactCorrupt

Kind = Literal["lookalike", "rule", "group"]
Status = Literal["queued", "building", "ready", "refused", "failed"]
"""``refused``: it could be built but says nothing, such as lookalikes no better than chance."""
ID = re.compile(r"aud_[0-9a-f]{16}")
FIELDS = (b"asked", b"stands", b"built")
MIN_SEEDS = 100
_LONGEST_NUMBER = 15


class _Json:
    """What a field holds, from and to JSON."""

    def pack(self) -> bytes:
        """Return it as JSON."""
        return orjson.dumps(asdict(self))  # type: ignore[call-overload]  # a dataclass each

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read what ``pack`` wrote.

        Raises:
            ArtifactCorrupt: It is none of ours.
        """
        try:
            return cls(**orjson.loads(packed))
        except (TypeError, ValueError) as problem:
            raise ArtifactCorrupt(f"an audience's {cls.__name__.lower()} is not ours") from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(_Json):
    """What was asked for, checked."""

    type: Kind
    created_ms: int
    created_by: str
    """The id of the key; empty where no keys are configured."""
    name: str = ""
    """What people call it."""
    rule: Any = None
    """A tree of ``models.customer.rule``: who is a member or, of lookalikes, a seed."""
    group: str = ""
    """The name of a group of ``GET /segments``."""
    n_seeds: int = 0
    """How many ids were given; 0 where a rule says who the seeds are."""
    weight: Literal["equal", "value"] = "equal"
    """Whether each seed counts alike, or by what they are expected to bring."""
    size: int | None = None
    """How many members; of lookalikes either this or ``expansion``."""
    expansion: float | None = None
    """Members in per cent of all customers, 1 to 10."""
    exclude: tuple[str, ...] | list[str] = ()
    """Audiences whose members are left out."""
    refresh: bool = False
    """Whether it is built again with each release."""
    expires_ms: int | None = None
    """When it is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands(_Json):
    """How far it is."""

    status: Status
    at_ms: int
    """When that was written."""
    step: str = ""
    """What is being done, for a person."""
    progress: float = 0.0
    """0 to 1."""
    detail: str = ""
    """Why it was refused or failed, and what to do; or that nobody meets the rule."""
    release: str = ""
    """The release for which it was begun last."""
    tries: int = 0
    """How often it was begun for that without coming to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality(_Json):
    """How well held-out seeds are told from other customers, with intervals of 95 %."""

    auc: float
    auc_interval: tuple[float, float] | list[float]
    lift: float
    """How many times more of them than of all are among the best 5 %."""
    lift_interval: tuple[float, float] | list[float]
    held_out: int
    """Seeds on which this was measured."""
    others: int
    """Customers they were told from."""
    classifier: str
    """``logistic-vectors``, ``logistic-shares``, ``trees`` or several ``together``, chosen by
    cross-validation."""
    candidates: Mapping[str, float] = field(default_factory=dict)
    """The AUC of each of them, by cross-validation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(_Json):
    """One thing that distinguishes members from all customers."""

    feature: str
    """For a person: ``share of dairy``, ``orders``."""
    direction: Literal["higher", "lower"]
    members: float
    """The members' mean."""
    everybody: float
    """All customers' mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built(_Json):
    """Members that may be read."""

    build: int
    """Unique among all audiences."""
    release: str
    members: int
    chunks: int
    at_ms: int
    seeds: int = 0
    """How many there were that the release knows."""
    quality: Mapping[str, Any] | None = None
    """A ``Quality``, of lookalikes."""
    reasons: tuple[Mapping[str, Any], ...] | list[Mapping[str, Any]] = ()
    """``Reason``, the strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """One audience, whole."""

    id: str
    asked: Asked
    stands: Stands
    built: Built | None

    @classmethod
    def of(cls, audience_id: str, fields: list[bytes | None]) -> "Audience | None":
        """Read the values of ``FIELDS``; None where there is no such audience.

        Raises:
            ArtifactCorrupt: They are none of ours.
        """
        asked, stands, built = fields
        if asked is None or stands is None:
            return None
        return cls(
            id=audience_id,
            asked=Asked.unpack(asked),
            stands=Stands.unpack(stands),
            built=Built.unpack(built) if built else None,
        )

    def has_expired(self, *, now_ms: float) -> bool:
        """Whether it is to be forgotten; whoever comes upon it says that there is none."""
        return has_expired(self.asked.expires_ms, now_ms=now_ms)


def has_expired(expires_ms: int | None, *, now_ms: float) -> bool:
    """Whether a moment has come, in ms since 1970; None never comes."""
    return expires_ms is not None and expires_ms <= now_ms


def memberships(*packed: bytes | None) -> dict[int, int]:
    """Return the builds that a customer is a member of, and how well they fit, 0 to 100.

    Args:
        packed: A customer's memberships, or those of several: then each build's best fit. What is
            damaged is no membership.
    """
    best: dict[bytes, bytes] = {}
    for text in packed:
        for one in (text or b"").split():
            build, _, fit = one.partition(b"=")
            written = fit and fit.zfill(3)  # of one length texts compare as their numbers do
            if best.get(build, b"") < written:
                best[build] = written
    return {
        int(build): int(fit)
        for build, fit in best.items()
        if build.isdigit() and fit.isdigit() and max(len(build), len(fit)) <= _LONGEST_NUMBER
    }
