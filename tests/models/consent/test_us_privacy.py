import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consent import us_privacy


@pytest.mark.parametrize("text", ["1YNN", "1YNY", "1---", "1YN-", "1Y-N", "1ynn", "1-N-"])
def test_who_did_not_opt_out_is_permitted(text: str) -> None:
    assert us_privacy.permits(text)


@pytest.mark.parametrize("text", ["1YYN", "1YYY", "1-Y-", "1yyn"])
def test_who_opted_out_of_the_sale_is_not(text: str) -> None:
    assert not us_privacy.permits(text)


@pytest.mark.parametrize("text", ["1NNN", "1N--", "1nny"])
def test_who_was_given_no_notice_is_not(text: str) -> None:
    assert not us_privacy.permits(text)


@pytest.mark.parametrize(
    "text", ["", "1", "1YN", "1YNNN", "2YNN", "1YNX", " 1YNN", "1YNN\n", "YNN1"]
)
def test_what_is_none_is_no(text: str) -> None:
    assert not us_privacy.permits(text)


@given(text=st.text(max_size=6))
def test_no_text_makes_it_fail(text: str) -> None:
    assert us_privacy.permits(text) in (True, False)
