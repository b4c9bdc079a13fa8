"""A file of identifiers: hashed line by line, and what is wrong is told by line and reason."""

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from models.customer.hashing import of_email, of_phone
from training.data.identifiers import IdentifierFile, read_identifiers
from training.errors import TooManyRejected, UnreadableFile

Read = Callable[..., IdentifierFile]


def email(text: str) -> bytes:
    return b"".join(of_email(text))


def phone(text: str) -> bytes:
    return b"".join(of_phone(text))


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(
        content: str | pl.DataFrame,
        *,
        columns: dict[str, str] | None = None,
        max_rejected: float = 1.0,
    ) -> IdentifierFile:
        path = tmp_path / "contacts"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            content.write_parquet(path)
        return read_identifiers(
            path,
            rejects=tmp_path / "rejects.csv",
            columns=columns,
            max_rejected=max_rejected,
            progress=lambda _: None,
        )

    return reading


def rejects(tmp_path: Path) -> list[tuple[str, str]]:
    with (tmp_path / "rejects.csv").open(encoding="utf-8") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def test_the_lines_of_a_customer_are_joined(read: Read) -> None:
    found = read(
        "customer_id,email,phone,country,ads_consent\n"
        "b,B@shop.example,,,yes\n"
        "a,a@shop.example,(800)555-0100,US,\n"
        "b,b@shop.example,+442079460000,,\n"
        "b,bb@shop.example,,,no\n"
    )

    assert found.customers.rows() == [
        ("a", [email("a@shop.example")], [phone("+18005550100")], None),
        ("b", [email("b@shop.example"), email("bb@shop.example")], [phone("+442079460000")], False),
    ]
    assert (found.n_lines, found.n_rejected) == (4, 0)


def test_what_is_wrong_is_told_by_line_and_reason_and_never_repeated(
    read: Read, tmp_path: Path
) -> None:
    found = read(
        "customer_id,email,phone,country,ads_consent\n"
        "a,zq-secret,,,\n"
        "b,,080012345678,,\n"
        "c,,zq-secret,US,\n"
        "d,,+18005550100,QZ,\n"
        "e,,,,maybe\n"
        ",x@shop.example,,,\n"
        "g,,,,\n"
        "h,h@shop.example,,\n"
        "i,i@shop.example,,,yes\n"
    )

    assert found.customers["customer_id"].to_list() == ["i"]
    assert rejects(tmp_path) == [
        ("2", "email is no e-mail address"),
        ("3", "phone has no country code"),
        ("4", "phone is no telephone number of its country"),
        ("5", "country is no code of ISO 3166 such as US"),
        ("6", "ads_consent is not yes or no"),
        ("7", "customer_id is missing"),
        ("8", "email and phone and ads_consent are missing"),
        ("9", "too few fields"),
    ]
    assert "zq-secret" not in (tmp_path / "rejects.csv").read_text()


def test_more_than_are_kept_of_a_customer_are_rejected(read: Read, tmp_path: Path) -> None:
    lines = "".join(f"a,a{n}@shop.example\n" for n in (0, 1, 2, 3, 4, 0, 5))

    found = read("customer_id,email\n" + lines)

    assert found.customers["emails"].to_list() == [[email(f"a{n}@shop.example") for n in range(5)]]
    assert rejects(tmp_path) == [("8", "email is one more than the 5 that are kept of a customer")]


def test_parquet_with_numbers_and_truth_values_is_read(read: Read) -> None:
    table = pl.DataFrame(
        {"id": [17.0, 18.0], "tel": [18005550100.0, None], "country": "US", "ok": [True, False]}
    )

    found = read(table, columns={"customer_id": "id", "phone": "tel", "ads_consent": "ok"})

    assert found.customers.rows() == [
        ("17", [], [phone("+18005550100")], True),
        ("18", [], [], False),
    ]


def test_whole_numbers_with_a_point_zero_are_meant_without(read: Read) -> None:
    found = read("customer_id,phone,country\n17.0,8005550100.0,US\n")

    assert found.customers.rows() == [("17", [], [phone("+18005550100")], None)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("customer_id,name\na,b\n", "none of the columns email, phone and ads_consent"),
        ("Mail,id\na,b\n", "has no column for customer_id"),
        ("customer_id,email\n", "a header and no lines"),
    ],
)
def test_a_file_that_says_nothing_is_refused(read: Read, content: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        read(content)


def test_too_many_wrong_lines_stop_the_reading(read: Read) -> None:
    with pytest.raises(TooManyRejected, match="1 of 2 lines"):
        read("customer_id,email\na,a@shop.example\nb,b\n", max_rejected=0.4)
