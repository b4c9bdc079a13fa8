"""One real-shaped example of every event that others define, and the canonical event it becomes.

``sent`` is the body as the vendor's own documents shape it, ``events`` what is stored. Where
nothing names an id, one is made; where nothing names a time, it is now.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from app.caller import OPEN
from app.events.body import sent
from app.events.checked import checked
from models.artifacts.event import Event

NOW_MS = 1_717_243_200_000
EXAMPLES = sorted(Path(__file__).with_name("events").glob("*.json"))
GA4 = """
    add_payment_info add_shipping_info add_to_cart add_to_wishlist begin_checkout purchase refund
    remove_from_cart search select_item select_promotion view_cart view_item view_item_list
    view_promotion
""".split()  # noqa: SIM905
SEGMENT = """
    products_searched product_list_viewed product_list_filtered promotion_viewed promotion_clicked
    product_clicked product_viewed product_added product_removed cart_viewed checkout_started
    checkout_step_viewed checkout_step_completed payment_info_entered order_completed order_updated
    order_refunded order_cancelled coupon_entered coupon_applied coupon_denied coupon_removed
    product_added_to_wishlist product_removed_from_wishlist wishlist_product_added_to_cart
    product_shared cart_shared product_reviewed
""".split()  # noqa: SIM905


def told(event: Event) -> dict[str, Any]:
    return dict(orjson.loads(event.pack()))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_becomes_its_canonical_event(example: Path) -> None:
    golden = orjson.loads(example.read_bytes())
    body = sent(golden["sent"])

    events = [checked(one, caller=OPEN, consent=body.consent, now_ms=NOW_MS) for one in body.events]

    assert len(events) == len(golden["events"])
    for event, expected in zip(events, golden["events"], strict=True):
        assert isinstance(event, Event), event
        unnamed = {} if "event_id" in expected else {"event_id": event.event_id}
        now = {"at_ms": NOW_MS} if expected["at_ms"] == "now" else {}
        assert told(event) == expected | unnamed | now
        assert Event.unpack(event.pack()) == event


def test_every_event_of_ga4_and_of_segment_has_an_example() -> None:
    names = {path.stem for path in EXAMPLES}

    assert names >= {f"ga4_{name}" for name in GA4} | {f"segment_{name}" for name in SEGMENT}
