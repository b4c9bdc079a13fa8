"""What the trainer can be told, each as an environment variable ``CARTERA_`` and the field's name.

The options of ``cartera train`` are for one run; what stands here is for an installation.
"""

from pathlib import Path
from typing import Annotated

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
        default=7, description="Where chance begins: two runs with one seed and one file are equal."
    )
    min_buyers: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description="Distinct customers an item needs to be recommended. Not set: one in 250 "
        "customers, at least 1 and at most 10.",
    )
