"""Customers as Locust plays them: the mix of ``benchmarks.mix``, every answer checked.

    locust -f benchmarks/locustfile.py --host http://127.0.0.1:8000 --headless -u 50 -t 30s
    locust -f benchmarks/locustfile.py --host http://127.0.0.1:8000 --headless -u 50 -t 30s \
        --rate 300 --customers 100000 --mix unknown=0.1,filtered=0.2 --post 0.3 \
        --p99-ms 100 --errors 0.001

Each of these options is an environment variable too: LOAD_RATE, LOAD_CUSTOMERS, LOAD_CATEGORIES,
LOAD_MIX, LOAD_POST, LOAD_P99_MS, LOAD_ERRORS. It ends with 1 past its budget: p99, or the share of
requests that failed or were answered wrongly. Locust is a closed loop and makes some two thousand
requests a second a core: it is for realistic mixes and long runs. For peaks there is wrk
(``benchmarks/wrk``), for latency at a rate ``benchmarks/load.py``.
"""

from itertools import count
from typing import Any

import numpy as np
from locust import FastHttpUser, constant_throughput, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from benchmarks.mix import Asked, Mix, Shop, fault, posted

N_DRAWN = 50_000
SEED = 7
BUDGET_MISSED = 1


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _options(parser: LocustArgumentParser) -> None:
    for name, default, meaning in (
        ("customers", "100000", "how many fabricated ones, or a file of ids, one a line"),
        ("categories", "", "a file of categories, one a line"),
        ("mix", "", "shares, as in unknown=0.05,filtered=0.05,skew=1"),
    ):
        parser.add_argument(
            f"--{name}", env_var=f"LOAD_{name.upper()}", default=default, help=meaning
        )
    for name, number, meaning in (
        ("rate", 0.0, "requests a second, all users together; 0 is as fast as they can"),
        ("post", 0.1, "share asked by POST"),
        ("p99-ms", 50.0, "budget: the slowest that 99 of 100 answers may be"),
        ("errors", 0.001, "budget: share of requests that may fail"),
    ):
        variable = f"LOAD_{name.upper().replace('-', '_')}"
        parser.add_argument(f"--{name}", env_var=variable, type=float, default=number, help=meaning)


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def _draw(environment: Environment, **_: Any) -> None:  # noqa: ANN401  # Locust's own
    told: Any = environment.parsed_options
    shop = Shop.told(told.customers, told.categories or None)
    drawn = Mix.told(told.mix).drawn(shop, N_DRAWN, rng=np.random.default_rng(SEED))
    Customer.drawn, Customer.post = drawn, told.post
    Customer.each_s = told.rate / told.num_users if told.rate else 0.0


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def _judge(environment: Environment, **_: Any) -> None:  # noqa: ANN401
    told: Any = environment.parsed_options
    total = environment.stats.total
    p99_ms = total.get_response_time_percentile(0.99)
    if not total.num_requests or total.fail_ratio > told.errors or p99_ms > told.p99_ms:
        environment.process_exit_code = BUDGET_MISSED


class Customer(FastHttpUser):
    """Whoever asks next."""

    drawn: list[Asked]
    post: float
    each_s: float
    """Requests a second of one user, 0 without a bound."""
    places = count()

    def wait_time(self) -> float:
        """Return how long to wait, so that all users together keep to the rate."""
        return float(constant_throughput(self.each_s)(self)) if self.each_s else 0.0

    @task
    def recommend(self) -> None:
        """Ask for the next list of the mix, and check it."""
        place = next(self.places)
        asked = self.drawn[place % len(self.drawn)]
        if posted(place, self.post):
            method, path, body = "POST", "/recommend", asked.body.decode()
        else:
            method, path, body = "GET", asked.path, None
        with self.client.request(
            method,
            path,
            name=f"/recommend, {asked.kind}",
            data=body,
            headers={"Content-Type": "application/json"} if body else {},
            catch_response=True,
        ) as response:
            problem = fault(asked, response.status_code, response.content or b"")
            if problem is not None:
                response.failure(problem)
