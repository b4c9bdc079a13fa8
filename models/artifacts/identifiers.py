"""The hashes that ad networks know one customer by: kept apart from all else, and nothing plain.

    "CI" format:u8 0:u8 sizes:u32 crc32:u32   google meta, 32 bytes each, by e-mail, then by phone

It begins as ``models.artifacts.framing`` has it; ``sizes`` holds, from its lowest byte up, how many
e-mails, how many phones, and the number of the rules they were written by
(``models.customer.hashing``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from models.artifacts.framing import N_HEAD, closed, expect, opened
from models.customer.hashing import RULES, Hashed, of_email, of_phone
from models.errors import ArtifactCorrupt, ArtifactError, ArtifactTooNew

Network = Literal["google", "meta"]
FORMAT = 1
MOST = 5
"""E-mails of a customer, and phones."""
_MAGIC = b"CI"
_N_HASH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """Of one customer."""

    emails: tuple[Hashed, ...] = ()
    phones: tuple[Hashed, ...] = ()

    @classmethod
    def of(cls, *, emails: Iterable[str], phones: Iterable[str]) -> Self:
        """Hash addresses and numbers; those that are one and the same count once.

        Args:
            emails: As people write them.
            phones: By E.164.

        Raises:
            IdentifierError: One is no address or number.
        """
        return cls(
            emails=tuple(dict.fromkeys(of_email(one) for one in emails)),
            phones=tuple(dict.fromkeys(of_phone(one) for one in phones)),
        )

    def pack(self) -> bytes:
        """Return the bytes; empty where there is nothing to keep.

        Raises:
            ValueError: There are more than ``MOST`` of a kind.
        """
        if max(len(self.emails), len(self.phones)) > MOST:
            raise ValueError(f"a customer has at most {MOST} e-mails and {MOST} phones")
        if not (self.emails or self.phones):
            return b""
        sizes = len(self.emails) | len(self.phones) << 8 | RULES << 16
        body = b"".join(one.google + one.meta for one in (*self.emails, *self.phones))
        return closed(_MAGIC, FORMAT, sizes, body=body)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Read what ``pack`` wrote.

        Raises:
            ArtifactCorrupt: The bytes were truncated or altered.
            ArtifactTooNew: A later release of Cartera wrote them, or by later rules.
        """
        try:
            _, sizes = opened(packed, _MAGIC, newest=FORMAT)
            n_emails, n_phones, rules = sizes & 0xFF, sizes >> 8 & 0xFF, sizes >> 16
            expect(packed, 2 * _N_HASH * (n_emails + n_phones))
        except ArtifactTooNew:
            raise
        except ArtifactError as problem:
            raise ArtifactCorrupt(
                "a customer's identifiers are damaged; put them again"
            ) from problem
        if rules > RULES:
            raise ArtifactTooNew(
                f"a customer's identifiers are written by rules {rules}, newer than {RULES}; "
                "upgrade the server"
            )
        every = tuple(_pair(packed, n) for n in range(n_emails + n_phones))
        return cls(emails=every[:n_emails], phones=every[n_emails:])

    def for_network(self, network: Network) -> tuple[list[str], list[str]]:
        """Return e-mails and phones as a network takes them: each hash once, in hexadecimal."""
        emails, phones = (
            list(dict.fromkeys(getattr(one, network).hex() for one in some))
            for some in (self.emails, self.phones)
        )
        return emails, phones


def _pair(packed: bytes, n: int) -> Hashed:
    begin = N_HEAD + 2 * _N_HASH * n
    middle = begin + _N_HASH
    return Hashed(packed[begin:middle], packed[middle : middle + _N_HASH])
