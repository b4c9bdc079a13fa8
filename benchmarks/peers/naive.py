"""What a shop would otherwise serve: implicit's ``model.recommend``, asked for every request.

Their side of ``make bench-speed``: every serving peer answers with this, whatever it is wrapped in.
The model has the vectors of the same fabricated release, so the catalogue is as large as ours.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

SHOP_VARIABLE = "PEER_SHOP"
"""Where the file that ``benchmarks.serving_peers`` wrote is."""


class Naive:
    """A model, and what the answers say of items."""

    def __init__(self, path: Path) -> None:
        """Read the shop."""
        with np.load(path) as shop:
            self._model = AlternatingLeastSquares(factors=shop["items"].shape[1], num_threads=1)
            self._model.item_factors = shop["items"]
            self._model.user_factors = shop["customers"]
            n_bought = shop["bought"].shape[1]
            shape = shop["customers"].shape[0], shop["items"].shape[0]
            starts = np.arange(0, shape[0] * n_bought + 1, n_bought)
            ones = np.ones(shop["bought"].size, dtype=np.float32)
            self._bought = csr_matrix((ones, shop["bought"].ravel(), starts), shape=shape)
            self._rows = {id_: row for row, id_ in enumerate(shop["customer_ids"].tolist())}
            self._items = list(
                zip(
                    shop["item_ids"].tolist(),
                    shop["titles"].tolist(),
                    shop["names"].tolist(),
                    shop["prices"].tolist(),
                    strict=True,
                )
            )
            self._of_category: dict[str, Any] = {
                name: np.flatnonzero(shop["names"] == name).astype(np.int32)
                for name in np.unique(shop["names"]).tolist()
            }

    @classmethod
    def told(cls) -> "Naive":
        """Read the shop that the environment names."""
        return cls(Path(os.environ[SHOP_VARIABLE]))

    def recommend(
        self, customer_id: str, limit: int = 20, category: str | None = None
    ) -> dict[str, Any]:
        """Return a list as ours answers it; who is unknown gets the first items, which sell."""
        row = self._rows.get(customer_id)
        if row is None:
            return self._answer(3, range(limit), [0.0] * limit)
        among = self._of_category[category] if category else None
        ids, scores = self._model.recommend(row, self._bought[row], N=limit, items=among)
        return self._answer(0, ids.tolist(), scores.tolist())

    def recommend_together(self, asked: Sequence[tuple[str, int, str | None]]) -> list[Any]:
        """Answer several at once, those without a filter in one call of the model."""
        plain = [
            n for n, (id_, _, category) in enumerate(asked) if id_ in self._rows and not category
        ]
        answers = {n: self.recommend(*asked[n]) for n in range(len(asked)) if n not in plain}
        if plain:
            rows = np.array([self._rows[asked[n][0]] for n in plain])
            limit = max(asked[n][1] for n in plain)
            ids, scores = self._model.recommend(rows, self._bought[rows], N=limit)
            for n, of, score in zip(plain, ids.tolist(), scores.tolist(), strict=True):
                answers[n] = self._answer(0, of[: asked[n][1]], score)
        return [answers[n] for n in range(len(asked))]

    def any_list(self, n: int, limit: int, category: str | None, *, level: int) -> dict[str, Any]:
        """Return an answer of the usual size that cost no computation, the ``n``-th of many."""
        among = self._of_category[category] if category else np.arange(len(self._items))
        rows = among[(n * 31 + np.arange(limit)) % among.size].tolist()
        return self._answer(level, rows, [1 / (1 + place) for place in range(limit)])

    def _answer(self, level: int, rows: Sequence[int], scores: Sequence[float]) -> dict[str, Any]:
        items = []
        for row, score in zip(rows, scores, strict=False):
            item_id, title, category, price = self._items[row]
            items.append(
                {
                    "item_id": item_id,
                    "title": title,
                    "category": category,
                    "price": price,
                    "score": score,
                    "reason": "popular" if level else "taste",
                }
            )
        return {"level": level, "items": items}
