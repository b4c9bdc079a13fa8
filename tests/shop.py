"""A tiny shop whose right answers can be worked out by thought.

    row  item      category  price  stock   sold to  taste
    0    milk      dairy     1.00   -       8        breakfast
    1    bread     bakery    2.00   -       7        breakfast
    2    butter    dairy     3.00   -       6        breakfast
    3    jam       pantry    4.00   -       5        breakfast
    4    beer      drinks    5.00   -       4        evening
    5    wine      drinks    9.00   -       3        evening
    6    cream     dairy     2.50   none    2        breakfast
    7    truffle   pantry    50.00  -       0        never bought, so no model knows it

Bread, butter and jam are bought together, bread and butter most of all; so are beer and wine.
Half of those who buy milk or bread buy it again, after 10 days; of wine hardly anybody does.
After beer comes wine, after wine truffle cannot come, for no model knows it, so cream does; after
bread comes jam, and sometimes beer.
Ana bought butter six times, last 12 days before the last day, usually every 14, and milk once;
her list is butter, milk, bread, jam, cream. Ben's is beer, wine. What they are worth, need and feel
stands in ``tests.known``, with Cleo, who never bought. Every title ends with the
release's version, and ``turned`` numbers the items backwards, so that an answer mixed from two
releases gives itself away.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import orjson
import redis
from numpy.typing import NDArray

from models.artifacts import bundle
from models.artifacts.customer_record import DAY_ZERO, CustomerRecord, History, Reason
from models.artifacts.keys import Keys
from models.artifacts.manifest import File, Manifest
from models.catalogue import Catalogue
from models.ids import Ids, Texts
from models.loaded import Loaded
from models.scorers.collaborative import Collaborative
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.scorers.rebuying import Rebuying
from models.scorers.transitions import Transitions
from models.shaping.blend import Weights
from tests import known
from training import release
from training.publish import Releases

ITEMS = ("milk", "bread", "butter", "jam", "beer", "wine", "cream", "truffle")
N_RANKED = 7
_CATEGORY = {
    "milk": "dairy", "bread": "bakery", "butter": "dairy", "jam": "pantry",
    "beer": "drinks", "wine": "drinks", "cream": "dairy", "truffle": "pantry",
}  # fmt: skip
_PRICE = {
    "milk": 1.0, "bread": 2.0, "butter": 3.0, "jam": 4.0,
    "beer": 5.0, "wine": 9.0, "cream": 2.5, "truffle": 50.0,
}  # fmt: skip
_BUYERS = {"milk": 8, "bread": 7, "butter": 6, "jam": 5, "beer": 4, "wine": 3, "cream": 2}
_TASTE = {
    "milk": (1.0, 0.0), "bread": (0.9, 0.1), "butter": (0.8, 0.2), "jam": (0.7, 0.3),
    "beer": (0.0, 1.0), "wine": (0.1, 0.9), "cream": (1.0, 0.1),
}  # fmt: skip
_TOGETHER = {
    "bread": (("butter", 0.9), ("jam", 0.6)),
    "butter": (("bread", 0.9), ("jam", 0.5)),
    "jam": (("bread", 0.6), ("butter", 0.5)),
    "beer": (("wine", 0.8), ("jam", 0.1)),
    "wine": (("beer", 0.8), ("jam", 0.1)),
}
_FOLLOWS = {
    "bread": (("jam", 0.8), ("beer", 0.2)),
    "beer": (("wine", 0.6),),
    "wine": (("cream", 0.4),),
}
_AGAIN = {
    "milk": (10, 0.5), "bread": (10, 0.5), "butter": (20, 0.4), "jam": (40, 0.3),
    "beer": (10, 0.3), "wine": (100, 0.02), "cream": (0, 0.0),
}  # fmt: skip
_LAST_DAY = np.datetime64("2017-12-31", "D")
Customers = Mapping[str, tuple[CustomerRecord, History]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One release of the tiny shop, as the trainer would hand it over."""

    loaded: Loaded
    customers: Customers
    profiles: Mapping[str, bytes] = field(default_factory=known.profiles)
    """Of all who are known, those who never bought among them."""

    @property
    def bundle(self) -> bytes:
        """The models' bytes."""
        return b"".join(bundle.pack(self.loaded.arrays()))

    @property
    def manifest(self) -> Manifest:
        """The manifest that fits the bundle."""
        content = self.bundle
        files = {"bundle.bin": File(sha256=sha256(content).hexdigest(), n_bytes=len(content))}
        return replace(self.loaded.manifest, files=files)


