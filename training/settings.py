"""What the trainer can be told, each as an environment variable ``CARTERA_`` and the field's name.

The options of ``cartera train`` are for one run; what stands here is for an installation.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrainerSettings(BaseSettings):
    """Every variable is named ``CARTERA_`` and the field's name; units are in the name."""

    model_config = SettingsConfigDict(env_prefix="CARTERA_", frozen=True, extra="forbid")

    redis_url: str | None = Field(
        default=None,
        description="The store: redis://, rediss:// or unix://, with password if it has one. "
        "Not set: the embedded store in the data directory.",
    )
    namespace: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = Field(
        default="cartera",
        description="First part of every key, so that several shops may share a store.",
    )
    data_dir: Path = Field(
        default=Path("var"),
        description="Where releases, the embedded store and the servers' copies live.",
    )
    seed: Annotated[int, Ge(0)] = Field(
        default=7,
        description="Where chance begins: two runs with one seed and one file are equal, if "
        "their budgets suffice for the same.",
    )
    min_buyers: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description="Distinct customers an item needs to be recommended. Not set: one in 250 "
        "customers, at least 1 and at most 10.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious log lines that are written."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="`json`, `text` with colours, or `auto`: text in a terminal, JSON elsewhere.",
    )


def misspelt(names: Iterable[str]) -> dict[str, str]:
    """Return the variables among ``names`` that are likely meant for a setting, and which one.

    What is not close to any is left alone: the server shares the prefix.
    """
    known = [f"CARTERA_{field}".upper() for field in TrainerSettings.model_fields]
    return {
        name: near[0]
        for name in sorted(names)
        if name.startswith("CARTERA_") and name not in known
        if (near := get_close_matches(name, known, n=1, cutoff=0.9))
    }
