"""Numbers as people write them, by E.164: the server's reading and the trainer's are one."""

import pytest

from app import phones
from models.errors import IdentifierError
from training.data import phones as of_training

NUMBERS = {
    ("(800)555-0100", "US"): "+18005550100",
    ("\uff0b1 800 555 0100", None): "+18005550100",
    ("\u202a\u200e+1 800 555 0100\u202c", None): "+18005550100",
    ("020 7946 0000", "GB"): "+442079460000",
    ("+44 (0)20 7946 0000", "US"): "+442079460000",
    ("06 123 4567", "IT"): "+39061234567",
    (" +683 4002", None): "+6834002",
}
NONE = [
    ("020 7946 0000", None), ("555-0100", "US"), ("0800", "GB"), ("", "US"), ("+", None),
    ("+0000000000", None), ("+999123456", None), ("none", "US"), ("1" * 40, "US"),
    ("+1 800 555 0100 ext. 5", None), ("(800) 555-0100 x5", "US"), ("+49 30 123456;ext=7", None),
]  # fmt: skip


def test_numbers_are_read_as_their_country_writes_them() -> None:
    assert {asked: phones.e164(*asked) for asked in NUMBERS} == NUMBERS
    assert {asked: of_training.e164(*asked) for asked in NUMBERS} == NUMBERS


@pytest.mark.parametrize(("number", "country"), NONE)
def test_what_is_no_number_is_refused_in_the_same_words(number: str, country: str | None) -> None:
    with pytest.raises(IdentifierError) as by_server:
        phones.e164(number, country)
    with pytest.raises(IdentifierError) as by_trainer:
        of_training.e164(number, country)

    assert str(by_server.value) == str(by_trainer.value)
    assert len(number) < 3 or number not in str(by_server.value)


def test_of_an_extension_it_is_said_that_it_is_one_too_many() -> None:
    with pytest.raises(IdentifierError, match="has an extension"):
        phones.e164("+1 800 555 0100 ext. 5", None)


def test_both_know_the_same_countries() -> None:
    assert phones.COUNTRIES == of_training.COUNTRIES
    assert {"US", "GB", "DE"} < phones.COUNTRIES
