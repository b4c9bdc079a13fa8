"""What one customer is worth, needs and feels, as a packed string of fixed fields.

    "CP" format:u8 0:u8 n_bytes:u32 crc32:u32   and one record of ``PROFILE``

The trainer fills one array of ``PROFILE`` for all customers and writes its rows; whoever asks for a
customer reads one. Later formats may only append fields. What is not known is nan, or 0 in a code
or a day.
"""

import numpy as np

N_CATEGORIES = 5

PROFILE = np.dtype(
    [
        ("tier", "u1"),
        ("stage", "u1"),
        ("segment", "u1"),
        ("portfolio", "u1"),
        ("satisfaction", "u1"),
        ("previous_tier", "u1"),
        ("previous_stage", "u1"),
        ("previous_known", "u1"),  # 1: this customer was in the release before
        ("orders", "<u4"),
        ("first_day", "<u2"),  # days from DAY_ZERO of models.artifacts.customer_record
        ("last_day", "<u2"),
        ("due_day", "<u2"),  # 0 where no date beats the median
        ("returned_orders", "<u2"),
        ("historic_clv", "<f4"),  # margin (or revenue, see Summary.basis) brought so far
        ("average_order_value", "<f4"),  # money paid an order
        ("predicted_clv", "<f4", (3,)),  # expected, low, high: 80 % interval
        ("alive", "<f4"),  # probability that they are still a customer
        ("purchases", "<f4", (3, 3)),  # HORIZONS_WEEKS x expected, low, high
        ("spend", "<f4", (3, 3)),  # likewise, money paid
        ("buys", "<f4", (3,)),  # P(buys within SOON_WEEKS)
        ("discount_sensitivity", "<f4"),  # 0 to 1
        ("discount_reliability", "<f4"),  # 0 to 1
        ("share_of_customer", "<f4"),  # an estimate; nan where not better than the baseline
        ("ratings", "<u2"),  # evidence of satisfaction: how many
        ("complaints", "<u2"),
        ("silence", "<f4"),  # days since the last order / their usual days between orders
        ("category", "<i4", (N_CATEGORIES,)),  # place in the catalogue's categories, -1 for none
        ("category_share", "<f4", (N_CATEGORIES,)),  # of the customer's spend
        ("category_buys", "<f4", (N_CATEGORIES,)),  # P(buys from it within 4 weeks)
    ],
    align=False,
)
"""Fields in the order of writing."""
