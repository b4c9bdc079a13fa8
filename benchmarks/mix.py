"""What customers ask under load, and what may count as an answer: one mix for every generator.

    plain     a known customer asks for 20 items                          the rest, 90 %
    unknown   a customer whom no release knows                            5 %
    filtered  a known customer, 20 items of one category                  5 %

Known customers come Zipf-distributed: the n-th most frequent one asks 1/n as often as the first.
A mix is drawn beforehand from a seed, so that generators need no time for it and all send the same:
``load.py`` and ``locustfile.py`` draw it themselves, the scripts of ``wrk/`` read the file that

    python -m benchmarks.mix --customers 100000 --out var/bench/requests.txt

writes: a line a request, method, path and body with tabs between. A new kind of request is an
entry of ``KINDS`` and a branch of ``fault``. Live events and credentials are such kinds to come:
the server has neither yet, and they enter the mix when it has.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import numpy as np
import orjson

from benchmarks.fabricated_names import N_CATEGORIES, category_name, customer_id
from models.arrays import Rows

LIMIT = 20
UNKNOWN_LEVEL = 3
KNOWN_LEVELS = (0, 1)
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    kind: str
    customer: str
    category: str | None = None

    @property
    def path(self) -> str:
        """The request as a GET."""
        filtered = "" if self.category is None else f"&category={quote(self.category, safe='')}"
        return f"/recommend?customer_id={quote(self.customer, safe='')}&limit={LIMIT}{filtered}"

    @property
    def body(self) -> bytes:
        """The same request's body, as a POST to ``/recommend``."""
        told: dict[str, Any] = {"customer_id": self.customer, "limit": LIMIT}
        if self.category is not None:
            told["filter"] = {"eq": ["category", self.category]}
        return orjson.dumps(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Who may ask, and for what."""

    customers: Sequence[str]
    categories: Sequence[str] = field(
        default_factory=lambda: [category_name(code) for code in range(N_CATEGORIES)]
    )

    @classmethod
    def told(cls, customers: str, categories: str | None = None) -> Self:
        """Return the shop of two arguments of a command line.

        Args:
            customers: How many fabricated customers there are, or a file of ids, one a line.
            categories: A file of categories, one a line; those of a fabricated shop if absent.
        """
        if customers.isdecimal():
            ids: Sequence[str] = [customer_id(row) for row in range(int(customers))]
        else:
            ids = _lines(Path(customers))
        if categories is None:
            return cls(customers=ids)
        return cls(customers=ids, categories=_lines(Path(categories)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of the kinds; what is left is plain."""

    unknown: float = 0.05
    filtered: float = 0.05
    skew: float = 1.0
    """The exponent of Zipf's law; 0 lets every customer ask alike."""

    @classmethod
    def told(cls, text: str) -> Self:
        """Read ``unknown=0.05,filtered=0.05``; what is not named keeps its default.

        Raises:
            ValueError: A share is no number or has no such name, or they exceed 1 together.
        """
        try:
            parts = [part.split("=", 1) for part in text.split(",") if part]
            mix = cls(**{name: float(share) for name, share in parts})
        except (TypeError, ValueError) as problem:
            raise ValueError(
                f"found the mix {text!r}; expected shares of unknown and filtered, and skew, as in "
                "unknown=0.05,filtered=0.05,skew=1"
            ) from problem
        if min(mix.unknown, mix.filtered, mix.skew) < 0 or mix.unknown + mix.filtered > 1:
            raise ValueError(f"shares must be at least 0 and at most 1 together, got {text!r}")
        return mix

    def drawn(self, shop: Shop, n: int, *, rng: np.random.Generator) -> list[Asked]:
        """Return ``n`` requests in random order."""
        who = zipf(len(shop.customers), n, skew=self.skew, rng=rng)
        shares = [1 - self.unknown - self.filtered, self.unknown, self.filtered]
        kinds = rng.choice(list(KINDS), size=n, p=shares)
        strangers = count()
        return [
            KINDS[kind](shop, int(row), next(strangers), rng)
            for kind, row in zip(kinds.tolist(), who.tolist(), strict=True)
        ]


def _plain(shop: Shop, row: int, _nth: int, _rng: np.random.Generator) -> Asked:
    return Asked(kind="plain", customer=shop.customers[row])


def _unknown(_shop: Shop, _row: int, nth: int, _rng: np.random.Generator) -> Asked:
    return Asked(kind="unknown", customer=f"nobody-{nth}")


def _filtered(shop: Shop, row: int, _nth: int, rng: np.random.Generator) -> Asked:
    category = shop.categories[int(rng.integers(len(shop.categories)))]
    return Asked(kind="filtered", customer=shop.customers[row], category=category)


KINDS: Mapping[str, Callable[[Shop, int, int, np.random.Generator], Asked]] = {
    "plain": _plain,
    "unknown": _unknown,
    "filtered": _filtered,
}


def zipf(n_customers: int, n: int, *, skew: float, rng: np.random.Generator) -> Rows:
    """Return ``n`` customers' rows; who asks often has nothing to do with the row's number."""
    cumulated = np.cumsum(1 / np.arange(1, n_customers + 1) ** skew)
    ranks = np.searchsorted(cumulated, rng.random(n) * cumulated[-1])
    return np.asarray(rng.permutation(n_customers)[ranks], dtype=np.int32)


def below(levels: Mapping[int, int], asked: Sequence[Asked]) -> float:
    """Return which share of known customers was answered as if unknown.

    Args:
        levels: How many answers there were on each level.
        asked: The mix that they answered, in any number of rounds.
    """
    known = sum(one.kind != "unknown" for one in asked) / len(asked)
    on_level = sum(levels.get(level, 0) for level in KNOWN_LEVELS)
    return max(0.0, 1 - on_level / max(known * sum(levels.values()), 1))


def fault(asked: Asked, status: int, body: bytes) -> str | None:
    """Return what is wrong with an answer, or None.

    Expected are 200 and JSON; of a known customer, the level of a record; of an unknown one, what
    sells; under a filter nothing else; 20 items (under a filter at least one), each once.
    """
    if status != OK:
        return f"status {status}"
    try:
        answer = orjson.loads(body)
        level = int(answer["level"])
        ids = [item["item_id"] for item in answer["items"]]
        categories = {item.get("category") for item in answer["items"]}
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return "not the JSON of a list"
    if level not in KNOWN_LEVELS if asked.kind != "unknown" else level != UNKNOWN_LEVEL:
        return f"level {level} for {asked.kind}"
    if len(set(ids)) != len(ids) or not ids or (asked.category is None and len(ids) != LIMIT):
        return f"{len(ids)} items, {len(set(ids))} different"
    if asked.category is not None and categories != {asked.category}:
        return "an item outside the filter"
    return None


def written(requests: Sequence[Asked], path: Path, *, post: float = 0.0) -> Path:
    """Write the file that the wrk scripts read, every so-manieth request as a POST."""
    lines = []
    for n, asked in enumerate(requests):
        lines.append(
            f"POST\t/recommend\t{asked.body.decode()}"
            if posted(n, post)
            else f"GET\t{asked.path}\t"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def posted(n: int, share: float) -> bool:
    """Whether the ``n``-th request goes by POST, so that ``share`` of them do."""
    return int((n + 1) * share) > int(n * share)


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line]


def main() -> None:
    """Write a file of requests for wrk."""
    parser = argparse.ArgumentParser(description="Draw requests for wrk.")
    parser.add_argument("--customers", default="100000", help="how many, or a file of ids")
    parser.add_argument("--categories", help="a file of categories, one a line")
    parser.add_argument("--mix", default="", help="as in unknown=0.05,filtered=0.05,skew=1")
    parser.add_argument("--post", type=float, default=0.0, help="share asked by POST")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    told = parser.parse_args()
    shop = Shop.told(told.customers, told.categories)
    rng = np.random.default_rng(told.seed)
    requests = Mix.told(told.mix).drawn(shop, told.count, rng=rng)
    written(requests, told.out, post=told.post)


if __name__ == "__main__":
    main()
