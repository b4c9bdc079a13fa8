"""Settings of trainer and server."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import ServerSettings
from training.settings import TrainerSettings


def test_a_misspelt_keyword_fails() -> None:
    with pytest.raises(ValidationError):
        TrainerSettings(nmespace="x")  # type: ignore[call-arg]


def test_the_environment_is_read_when_settings_are_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CARTERA_DATA_DIR", str(tmp_path))

    assert TrainerSettings().data_dir == tmp_path


@pytest.mark.parametrize(
    "name", ["namespace", "events_redis_url", "data_dir", "log_level", "log_format"]
)
def test_what_server_and_trainer_share_has_one_default(name: str) -> None:
    server, trainer = ServerSettings.model_fields[name], TrainerSettings.model_fields[name]

    assert server.default == trainer.default
    assert repr(server.metadata) == repr(trainer.metadata)
