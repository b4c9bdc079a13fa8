"""BentoML around the model: ``bentoml serve benchmarks.peers.bentoml:Recommend``; asked by POST."""

from typing import Any

import bentoml

from benchmarks.peers.naive import Naive


@bentoml.service(workers=1, traffic={"timeout": 30})
class Recommend:
    """One worker."""

    def __init__(self) -> None:
        """Read the shop."""
        self._model = Naive.told()

    @bentoml.api(route="/recommend")  # type: ignore[untyped-decorator]
    def recommend(
        self,
        customer_id: str,
        limit: int = 20,
        filter: dict[str, Any] | None = None,  # noqa: A002  # our POST has it
    ) -> dict[str, Any]:
        """Ask the model."""
        return self._model.recommend(customer_id, limit, filter["eq"][1] if filter else None)
