"""What the server can be told: environment variables, ``CARTERA_`` and the field's name."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt
from pydantic import BeforeValidator, Field, FilePath
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.fields import WORD, Share, written_novelty


def _novelty_by_placement(value: object) -> object:
    """Read ``home=0.3,email=new_only``."""
    if not isinstance(value, str):
        return value
    found: dict[str, Share | None] = {}
    for part in value.split(","):
        placement, _, novelty = (side.strip() for side in part.partition("="))
        try:
            if not re.match(WORD, placement) or placement in found:
                raise ValueError(placement)
            found[placement] = written_novelty(novelty)
        except ValueError as problem:
            raise PydanticCustomError(
                "placement_novelty",
                "found {part}; expected PLACEMENT=any, PLACEMENT=new_only or PLACEMENT=a share "
                "from 0 to 1, each placement once, with commas between; write it as "
                "home=0.3,email=new_only",
                {"part": repr(part)},
            ) from problem
    return found


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
    data_dir: Path = Field(
        default=Path("var"), description="Where the server keeps copies of releases."
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
    placement_novelty: Annotated[
        Mapping[str, Share] | None, NoDecode, BeforeValidator(_novelty_by_placement)
    ] = Field(
        default=None,
        description="How much of a list must be new to the customer where the request names the "
        "placement and no `novelty`, as in `home=0.3,email=new_only`. Not set: `any` everywhere.",
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
