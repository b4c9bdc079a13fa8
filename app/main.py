"""The server: ``uvicorn --factory app.main:create_server``."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from pydantic import ValidationError
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

from app import log, openapi, problems
from app.access import Access
from app.deps import Server
from app.guard import Guard
from app.hot import Hot
from app.limits import Limits
from app.routes import (
    attribution,
    audiences,
    batch,
    customers,
    events,
    exports,
    feedback,
    feeds,
    health,
    identifiers,
    identities,
    items,
    lookup,
    members,
    preferences,
    recommend,
    releases,
    rerank,
    segments,
)
from app.settings import ServerSettings, misspelt

_log = structlog.get_logger(__name__)


def create_server(settings: ServerSettings | None = None) -> ASGIApp:
    """Return all that answers, outermost first: access, guard, limits, the hot way, the rest.

    The environment is read now, and only where no settings are given: in a process of its own.
    There the garbage collector is told to leave alone what stays for ever, the parts of libraries:
    on a busy machine it stopped every answer for a tenth of a second to look through them.
    """
    app = create_app(settings)
    hot = Hot(
        app,
        server=app.state.server,
        routes=[*recommend.router.routes, *events.router.routes, *lookup.router.routes],
    )
    if settings is None:
        gc.collect()
        gc.freeze()
    server = app.state.server
    return Access(Guard(Limits(hot), server=server), seen=server.seen)


def create_app(settings: ServerSettings | None = None) -> FastAPI:
    """Return the application alone; only ``create_server`` guards it, so it lets nobody in."""
    if settings is None:
        settings = _settings_told()
    server = Server.of(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await server.start()
        try:
            yield
        finally:
            await server.stop()

    app = FastAPIOffline(
        redoc_url=None,
        title="Cartera",
        summary="The item for this one customer, now.",
        description=openapi.DESCRIPTION,
        version=_version(),
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.server = server
    for routes in (
        recommend,
        batch,
        rerank,
        items,
        customers,
        identities,
        identifiers,
        preferences,
        events,
        feedback,
        feeds,
        segments,
        lookup,
        audiences,
        members,
        exports,
        releases,
        attribution,
        health,
    ):
        app.include_router(routes.router)
    openapi.install(app)
    problems.install(app)
    app.middleware_stack = _without_the_outermost(app.build_middleware_stack())
    return app


def _without_the_outermost(framework: ASGIApp) -> ASGIApp:
    """Leave out the layer that answers what nobody expected; that is for ``Access``."""
    assert isinstance(framework, ServerErrorMiddleware)
    return framework.app


def _settings_told() -> ServerSettings:
    """Read the environment; what cannot be a setting ends the process with ``EX_CONFIG``."""
    try:
        settings = ServerSettings()
    except ValidationError as problem:
        log.configure(level="info", format_="auto")
        for fault in problem.errors(include_input=False, include_url=False):
            variable = f"CARTERA_{fault['loc'][0]}".upper()
            _log.error("setting refused", variable=variable, reason=fault["msg"])
        raise SystemExit(os.EX_CONFIG) from problem
    log.configure(level=settings.log_level, format_=settings.log_format)
    for name, meant in misspelt(os.environ).items():
        _log.warning("not a setting of the server", variable=name, meant=meant)
    return settings


def _version() -> str:
    try:
        return version("cartera")
    except PackageNotFoundError:  # a checkout that was not installed
        return "0"
