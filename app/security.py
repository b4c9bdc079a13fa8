"""What the OpenAPI document says of credentials: written from what the routes ask for."""

from collections.abc import Iterable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.caller import Needs
from app.routed import flat

SCHEMES: dict[str, dict[str, str]] = {
    "publishable_key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "`pk_…`: of a page, for what concerns visitors. It may be sent from pages "
        "of its own origins only.",
    },
    "customer_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "ct1",
        "description": "`ct1.…`: of the page of a signed-in customer, for that customer alone; the "
        "shop's backend mints it, and the key that signs it is sent to nobody. A publishable key "
        "may stand beside it.",
    },
    "secret_key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "sk",
        "description": "`sk_…`: of a backend, for what its scopes name.",
    },
}


def needed(route: APIRoute) -> Needs | None:
    """Return what a route asks for; None of a public one."""
    found = [one.dependency for one in route.dependencies if isinstance(one.dependency, Needs)]
    return found[0] if found else None


def describe(document: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Put into ``document`` the credentials that there are, and which operation takes which."""
    document["components"]["securitySchemes"] = SCHEMES
    for route in flat(routes):
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                operation["security"] = _taken(needed(route))


def _taken(needs: Needs | None) -> list[dict[str, list[str]]]:
    """Return each credential that will do alone, with the scope that it must have."""
    if needs is None:
        return []
    taken: list[dict[str, list[str]]] = [{"secret_key": [needs.scope]}]
    if needs.token:
        taken.append({"customer_token": [needs.scope]})
    if needs.publishable:
        taken.append({"publishable_key": []})
    return taken
