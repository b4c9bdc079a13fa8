"""What customers ask under load, and what may count as an answer: one mix for every generator.

    plain     a known customer asks for 20 items                          the rest, 90 %
    unknown   a customer whom no release knows                            5 %
    filtered  a known customer, 20 items of one category                  5 %
    in_view   a known customer on an item's page                          if asked for
    diverse   a known customer, who wants less of the same (.3)           if asked for
    cart      a visitor with three items in the cart                      if asked for

Known customers come Zipf-distributed: the n-th most frequent one asks 1/n as often as the first.
A mix is drawn beforehand from a seed, so that generators need no time for it and all send the same:
``load.py`` and ``locustfile.py`` draw it themselves, the scripts of ``wrk/`` read the file that

    python -m benchmarks.mix --customers 100000 --out var/bench/requests.txt

writes: a line a request, method, path and body with tabs between. A new kind of request is an
entry of ``KINDS`` and a branch of ``fault``. A fifth of a fabricated shop's customers did something
a moment ago (``fabricated_live.py``): that is the store's matter, not the request's, and their
lists must be as long and of the same level as anybody's.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import numpy as np
import orjson

from benchmarks.fabricated_names import N_CATEGORIES, category_name, customer_id, item_id
from models.arrays import Rows

LIMIT = 20
RECORD, CONTEXT, POPULAR = 0, 2, 3
"""Levels: a known customer's is 0, for 1 would come from the server's memory, unread."""
N_SEEN = 1000
BLOCK = 200
"""Requests among which every kind has its share exactly, so that any stretch is like the whole."""
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    kind: str
    customer: str | None
    category: str | None = None
    item_ids: tuple[str, ...] = ()
    diversity: float = 0.0

    @property
    def level(self) -> int:
        """The level that an answer in health comes from."""
        if self.kind == "unknown":
            return POPULAR
        return RECORD if self.customer is not None else CONTEXT

    @property
    def path(self) -> str:
        """The request as a GET."""
        told: list[tuple[str, str | int | float]] = [("limit", LIMIT)]
        if self.customer is not None:
            told.insert(0, ("customer_id", self.customer))
        if self.category is not None:
            told.append(("category", self.category))
        told += [("item_ids", item) for item in self.item_ids]
        if self.diversity:
            told.append(("diversity", self.diversity))
        return "/recommend?" + urlencode(told, quote_via=quote)

    @property
    def body(self) -> bytes:
        """The same request's body, as a POST to ``/recommend``."""
        told: dict[str, Any] = {"limit": LIMIT, "item_ids": self.item_ids}
        if self.customer is not None:
            told["customer_id"] = self.customer
        if self.category is not None:
            told["filter"] = {"eq": ["category", self.category]}
        if self.diversity:
            told["diversity"] = self.diversity
        return orjson.dumps(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Who may ask, and for what."""

    customers: Sequence[str]
    categories: Sequence[str] = field(
        default_factory=lambda: [category_name(code) for code in range(N_CATEGORIES)]
    )
    items: Sequence[str] = field(default_factory=lambda: [item_id(row) for row in range(N_SEEN)])
    """What is in view or in a cart, where a mix has that."""

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
    in_view: float = 0.0
    diverse: float = 0.0
    cart: float = 0.0
    skew: float = 1.0
    """The exponent of Zipf's law; 0 lets every customer ask alike."""

    def shares(self) -> dict[str, float]:
        """Return the share of every kind."""
        named = {kind: float(getattr(self, kind)) for kind in KINDS if kind != "plain"}
        return {"plain": 1 - sum(named.values())} | named

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
                f"found the mix {text!r}; expected shares of {', '.join(list(KINDS)[1:])}, and "
                "skew, as in unknown=0.05,filtered=0.05,skew=1"
            ) from problem
        if min(mix.skew, *mix.shares().values()) < -ROUNDING:
            raise ValueError(f"shares must be at least 0 and at most 1 together, got {text!r}")
        return mix

    def drawn(self, shop: Shop, n: int, *, rng: np.random.Generator) -> list[Asked]:
        """Return ``n`` requests, the kinds in random order within each ``BLOCK``."""
        who = zipf(len(shop.customers), n, skew=self.skew, rng=rng)
        ends = np.round(np.cumsum(list(self.shares().values())) * BLOCK)
        block = np.array(list(KINDS))[np.searchsorted(ends, np.arange(BLOCK), side="right")]
        blocks = [rng.permutation(block) for _ in range(-(-n // BLOCK))]
        kinds = np.concatenate(blocks)[:n]
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


def _in_view(shop: Shop, row: int, _nth: int, rng: np.random.Generator) -> Asked:
    return Asked(kind="in_view", customer=shop.customers[row], item_ids=_items(shop, 1, rng))


def _diverse(shop: Shop, row: int, _nth: int, _rng: np.random.Generator) -> Asked:
    return Asked(kind="diverse", customer=shop.customers[row], diversity=0.3)


def _cart(shop: Shop, _row: int, _nth: int, rng: np.random.Generator) -> Asked:
    return Asked(kind="cart", customer=None, item_ids=_items(shop, 3, rng))


def _items(shop: Shop, n: int, rng: np.random.Generator) -> tuple[str, ...]:
    places = rng.choice(len(shop.items), n, replace=False).tolist()
    return tuple(shop.items[place] for place in places)


KINDS: Mapping[str, Callable[[Shop, int, int, np.random.Generator], Asked]] = {
    "plain": _plain,
    "unknown": _unknown,
    "filtered": _filtered,
    "in_view": _in_view,
    "diverse": _diverse,
    "cart": _cart,
}
"""What is left over first."""
ROUNDING = 1e-9


def zipf(n_customers: int, n: int, *, skew: float, rng: np.random.Generator) -> Rows:
    """Return ``n`` customers' rows; who asks often has nothing to do with the row's number."""
    cumulated = np.cumsum(1 / np.arange(1, n_customers + 1) ** skew)
    ranks = np.searchsorted(cumulated, rng.random(n) * cumulated[-1])
    return np.asarray(rng.permutation(n_customers)[ranks], dtype=np.int32)


def below(levels: Mapping[int, int], asked: Sequence[Asked]) -> float:
    """Return which share of known customers was answered from elsewhere than their record.

    Args:
        levels: How many answers there were on each level.
        asked: The mix that they answered, in any number of rounds.
    """
    known = sum(one.level == RECORD for one in asked) / len(asked)
    return max(0.0, 1 - levels.get(RECORD, 0) / max(known * sum(levels.values()), 1))


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
    if level != asked.level:
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
