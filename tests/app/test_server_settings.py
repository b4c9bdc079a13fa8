from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import ServerSettings, misspelt


def test_every_setting_says_what_it_is_for() -> None:
    for name, field in ServerSettings.model_fields.items():
        assert field.description, name


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTERA_REDIS_TIMEOUT_MS", "7")
    monkeypatch.setenv("CARTERA_DATA_DIR", "elsewhere")

    settings = ServerSettings()

    assert settings.redis_timeout_ms == 7
    assert settings.data_dir == Path("elsewhere")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_TIMEOUT_MS", "0"),
        ("MEMORY_RECORDS", "-1"),
        ("LOG_LEVEL", "loud"),
        ("NAMESPACE", "a:b"),
        ("NAMESPACE", ""),
        ("MERCHANT_LIST", "/there/is/no/such/file"),
        ("POLICIES", ""),
        ("RATE_KEY", ""),
        ("RATE_KEY", "often"),
        ("RATE_SUBJECT", "0/minute"),
        ("RATE_ADDRESS", "-1/minute"),
        ("RATE_ADDRESS", "10/fortnight"),
    ],
)
def test_a_setting_out_of_its_limits_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CARTERA_{name}", value)

    with pytest.raises(ValidationError):
        ServerSettings()


def test_a_rate_is_a_number_and_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTERA_RATE_KEY", "20/second")

    assert ServerSettings().rate_key == "20/second"


def test_settings_are_frozen_and_take_no_unknown_name() -> None:
    with pytest.raises(ValidationError):
        ServerSettings.model_validate({"redis_timout_ms": 5})
    with pytest.raises(ValidationError):
        ServerSettings().redis_timeout_ms = 5


def test_a_misspelt_variable_is_named_with_what_was_meant() -> None:
    found = misspelt(
        [
            "CARTERA_REDIS_TIMOUT_MS",
            "CARTERA_REDIS_URL",
            "cartera_namespace",
            "PATH",
            "CARTERA_SEED",
        ]
    )

    assert found == {
        "CARTERA_REDIS_TIMOUT_MS": "CARTERA_REDIS_TIMEOUT_MS",
        "CARTERA_SEED": None,
    }
