"""A setting that is a table is read from its file, or the server does not start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import ServerSettings
from models.customer.satisfaction import Satisfaction
from models.shaping.service import BUILT_IN, Service, of


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the setting names."""
    path = tmp_path / "service.toml"
    monkeypatch.setenv("CARTERA_SERVICE", str(path))
    return path


def test_a_table_of_service_is_read_from_its_file(file: Path) -> None:
    file.write_text('["*".dissatisfied]\nupsell = false\n[home]\ncontent = "smile"\n')

    services = ServerSettings().service

    assert services is not None
    assert of(services, "home", Satisfaction.DISSATISFIED) == Service(upsell=False, content="smile")
    assert of(services, "cart", Satisfaction.NEUTRAL) == Service()


def test_without_a_file_nothing_is_set() -> None:
    assert ServerSettings().service is None


def test_a_table_that_was_read_already_is_taken_as_it_is() -> None:
    assert ServerSettings(service=BUILT_IN).service == BUILT_IN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[home", r"service.toml' is not TOML \(.*\); expected tables like \[home\]"),
        ("[home]\nlists = false", r"service.toml': found the column 'lists' in \[home\]; expected"),
        (
            "[home.angry]",
            r"found the level of satisfaction 'angry' in \[home\]; expected unknown, ",
        ),
    ],
)
def test_a_wrong_file_stops_the_start_in_words(file: Path, content: str, words: str) -> None:
    file.write_text(content)

    with pytest.raises(ValidationError, match=words):
        ServerSettings()
