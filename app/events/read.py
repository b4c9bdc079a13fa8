"""Reads an event by the rules of ``app.events.own``, into no more than what it says.

An instance of the model would hold every field, and most events say a handful: the same rules read
an event into a plain dict in half the time, and what it does not say stays unsaid. Each field's
rule is the model's own, so the two cannot differ.

Source: pydantic-core, the schemas ``model`` and ``typed-dict``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import CoreConfig, CoreSchema, typed_dict_field, typed_dict_schema

from app.events.own import SentEvent


def reader(model: type[BaseModel]) -> Callable[[object], dict[str, Any]]:
    """Return what reads a tree of JSON by the rules of ``model``, without making one.

    It returns a new dict of what is said, in the model's order, and raises ``ValidationError`` as
    the model does.
    """
    return SchemaValidator(_lean(model.__pydantic_core_schema__)).validate_python


def _lean(part: Any) -> Any:  # noqa: ANN401  # any part of a schema
    """Return a part of a schema with dicts in place of models."""
    if isinstance(part, list):
        return [_lean(inside) for inside in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "model":
        return _said(part["schema"]["fields"], part["config"])
    return {name: _lean(inside) for name, inside in part.items()}


def _said(fields: Mapping[str, Any], config: CoreConfig) -> CoreSchema:
    """Return the schema of a dict of such fields; those with a default need not be said."""
    return typed_dict_schema(
        {
            name: typed_dict_field(
                _lean(rule["schema"] if rule["type"] == "default" else rule),
                required=rule["type"] != "default",
            )
            for name, rule in ((name, field["schema"]) for name, field in fields.items())
        },
        config=config,
    )


read = reader(SentEvent)
"""Reads an event in our words."""
