"""FastAPI as its tutorial has it: a ``def`` route around the model; and behind a Redis cache.

    naive          the model for every request
    cached         what was answered before comes from Redis: a ``def`` route, parsed and rebuilt
    cached_bytes   the same as good as it gets: an ``async`` route, Redis' bytes sent as they are

Started as ``uvicorn --factory benchmarks.peers.serving_fastapi:NAME``.
"""

import json
import os
from typing import Any

import redis
import redis.asyncio
from fastapi import FastAPI, Response

from benchmarks.peers.naive import Naive

REDIS_VARIABLE = "PEER_REDIS"
LIFETIME_S = 3600


def naive() -> FastAPI:
    """Return the application without a cache."""
    app, model = FastAPI(), Naive.told()

    @app.get("/recommend")
    def recommend(customer_id: str, limit: int = 20, category: str | None = None) -> dict[str, Any]:
        """Ask the model."""
        return model.recommend(customer_id, limit, category)

    return app


def cached() -> FastAPI:
    """Return the application that looks into Redis first."""
    app, model = FastAPI(), Naive.told()
    cache = redis.Redis.from_url(os.environ[REDIS_VARIABLE])

    @app.get("/recommend")
    def recommend(customer_id: str, limit: int = 20, category: str | None = None) -> dict[str, Any]:
        """Ask the cache, then the model."""
        key = _key(customer_id, limit, category)
        found: Any = cache.get(key)
        if found is not None:
            answer: dict[str, Any] = json.loads(found)
            return answer
        answer = model.recommend(customer_id, limit, category)
        cache.setex(key, LIFETIME_S, json.dumps(answer))
        return answer

    return app


def cached_bytes() -> FastAPI:
    """Return the application that sends what Redis holds as it is."""
    app, model = FastAPI(), Naive.told()
    cache = redis.asyncio.Redis.from_url(os.environ[REDIS_VARIABLE])

    @app.get("/recommend")
    async def recommend(customer_id: str, limit: int = 20, category: str | None = None) -> Response:
        """Ask the cache, then the model."""
        key = _key(customer_id, limit, category)
        found: Any = await cache.get(key)
        if found is None:
            found = json.dumps(model.recommend(customer_id, limit, category)).encode()
            await cache.setex(key, LIFETIME_S, found)
        return Response(found, media_type="application/json")

    return app


def _key(customer_id: str, limit: int, category: str | None) -> str:
    return f"recommend:{customer_id}:{limit}:{category}"
