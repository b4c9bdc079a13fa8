"""When what was bought is bought again, read off the shop's own past."""

import numpy as np
import pytest

from tests.training.tiny import basket, numbered
from training.data.purchases import Purchases
from training.rank import hazard
from training.rank.hazard import UNKNOWN, Hazard


def fitted(purchases: Purchases, kinds: dict[str, int] | None = None) -> Hazard:
    ids = purchases.item_ids[: purchases.n_ranked]
    kind = [kinds[id_] if kinds else 0 for id_ in ids]
    return hazard.fit(purchases, np.array(kind, np.int32), max(kind, default=0) + 1)


def share(found: Hazard, *, recency_days: float, times: int) -> float:
    return float(
        found.of(
            recency_days=np.array([recency_days], np.float32), times=np.array([times], np.float32)
        )[0]
    )


def test_a_pair_seen_twice_is_worked_out_by_hand() -> None:
    # 28 days ago milk was bought 32 days before, and came 18 days later; 56 days ago it was bought
    # 4 days before, and did not come. So half of all pairs came, drawn towards by 20 pairs.
    shop = numbered(*basket("ann", "milk", 10), *basket("ann", "milk", 60), until=70)

    found = fitted(shop)

    assert share(found, recency_days=32, times=1) == pytest.approx((1 + 10) / 21)
    assert share(found, recency_days=4, times=1) == pytest.approx((0 + 10) / 21)
    assert share(found, recency_days=4, times=2) == pytest.approx(0.5)
    assert found.item.tolist() == found.customer.tolist() == found.kind.tolist() == [1.0]


def test_a_shop_too_young_to_look_back_in_says_what_nobody_knows() -> None:
    shop = numbered(*basket("ann", "milk jam", 1), *basket("ann", "milk", 8), until=20)

    found = fitted(shop)

    assert found.share == pytest.approx(np.full_like(found.share, UNKNOWN))
    assert set(found.item.tolist()) == set(found.customer.tolist()) == {1.0}
    assert set(found.kind_by_recency.ravel().tolist()) == {1.0}


def weekly() -> Purchases:
    """Ann buys milk every week and one thing a week that is new to her; bob bought all once."""
    told = [line for n in range(24) for line in basket("ann", f"milk p-{n:02d}", 7 * n)]
    everything = " ".join(f"p-{n:02d}" for n in range(24))
    return numbered(*told, *basket("bob", f"milk {everything}", 1), until=168)


def test_what_is_bought_every_week_comes_again_and_what_was_tried_does_not() -> None:
    shop = weekly()

    found = fitted(shop)

    often = share(found, recency_days=7, times=20)
    once = share(found, recency_days=7, times=1)
    assert often > 3 * once
    milk = shop.item_ids.index("milk")
    assert found.item[milk] > found.kind[0]
    assert all(found.item[row] < found.kind[0] for row in range(25) if row != milk)
    ann, bob = (shop.customer_ids.index(name) for name in ("ann", "bob"))
    assert found.customer[ann] > found.customer[bob]


def test_an_item_nobody_bought_twice_follows_its_kind() -> None:
    shop = weekly()
    kinds = {id_: int(id_ in {"milk", "p-23"}) for id_ in shop.item_ids}

    found = fitted(shop, kinds)

    assert found.kind[1] > 1 > found.kind[0]
    lifted = found.item[shop.item_ids.index("p-23")]
    assert lifted > max(found.item[shop.item_ids.index(f"p-{n:02d}")] for n in range(23))


def test_lifts_of_a_kind_differ_by_recency() -> None:
    shop = weekly()
    found = fitted(shop, {id_: int(id_ == "milk") for id_ in shop.item_ids})

    lifts = found.of_kind(
        np.array([1, 1, 0], np.int32), recency_days=np.array([3, 300, 3], np.float32)
    )

    assert lifts[1] == pytest.approx(found.kind[1])  # never seen so late, so as the kind at large
    assert lifts[2] < 1
