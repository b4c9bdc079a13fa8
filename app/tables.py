"""Settings that are tables: the path of a TOML file, or a table that was read already."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from models.errors import PolicyError


def table(read: Callable[[Mapping[str, object]], object], row: type) -> PlainValidator:
    """Return how a setting becomes a table.

    Args:
        read: Checks a table as TOML gave it; raises ``PolicyError``.
        row: What rows of one that was read already are.
    """

    def checked(value: object) -> object:
        if value is None or _is_read(value, row):
            return value
        if isinstance(value, str | Path):
            return _from(value, read)
        raise _refused(f"found {type(value).__name__}; expected the path of a TOML file")

    return PlainValidator(checked)


def _from(path: str | Path, read: Callable[[Mapping[str, object]], object]) -> object:
    name = str(path)
    try:
        return read(tomllib.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as problem:
        told = f"{name!r} cannot be read ({problem.strerror}); expected the path of a TOML file"
    except ValueError as problem:  # of TOML, or of UTF-8
        told = f"{name!r} is not TOML ({problem}); expected tables like [home]"
    except PolicyError as problem:
        told = f"{name!r}: {problem}"
    raise _refused(told)


def _refused(told: str) -> PydanticCustomError:
    return PydanticCustomError("table", "{told}", {"told": told})


def _is_read(value: object, row: type) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(rows, Mapping) and all(isinstance(one, row) for one in rows.values())
        for rows in value.values()
    )
