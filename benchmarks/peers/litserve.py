"""LitServe around the model: ``python -m benchmarks.peers.litserve PORT [BATCH]``.

It takes requests by POST. With a batch, requests that come within five milliseconds are answered
together.
"""

import sys
from typing import Any

import litserve

from benchmarks.peers.naive import Naive

Asked = tuple[str, int, str | None]
BATCH_WAIT_S = 0.005


class Api(litserve.LitAPI):  # type: ignore[misc]  # not installed here
    """One request at a time."""

    def setup(self, device: str) -> None:
        """Read the shop."""
        del device
        self.model = Naive.told()

    def decode_request(self, request: dict[str, Any]) -> Asked:
        """Read the body of our POST."""
        told = request.get("filter")
        return request["customer_id"], int(request["limit"]), told["eq"][1] if told else None

    def predict(self, asked: Asked) -> dict[str, Any]:
        """Ask the model."""
        return self.model.recommend(*asked)

    def encode_response(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Answer as it is."""
        return answer


class Together(Api):
    """Several at once."""

    def predict(self, asked: list[Asked]) -> list[Any]:  # type: ignore[override]
        """Ask the model once for all."""
        return self.model.recommend_together(asked)


def main() -> None:
    """Serve."""
    port, batch = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if batch > 1:
        api = Together(api_path="/recommend", max_batch_size=batch, batch_timeout=BATCH_WAIT_S)
    else:
        api = Api(api_path="/recommend")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