def tiny(version: str = "r1", *, turned: bool = False, margins: bool = False) -> Shop:
    """Return the shop as release ``version``."""
    ranked = ITEMS[:N_RANKED]
    items = (*(reversed(ranked) if turned else ranked), *ITEMS[N_RANKED:])
    row = {item: place for place, item in enumerate(items)}
    return Shop(
        loaded=Loaded(
            manifest=_manifest(version),
            catalogue=_catalogue(items, version, margins=margins),
            popularity=Popularity(buyers=_ints(_BUYERS.get(item, 0) for item in items), days=28),
            collaborative=Collaborative(
                items=np.array([_TASTE[item] for item in items[:N_RANKED]], dtype=np.float32),
                alpha=10.0,
                regularization=0.1,
            ),
            copurchase=CoPurchase(
                companions=_pairs(_TOGETHER, items, row)[0],
                strengths=_pairs(_TOGETHER, items, row)[1],
            ),
            rebuying=Rebuying(
                every_days=_ints(_AGAIN[item][0] for item in items[:N_RANKED]).astype(np.uint16),
                share=np.array([_AGAIN[item][1] for item in items[:N_RANKED]], dtype=np.float32),
            ),
            transitions=Transitions(
                successors=_pairs(_FOLLOWS, items, row)[0],
                strengths=_pairs(_FOLLOWS, items, row)[1],
                decay=0.5,
            ),
            weights=_weights(),
            customers=known.summary(),
        ),
        customers=_customers(row),
    )


def publish(url: str, namespace: str, shop: Shop, *, content: bytes | None = None) -> None:
    """Put the shop into the store and make it current, as the trainer does.

    Args:
        url: The store.
        namespace: First part of every key.
        shop: What to publish.
        content: Published instead of the shop's bundle, under the shop's manifest and past all
            the trainer's checks; no customers then.
    """
    if content is None:
        _publish_whole(url, namespace, shop)
        return
    keys, version = Keys(namespace), shop.loaded.version
    with redis.Redis.from_url(url) as store:
        store.set(keys.chunk(version, 0), content)
        store.hset(keys.releases, version, shop.manifest.to_json())
        store.set(keys.current, version)


def _publish_whole(url: str, namespace: str, shop: Shop) -> None:
    with TemporaryDirectory() as data_dir, redis.Redis.from_url(url) as store:
        folder = Path(data_dir) / shop.loaded.version
        release.write(folder, shop.loaded, every_customer(shop))
        Releases(store, Keys(namespace)).publish(folder)


def every_customer(shop: Shop) -> Iterator[release.Customer]:
    """Yield the shop's customers as the trainer would: those who bought, then the others."""
    for id_, (record, history) in shop.customers.items():
        yield id_, record, history, shop.profiles.get(id_, b"")
    for id_ in shop.profiles.keys() - shop.customers.keys():
        yield id_, None, None, shop.profiles[id_]


def _manifest(version: str) -> Manifest:
    return Manifest(
        version=version,
        created_at="2018-01-01T00:00:00Z",
        first_purchase="2017-01-01T08:00:00Z",
        last_purchase="2017-12-31T20:00:00Z",
        counts={"customers": 2, "items": len(ITEMS)},
        settings={},
        weights=asdict(_weights()),
        metrics={"ndcg@10": 0.5},
    )


