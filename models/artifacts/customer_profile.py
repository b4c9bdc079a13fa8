"""What one customer is worth, needs and feels, as a packed string of fixed fields.

    "CP" format:u8 0:u8 n_bytes:u32 crc32:u32   and one record of ``PROFILE``

It begins as ``models.artifacts.framing`` has it. The trainer fills one array of ``PROFILE`` for all
customers and writes its rows; whoever asks for a customer reads one. Later formats may only append
fields. What is not known is nan, or 0 in a code or a day.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask
from models.artifacts import standing_codes
from models.artifacts.framing import N_HEAD, closed, expect, opened
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, Standing
from models.customer.summary import Kind
from models.customer.value import Tier
from models.errors import ArtifactCorrupt

MAGIC = b"CP"
N_CATEGORIES = 5

PROFILE = np.dtype(
    [
        ("tier", "u1"),
        ("stage", "u1"),
        ("segment", "u1"),
        ("portfolio", "u1"),
        ("satisfaction", "u1"),
        ("previous_tier", "u1"),
        ("previous_stage", "u1"),
        ("previous_known", "u1"),  # 1: this customer was in the release before
        ("orders", "<u4"),  # days with an order
        ("first_day", "<u2"),  # days from DAY_ZERO of models.artifacts.customer_record
        ("last_day", "<u2"),
        ("due_day", "<u2"),  # 0 where no date beats the median
        ("returned_orders", "<u2"),
        ("historic_clv", "<f4"),  # margin (or revenue, see Summary.basis) brought so far
        ("average_order_value", "<f4"),  # money paid on a day with an order
        ("predicted_clv", "<f4", (3,)),  # expected, low, high: 80 % interval
        ("alive", "<f4"),  # probability that they are still a customer
        ("purchases", "<f4", (3, 3)),  # HORIZONS_WEEKS x expected, low, high
        ("spend", "<f4", (3, 3)),  # likewise, money paid
        ("buys", "<f4", (3,)),  # P(buys within SOON_WEEKS)
        ("discount_sensitivity", "<f4"),  # 0 to 1
        ("discount_reliability", "<f4"),  # 0 to 1
        ("share_of_customer", "<f4"),  # an estimate; nan where not better than the baseline
        ("ratings", "<u2"),  # evidence of satisfaction: how many
        ("complaints", "<u2"),
        ("silence", "<f4"),  # days since the last order / their usual days between orders
        ("category", "<i4", (N_CATEGORIES,)),  # place in the catalogue's categories, -1 for none
        ("category_share", "<f4", (N_CATEGORIES,)),  # of the customer's spend
        ("category_buys", "<f4", (N_CATEGORIES,)),  # P(buys from it within 4 weeks)
    ],
    align=False,
)
"""Fields in the order of writing."""
_WRITTEN: Mapping[int, np.dtype[np.void]] = {1: PROFILE}
"""What each format wrote."""
FORMAT = max(_WRITTEN)

KINDS: tuple[Kind, ...] = ("tier", "stage", "segment", "portfolio", "satisfaction")
GROUPS = np.dtype([("head", f"V{N_HEAD}"), *((kind, "u1") for kind in KINDS)])
"""The first bytes of a packed profile: enough to tell a customer's groups from."""
_CODES = slice(N_HEAD, N_HEAD + standing_codes.N_CODES)
_NUMBERS = tuple(name for name in PROFILE.names or () if PROFILE[name].base.kind == "f")


def pack(profile: np.void) -> bytes:
    """Return the bytes of one profile.

    Args:
        profile: A row of an array of ``PROFILE``.

    Raises:
        ValueError: It is a row of another array.
    """
    if profile.dtype != PROFILE:
        raise ValueError(f"a profile must be a row of PROFILE, got {profile.dtype}")
    return closed(MAGIC, FORMAT, PROFILE.itemsize, body=profile.tobytes())


def unpack(packed: bytes) -> np.void:
    """Read what ``pack`` wrote.

    Raises:
        ArtifactCorrupt: The bytes were truncated or altered.
        ArtifactTooNew: A later release of Cartera wrote them.
    """
    written = _written(packed)
    profile: np.void = np.frombuffer(packed, written, 1, N_HEAD)[0]
    return profile


