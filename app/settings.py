"""What the server can be told: environment variables, ``CARTERA_`` and the field's name."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt
from limits import parse
from pydantic import AfterValidator, Field, FilePath
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.tables import table
from models.shaping.policies import Policies, Policy
from models.shaping.policies import read as read_policies
from models.shaping.service import Service, Services
from models.shaping.service import read as read_services


def _rate(value: str) -> str:
    """Refuse what ``limits`` cannot read, and what would let nobody in."""
    try:
        amount = parse(value).amount
    except ValueError:
        amount = 0
    if amount < 1:
        raise PydanticCustomError(
            "rate", "expected a number and a time, as in 600/minute or 20/second"
        )
    return value


class ServerSettings(BaseSettings):
    """Every variable is named ``CARTERA_`` and the field's name; units are in the name."""

    model_config = SettingsConfigDict(env_prefix="CARTERA_", frozen=True, extra="forbid")

    redis_url: str = Field(
        default="redis://127.0.0.1:6379/0",
        description="The store: redis://, rediss:// or unix://. `cartera serve` starts one of its "
        "own and fills this in where it is not set.",
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
        description="Where the server keeps copies of releases, and events while the store is "
        "away.",
    )
    spool_mb: Annotated[int, Ge(0)] = Field(
        default=64,
        description="The most room that events have on disk while the store does not take them, "
        "in MB; past it they are refused.",
    )
    redis_timeout_ms: Annotated[int, Gt(0)] = Field(
        default=25,
        description="Longest wait for the store to answer one read; past it the customer's last "
        "record in memory is used, or the popular list.",
    )
    request_timeout_ms: Annotated[int, Gt(0)] = Field(
        default=150,
        description="Longest a request waits for anything outside the server, all in all; past it "
        "the answer is made from what is at hand.",
    )
    memory_records: Annotated[int, Ge(0)] = Field(
        default=50_000,
        description="How many customers' records a worker remembers for when the store is away, "
        "at about 2 KiB each.",
    )
    merchant_list: FilePath | None = Field(
        default=None,
        description="A file of item ids, one a line, best first: what is shown when there is no "
        "release at all.",
    )
    policies: Annotated[Policies | None, NoDecode, table(read_policies, Policy)] = Field(
        default=None,
        description="A TOML file: what each placement does for customers of each tier (`novelty`, "
        "`diversity`, `objective`, `categories`), where the request does not say.",
    )
    service: Annotated[Services | None, NoDecode, table(read_services, Service)] = Field(
        default=None,
        description="A TOML file: what each placement does for customers by how satisfied they are "
        "(`upsell`, `content`, `list`). Not set: the dissatisfied are shown only what they buy "
        "again and again, with the content `help` or `apology`, and are sold nothing in a contact.",
    )
    rate_key: Annotated[str, AfterValidator(_rate)] = Field(
        default="120000/minute",
        description="How often one key, publishable or secret, may ask one worker.",
    )
    rate_subject: Annotated[str, AfterValidator(_rate)] = Field(
        default="600/minute",
        description="How often one customer's tokens may ask one worker.",
    )
    rate_address: Annotated[str, AfterValidator(_rate)] = Field(
        default="3000/minute",
        description="How often pages at one address may ask one worker with publishable keys; "
        "behind a proxy see `cartera serve --trust-proxy`.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious log lines that are written."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="`json`, `text` with colours, or `auto`: text in a terminal, JSON elsewhere.",
    )


def misspelt(names: Iterable[str]) -> dict[str, str | None]:
    """Return the variables of ours among ``names`` that no setting has, with what was likely meant.

    A trainer's variable is among them, for server and trainer share the prefix and neither knows
    the other's list; so the server says what it does not know, and goes on.
    """
    known = [f"CARTERA_{field}".upper() for field in ServerSettings.model_fields]
    found: dict[str, str | None] = {}
    for name in sorted(names):
        if name.upper().startswith("CARTERA_") and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1, cutoff=0.85)
            found[name] = near[0] if near else None
    return found
