"""Everything that can go wrong between bytes and an answer.

CarteraError
├── ArtifactError            bytes that are not what they should be
│   ├── ArtifactCorrupt      truncated, altered, or not ours
│   └── ArtifactTooNew       written by a later release of Cartera
├── FilterError              a caller's filter that cannot be understood
├── PolicyError              a shop's table of policies that cannot be understood
├── CredentialError          a key or a token that cannot be made, or is none of ours
├── IdentifierError          what should be an address or a telephone number is none
└── NoMargins                profit was asked of a release that knows no margin
"""


class CarteraError(Exception):
    """The root: a message says what was found, what was expected and what to do."""


class ArtifactError(CarteraError):
    """Bytes of a release or a customer cannot be used."""


class ArtifactCorrupt(ArtifactError):
    """The bytes were truncated or altered, or were never ours."""


class ArtifactTooNew(ArtifactError):
    """The bytes were written by a later release of Cartera than this one."""


class FilterError(CarteraError):
    """A filter is not one of ours.

    ``pointer`` is the JSON pointer of the faulty part within the filter, ``code`` a stable word.
    The message never repeats the caller's values.
    """

    def __init__(self, detail: str, *, pointer: str, code: str) -> None:
        """Keep what the problem document needs."""
        super().__init__(detail)
        self.detail = detail
        self.pointer = pointer
        self.code = code


class PolicyError(CarteraError):
    """A table of policies is not one of ours; the message says where and what was expected."""


class CredentialError(CarteraError):
    """A key or a token is not what it should be; the message never repeats it."""


class IdentifierError(CarteraError):
    """It is no address or telephone number; the message never repeats it, and has no subject."""


class NoMargins(CarteraError):
    """The release knows the margin of no item, so it cannot rank by profit."""
