"""A million customers who buy and leave by chance, and what it costs to value them.

Run by ``benchmarks.value`` in a process of its own, so that the memory is that of this alone; it
prints one line of JSON. Making the customers is not counted.
"""

import resource
import sys
from datetime import UTC, datetime
from time import process_time

import numpy as np
import orjson

from training.customers.worth import value
from training.data.orders import Orders

WEEKS = 104
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


def made_up(n_customers: int, *, seed: int) -> Orders:
    """Return orders of customers who come at any time within two years.

    They buy at rates of their own (gamma), leave after times of their own (exponential, with gamma
    rates) and pay sums of their own (lognormal): Pareto/NBD customers, on no grid of days.

    Args:
        n_customers: How many, each with an order.
        seed: Where chance begins.
    """
    rng = np.random.default_rng(seed)
    first = rng.uniform(0.1, WEEKS, n_customers)
    rate = rng.gamma(0.6, 1 / 8, n_customers)
    stays = rng.exponential(1 / rng.gamma(0.6, 1 / 12, n_customers).clip(1e-4))
    n_repeats = rng.poisson(rate * np.minimum(stays, first))
    customer = np.repeat(np.arange(n_customers, dtype=np.int32), n_repeats + 1)
    starts = np.concatenate(([0], np.cumsum(n_repeats + 1)))
    share = rng.random(customer.size)
    share[starts[:-1]] = 0.0
    age = (first[customer] - share * np.minimum(stays, first)[customer]) * 7
    usual = rng.lognormal(3, 0.7, n_customers)
    order = np.lexsort((-age, customer))
    return Orders(
        until=UNTIL,
        starts=starts,
        customer=customer,
        age_days=np.maximum(age[order], 1e-6),
        spend=usual[customer] * rng.gamma(4, 1 / 4, customer.size),
        saved=np.zeros(customer.size),
        margin=np.full(customer.size, np.nan),
    )


def main(n_customers: int) -> None:
    """Value them and print what it took."""
    orders = made_up(n_customers, seed=7)
    began = process_time()
    told = value.fit(
        orders,
        horizon_weeks=52,
        annual_rate=0.15,
        seed=7,
        step=lambda doing: print(doing, file=sys.stderr),
    )
    took = process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    cost = {
        "customers": orders.n_customers,
        "orders": orders.customer.size,
        "CPU s": took,
        "peak GiB": peak,
        "chosen": told.choice["chosen"],
    }
    sys.stdout.write(orjson.dumps(cost).decode() + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
