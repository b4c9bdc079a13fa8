"""The OpenAPI document: what FastAPI finds, and what it cannot find."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import security
from app.filter_schema import filter_schema
from app.refusal import Problem
from app.rule_schema import rule_schema

DESCRIPTION = """\
Cartera learns every customer of a shop from the purchase history and answers, in milliseconds,
with the items for this one customer, now.

Ids are strings of 1 to 256 characters without control characters. Nothing is clamped: a value out
of its limits is refused with 422. Every error is a problem document (RFC 9457) with a stable
`code`. A list for an unknown customer is no error. Each list says from which `level` it was served.

Each operation names the credentials that it takes, any one of them, and the scope that a secret key
or a token must have for it. A token is for its own customer and a publishable key for visitors:
naming another customer is refused with `subject-mismatch`, and nothing is read. A server without
keys answers its own machine alone, which needs no credential.
"""

TAGS = [
    {"name": "recommend", "description": "What for this customer, now."},
    {"name": "events", "description": "What happened, and what customers say of it."},
    {"name": "items", "description": "From items to items."},
    {"name": "customers", "description": "What each is worth, needs and feels; and in groups."},
    {"name": "audiences", "description": "Sets of customers, for campaigns and ads."},
    {"name": "feeds", "description": "Who left something behind."},
    {"name": "releases", "description": "Published sets of models."},
    {"name": "operations", "description": "For whoever runs the server."},
]


def install(app: FastAPI) -> None:
    """Give ``app`` the whole document, made once, when it is first asked for."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI documents


def _document(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
    )
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = found["components"]["schemas"]
    schemas.update(problem.pop("$defs"))
    schemas.update(Problem=problem, Filter=filter_schema(), Rule=rule_schema())
    security.describe(found, app.routes)
    return found
