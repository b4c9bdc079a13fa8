"""Six hundred customers of the tiny shop, whose audiences can be worked out by thought.

    customer       taste      tier    will bring     bought
    c-000 …        breakfast  low     its number     milk; butter, of every second
    every third    evening    high    its number     beer; wine, of every second

``c-003`` is an evening customer, for 3 is a multiple of 3, and is expected to bring 3. What the
others of their taste bought, some did not buy yet: who did is who will.
"""

from collections.abc import Callable

import numpy as np

from models.artifacts.customer_profile import pack
from models.artifacts.customer_record import CustomerRecord
from models.customer.segments import Stage, Standing
from models.customer.value import Tier
from tests import known, shop

N = 600
IDS = [f"c-{number:03d}" for number in range(N)]
EVENING = IDS[::3]
BREAKFAST = [id_ for id_ in IDS if id_ not in EVENING]
WINE = IDS[::6]
"""A hundred: every second of those who love the evening."""
WINE_BUYERS = {"eq": ["bought_item", "wine"]}
"""The rule that they meet."""
SEEDS = [id_ for place, id_ in enumerate(EVENING) if place % 4 < 2]
"""A hundred too: who bought wine is as frequent among them as among the rest of the evening."""


def crowd(version: str = "r1", *, n: int = N, brings: Callable[[int], float] = float) -> shop.Shop:
    """Return the shop as release ``version``, with the first ``n`` of the customers."""
    made = shop.tiny(version)
    rng = np.random.default_rng(7)
    row = {item: place for place, item in enumerate(shop.ITEMS)}
    customers, profiles = {}, {}
    for number, id_ in enumerate(IDS[:n]):
        evening = number % 3 == 0
        often, sometimes = ("beer", "wine") if evening else ("milk", "butter")
        bought = {often: (3, 10, 7)} | ({sometimes: (1, 20, 0)} if number % 2 == 0 else {})
        taste = np.array([0, 1] if evening else [1, 0]) + rng.normal(scale=0.1, size=2)
        record = CustomerRecord(
            vector=taste.astype(np.float16),
            rows=np.array([row[often]], dtype=np.int32),
            reasons=np.array([1], dtype=np.uint8),
            scores=np.array([1.0], dtype=np.float32),
        )
        customers[id_] = record, shop.history(row, bought)
        standing = Standing(tier=Tier.HIGH if evening else Tier.LOW, stage=Stage.REPEAT)
        profiles[id_] = pack(
            known.profile(
                standing,
                orders=len(bought) + 2,
                predicted_clv=brings(number),
                last_day=known.day("2017-12-20"),
                first_day=known.day("2017-06-20"),
                historic_clv=float(rng.uniform(1, 100)),
                average_order_value=float(rng.uniform(1, 20)),
                alive=0.5,
            )
        )
    return shop.Shop(loaded=made.loaded, customers=customers, profiles=profiles)
