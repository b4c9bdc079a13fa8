"""Ray Serve around the model: ``python -m benchmarks.peers.ray PORT``."""

import signal
import sys
from typing import Any

import ray
from ray import serve
from starlette.requests import Request

from benchmarks.peers.naive import Naive

STORE_BYTES = 100_000_000


class Recommend:
    """One replica."""

    def __init__(self) -> None:
        """Read the shop."""
        self._model = Naive.told()

    async def __call__(self, request: Request) -> dict[str, Any]:
        """Ask the model."""
        asked = request.query_params
        return self._model.recommend(
            asked["customer_id"], int(asked.get("limit", 20)), asked.get("category")
        )


def main() -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ray.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=STORE_BYTES
    )
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    deployment = serve.deployment(num_replicas=1)(Recommend)
    serve.run(deployment.bind(), route_prefix="/recommend")
    signal.pause()


if __name__ == "__main__":
    main()
