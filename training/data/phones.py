"""A telephone number as people write it becomes one by E.164, as in ``+18005550100``.

``phonenumbers`` knows how each country writes its numbers. ``models``, all that server and trainer
share, knows no such library, so the trainer calls it here and the server in ``app.phones``, and a
test holds the two equal. A number need only be possible, not assigned: the library ages, and what
no network knows harms nobody.
"""

from unicodedata import category

import phonenumbers

from models.errors import IdentifierError

COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""Codes of ISO 3166 whose numbers are known."""
_WHOLE = phonenumbers.ValidationResult.IS_POSSIBLE
"""Not a local one, of the same town only."""
_PLUSES = ("+", "\uff0b")
"""Also as those write it whose letters are all of one width."""


def e164(number: str, country: str | None) -> str:
    """Return a number by E.164.

    Args:
        number: As people write it; characters that are not seen, as come with what is copied from
            a screen, do not matter.
        country: Where it is dialled without its country code; None where it says it.

    Raises:
        IdentifierError: It is no number, or one within a house, or says no country where none is
            given.
    """
    number = "".join(one for one in number if category(one) != "Cf").strip()
    if country is None and not number.startswith(_PLUSES):
        raise IdentifierError("has no country code; expected a + and one, or the country beside it")
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or phonenumbers.is_possible_number_with_reason(parsed) != _WHOLE:
        raise IdentifierError("is no telephone number of its country; expected one")
    if parsed.extension:
        raise IdentifierError("has an extension; expected the number alone, as networks know it")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
