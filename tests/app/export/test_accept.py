"""The form of members is what the caller likes best of what there is."""

import pytest

from app.errors import NotAcceptable
from app.export.accept import CSV, NDJSON, PARQUET, media_type


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", NDJSON),
        ("*/*", NDJSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("text/*", CSV),
        ("application/*", NDJSON),
        (PARQUET, PARQUET),
        (f"{NDJSON};q=0.5, {PARQUET}", PARQUET),
        (f"text/html, {CSV};q=0.1, */*;q=0.01", CSV),
        (f"*/*, {NDJSON};q=0", CSV),
        ("text/html,application/xhtml+xml,*/*;q=0.8", NDJSON),
        (f"{CSV};q=nonsense, {PARQUET};q=0.1", PARQUET),
        (f"{CSV};q=nan, {PARQUET};q=0.1", PARQUET),
        (f"{CSV};q=1_0, {PARQUET};q=0.1", PARQUET),
        (f"{CSV};q=1.001, {PARQUET};q=0.1", PARQUET),
        (f"{CSV};q=1.000, {PARQUET};q=0.999", CSV),
    ],
)
def test_the_best_of_what_is_accepted_is_given(accepted: str, expected: str) -> None:
    assert media_type(accepted) == expected


@pytest.mark.parametrize(
    "accepted",
    ["text/html", "application/json", "*/*;q=0", "text/csv;q=0", "image/*", "nonsense",
     "*/*;q=nan", "*/*;q=inf", "*/*;q=-1", "*/*;q=+1", "*/*;q=1e0"],
)  # fmt: skip
def test_nothing_of_what_is_accepted_is_refused(accepted: str) -> None:
    with pytest.raises(NotAcceptable):
        media_type(accepted)
