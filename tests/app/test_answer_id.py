"""Each answer has a name of its own, which says where it was shown and which release made it."""

from uuid import UUID

from app import answer
from models.artifacts.recommendation_id import code, codes


def test_the_name_of_an_answer_is_a_uuid_of_version_7() -> None:
    name = UUID(answer.new_id("20261101T030000Z-1a2b", "home").decode())

    assert (name.version, name.variant) == (7, "specified in RFC 4122")


def test_the_name_of_an_answer_says_its_release_and_placement() -> None:
    name = answer.new_id("20261101T030000Z-1a2b", "home").decode()

    assert codes(name) == (code("20261101T030000Z-1a2b"), code("home"))


def test_no_two_answers_have_one_name() -> None:
    names = [answer.new_id(None, None) for _ in range(10_000)]

    assert len(set(names)) == 10_000


def test_names_are_in_order_of_time() -> None:
    names = [answer.new_id(None, "home")[:13] for _ in range(1_000)]

    assert names == sorted(names)
