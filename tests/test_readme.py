"""The README says what there is, and no more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from app.main import create_app
from app.refusal import ApiError
from app.settings import ServerSettings
from training.settings import TrainerSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def _errors(root: type[ApiError] = ApiError) -> Iterator[type[ApiError]]:
    for error in root.__subclasses__():
        yield error
        yield from _errors(error)


def _rows(settings: type[BaseSettings]) -> dict[str, tuple[object, str]]:
    return {
        f"CARTERA_{name.upper()}": (field.default, field.description or "")
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize("settings", [ServerSettings, TrainerSettings])
def test_the_table_of_settings_holds_every_setting_with_its_default(
    settings: type[BaseSettings],
) -> None:
    for name, (default, _) in _rows(settings).items():
        (row,) = (line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
        assert default is not PydanticUndefined
        if default is not None and name != "CARTERA_REDIS_URL":
            assert f"`{default}`" in row


def test_the_table_of_settings_holds_no_other_setting() -> None:
    named = set(re.findall(r"^\| `(CARTERA_\w+)` \|", README, flags=re.MULTILINE))

    assert named == {*_rows(ServerSettings), *_rows(TrainerSettings)}


def test_every_error_code_is_named_with_its_status() -> None:
    for error in _errors():
        if "code" in vars(error):
            assert f"| {int(error.status)} | `{error.code}` |" in README


def test_every_route_is_named() -> None:
    paths = create_app(ServerSettings()).openapi()["paths"]

    for path in paths:
        assert path in README


def test_every_command_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`make (\w+)`", README))

    assert named
    assert all(re.search(rf"^{name}:", makefile, flags=re.MULTILINE) for name in named)
