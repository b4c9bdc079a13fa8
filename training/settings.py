"""What the trainer can be told, each as an environment variable ``CARTERA_`` and the field's name.

The options of ``cartera train`` are for one run; what stands here is for an installation.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field, SecretStr, ValidationInfo, field_validator
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
    events_redis_url: str | None = Field(
        default=None,
        description="Another store for what customers do (events, live state, preferences), under "
        "`noeviction` and with its own persistence. Not set: the same store.",
    )
    data_dir: Path = Field(
        default=Path("var"),
        description="Where releases, the embedded store and the servers' copies live.",
    )
    archive_url: str | None = Field(
        default=None,
        description="Where workers archive events: a folder, or an address that fsspec "
        "understands, such as s3://…. Not set: `archive/` in the data directory.",
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
    margin_share: Annotated[float, Gt(0), Le(1)] | None = Field(
        default=None,
        description="What the shop earns of the price, 0 to 1, where the items file says no "
        "margin. Not set: the share of the items whose margin it says; where it says none, "
        "value is revenue.",
    )
    clv_horizon_weeks: Annotated[int, Ge(4), Le(260)] = Field(
        default=52, description="How far ahead lifetime value counts, in weeks."
    )
    clv_annual_rate: Annotated[float, Ge(0), Lt(1)] = Field(
        default=0.15, description="By what share money of a year later counts less."
    )
    tier_quantile: Annotated[float, Gt(0), Lt(1)] = Field(
        default=0.8,
        description="The share of customers whose historic, or potential, value is below high, "
        "where no money is named.",
    )
    tier_historic: Annotated[float, Gt(0)] | None = Field(
        default=None, description="From what money on historic value is high; else by quantile."
    )
    tier_potential: Annotated[float, Gt(0)] | None = Field(
        default=None, description="From what money on potential value is high; else by quantile."
    )
    client_orders: Annotated[int, Ge(2)] = Field(
        default=5, description="From how many orders on a repeat customer is a client."
    )
    lapsing_after: Annotated[float, Gt(1)] = Field(
        default=2.0,
        description="How many times their usual days between orders a customer is silent before "
        "they count as lapsing.",
    )
    lapsed_after: Annotated[float, Gt(1)] = Field(
        default=4.0,
        validate_default=True,
        description="Likewise, before they count as lapsed; not below lapsing.",
    )
    won_back_days: Annotated[int, Ge(1)] = Field(
        default=56,
        description="For how many days after their return a lapsed customer counts as won back.",
    )
    signing_key: SecretStr | None = Field(
        default=None,
        description="Signs customers' tokens: what `cartera keys create --kind signing` printed, "
        "for `cartera token mint`.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious log lines that are written."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="`json`, `text` with colours, or `auto`: text in a terminal, JSON elsewhere.",
    )

    @property
    def archive(self) -> str:
        """Where the archive of this namespace is."""
        return self.archive_url or str(self.data_dir / "archive" / self.namespace)

    @field_validator("lapsed_after")
    @classmethod
    def _lapsed_after_lapsing(cls, lapsed_after: float, told: ValidationInfo) -> float:
        lapsing_after = told.data.get("lapsing_after", 0.0)
        if lapsed_after < lapsing_after:
            raise ValueError(
                f"must be at least CARTERA_LAPSING_AFTER, {lapsing_after:g}, got {lapsed_after:g}"
            )
        return lapsed_after


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
