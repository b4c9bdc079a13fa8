"""A corner shop of forty customers over half a year, as a file: each has habits of their own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

N_CUSTOMERS, N_ITEMS, N_HABITS, WEEKS = 40, 30, 4, 26


def write_purchases(folder: Path, *, weeks: int = WEEKS, n_customers: int = N_CUSTOMERS) -> Path:
    """Write ``purchases.csv``: every week each customer buys two of four habits and a surprise."""
    rng = np.random.default_rng(7)
    lines = ["customer_id,item_id,timestamp,quantity,price,order_id"]
    for customer in range(n_customers):
        habits = rng.choice(N_ITEMS, N_HABITS, replace=False)
        for week in range(weeks):
            at = datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(weeks=week, hours=customer)
            basket = {*rng.choice(habits, 2, replace=False), rng.integers(N_ITEMS)}
            lines += [
                f"c{customer},i{item},{at:%Y-%m-%dT%H:%M:%SZ},1,{item + 1}.50,{customer}-{week}"
                for item in basket
            ]
    path = folder / "purchases.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def write_items(folder: Path) -> Path:
    """Write ``items.csv`` with titles, categories and margins; two items are new."""
    lines = ["item_id,title,category,brand,price,margin,stock"]
    lines += [
        f"i{item},Thing {item},{('even', 'odd')[item % 2]},brand {item % 3},{item + 1}.5,1,9"
        for item in range(N_ITEMS + 2)
    ]
    path = folder / "items.csv"
    path.write_text("\n".join(lines) + "\n")
    return path