def body(packed: bytes) -> bytes:
    """Return the bytes of a row of ``PROFILE``, of which many together make an array.

    Raises:
        ArtifactError: As ``unpack`` does.
    """
    _written(packed)
    return packed[N_HEAD:]


def _written(packed: bytes) -> np.dtype[np.void]:
    """Return what the fields of a packed profile are; its bytes are whole."""
    format_, n_bytes = opened(packed, MAGIC, newest=FORMAT)
    expect(packed, n_bytes)
    written = _WRITTEN.get(format_)
    if written is None:
        raise ArtifactCorrupt(
            f"a customer's profile is of format {format_}, and ours begin with 1; publish the "
            "release again"
        )
    expect(packed, written.itemsize)
    return written


def standing(packed: bytes) -> Standing:
    """Return the groups of a packed profile.

    Raises:
        ArtifactCorrupt: The bytes were truncated or altered, or name a group that is none.
        ArtifactTooNew: A later release of Cartera wrote them.
    """
    _, n_bytes = opened(packed, MAGIC, newest=FORMAT)
    expect(packed, n_bytes)
    return standing_codes.unpack(packed[_CODES])


def is_of(packed: bytes, kind: Kind, code: int) -> bool:
    """Whether a packed profile is of a group; of one that is not, only the one byte is looked at.

    Raises:
        ArtifactError: It is, and its bytes are not whole.
    """
    at = N_HEAD + KINDS.index(kind)
    return packed[at : at + 1] == bytes([code]) and getattr(standing(packed), kind) == code


def groups(packed: Iterable[bytes]) -> NDArray[np.void]:
    """Return the groups of many packed profiles, of which only the beginning is read.

    Returns:
        Codes by name, dtype ``GROUPS``.

    Raises:
        ArtifactCorrupt: One does not begin as ours do.
    """
    beginnings = [one[: GROUPS.itemsize] for one in packed]
    joined = b"".join(beginnings)
    ours = tuple(MAGIC + bytes([format_]) for format_ in _WRITTEN)
    if len(joined) != len(beginnings) * GROUPS.itemsize or not all(
        one.startswith(ours) for one in beginnings
    ):
        raise ArtifactCorrupt(
            "a customer's profile does not begin as ours do; publish the release again"
        )
    return np.frombuffer(joined, GROUPS)


def check(profile: np.void, *, n_categories: int, n_portfolios: int) -> None:
    """Compare with the release that is to answer; a checksum says nothing of that.

    Raises:
        ArtifactCorrupt: A code is none of ours, a category or a portfolio is none of the release's,
            or a number is infinite.
    """
    codes = standing_codes.unpack(profile.tobytes()[: standing_codes.N_CODES])
    if profile["previous_tier"] > max(Tier) or profile["previous_stage"] > max(Stage):
        raise _unfit("was in a group that is none of ours")
    if codes.portfolio > n_portfolios:
        raise _unfit(f"names a portfolio beyond the release's {n_portfolios}")
    if profile["category"].min() < -1 or profile["category"].max() >= n_categories:
        raise _unfit(f"names a category beyond the release's {n_categories}")
    if any(np.isinf(profile[name]).any() for name in _NUMBERS):
        raise _unfit("holds an infinite number")


def fitting(profiles: NDArray[np.void], *, n_categories: int, n_portfolios: int) -> Mask:
    """Return which of many profiles ``check`` would let pass.

    Args:
        profiles: Shape ``(n,)``, dtype ``PROFILE``.
        n_categories: Of the release that is to answer.
        n_portfolios: Likewise.
    """
    fits = np.ones(profiles.size, dtype=np.bool_)
    for name, most in {
        "tier": max(Tier),
        "stage": max(Stage),
        "segment": max(Segment),
        "portfolio": n_portfolios,
        "satisfaction": max(Satisfaction),
        "previous_tier": max(Tier),
        "previous_stage": max(Stage),
    }.items():
        fits &= profiles[name] <= most
    categories = profiles["category"]
    fits &= ((categories >= -1) & (categories < n_categories)).all(axis=1)
    for name in _NUMBERS:
        fits &= ~np.isinf(profiles[name]).reshape(profiles.size, -1).any(axis=1)
    return fits


def _unfit(what: str) -> ArtifactCorrupt:
    return ArtifactCorrupt(f"a customer's profile {what}; publish the release again")