def _catalogue(items: Sequence[str], version: str, *, margins: bool) -> Catalogue:
    categories = sorted(set(_CATEGORY.values()))
    prices = np.array([_PRICE[item] for item in items])
    return Catalogue(
        ids=Ids.of(items),
        titles=Texts.of(f"{item} {version}" for item in items),
        category=_ints(categories.index(_CATEGORY[item]) for item in items),
        categories=Texts.of(categories),
        brand=_ints(0 if item == "butter" else -1 for item in items),
        brands=Texts.of(["Alba"]),
        price=prices,
        margin=prices / 2 if margins else np.full(len(items), np.nan),
        stock=np.array([0 if item == "cream" else -1 for item in items], dtype=np.int64),
        fragments=Texts.of(
            orjson.dumps(
                {
                    "item_id": item,
                    "title": f"{item} {version}",
                    "category": _CATEGORY[item],
                    "price": _PRICE[item],
                }
            )[1:-1]
            for item in items
        ),
        n_ranked=N_RANKED,
    )


def _customers(row: Mapping[str, int]) -> Customers:
    return {
        "ana": (
            CustomerRecord(
                vector=np.array([1, 0], dtype=np.float16),
                rows=_ints(row[item] for item in ("butter", "milk", "bread", "jam", "cream")),
                reasons=np.array(
                    [Reason.REPEAT, Reason.REPEAT, Reason.TASTE, Reason.TASTE, Reason.POPULAR],
                    dtype=np.uint8,
                ),
                scores=np.array([1.0, 0.75, 0.5, 0.25, 0.125], dtype=np.float32),
                standing=known.ANA,
            ),
            history(row, {"butter": (6, 12, 14), "milk": (1, 30, 0)}),
        ),
        "ben": (
            CustomerRecord(
                vector=np.array([0, 1], dtype=np.float16),
                rows=_ints(row[item] for item in ("beer", "wine")),
                reasons=np.array([Reason.REPEAT, Reason.TASTE], dtype=np.uint8),
                scores=np.array([1.0, 0.5], dtype=np.float32),
                standing=known.BEN,
            ),
            history(row, {"beer": (3, 7, 7)}),
        ),
    }


def history(row: Mapping[str, int], bought: Mapping[str, tuple[int, int, int]]) -> History:
    """Of each item: in how many orders, how many days ago last, how many days between."""
    items = sorted(bought, key=lambda item: row[item])
    last_day = int((_LAST_DAY - DAY_ZERO).astype(int))
    return History(
        rows=_ints(row[item] for item in items),
        times=np.array([bought[item][0] for item in items], dtype=np.uint16),
        last_day=np.array([last_day - bought[item][1] for item in items], dtype=np.uint16),
        every_days=np.array([bought[item][2] for item in items], dtype=np.uint16),
        repeat=np.array([bought[item][0] / 6 for item in items], dtype=np.float32),
    )


def _pairs(
    of: Mapping[str, Sequence[tuple[str, float]]], items: Sequence[str], row: Mapping[str, int]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Two others of each ranked item, and how strongly they belong to it."""
    rows = np.full((N_RANKED, 2), -1, dtype=np.int32)
    strengths = np.zeros((N_RANKED, 2), dtype=np.float32)
    for place, item in enumerate(items[:N_RANKED]):
        for n, (other, strength) in enumerate(of.get(item, ())):
            rows[place, n], strengths[place, n] = row[other], strength
    return rows, strengths


def _weights() -> Weights:
    chosen = {"slow": 1.0, "fast": 1.0, "ease": 0.5, "collaborative": 0.5, "popularity": 0.1}
    return Weights(**{field.name: chosen.get(field.name, 0.0) for field in fields(Weights)})


def _ints(numbers: Iterable[int]) -> NDArray[np.int32]:
    return np.array(list(numbers), dtype=np.int32)
