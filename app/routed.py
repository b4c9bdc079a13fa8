"""The routes of the application, one by one: the framework keeps those of each file together."""

from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute


def flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield every route, of included routers too."""
    for route in routes:
        router = getattr(route, "original_router", None)
        yield from flat(router.routes) if router is not None else [route]
