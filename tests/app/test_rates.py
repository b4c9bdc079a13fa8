"""Rates are kept, by whose they are, and take no more memory than they may."""

import pytest

from app import rates
from app.caller import OPEN, Caller
from app.errors import RateLimited
from app.rates import Rates

PAGE = Caller(kind="publishable", key_id="pk1")
ADDRESS = "192.0.2.7"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("app.rates.time.time", lambda: now[0])
    return now


def of(
    *, key: str = "100/minute", subject: str = "100/minute", address: str = "100/minute"
) -> Rates:
    return Rates(key=key, subject=subject, address=address)


def passed(limits: Rates, caller: Caller, address: str = ADDRESS, *, n: int = 10) -> int:
    """How many of ``n`` requests pass."""
    n_passed = 0
    for _ in range(n):
        try:
            limits.check(caller, address)
        except RateLimited:
            continue
        n_passed += 1
    return n_passed


def test_a_rate_is_kept_and_a_new_window_begins_when_it_says(clock: list[float]) -> None:
    limits, caller = of(key="3/minute"), Caller(kind="secret", key_id="a")
    assert passed(limits, caller) == 3
    clock[0] += 20.5

    with pytest.raises(RateLimited) as refused:
        limits.check(caller, ADDRESS)

    assert refused.value.headers == {"Retry-After": "40"}
    clock[0] += 40
    assert passed(limits, caller) == 3


def test_each_is_counted_for_itself(clock: list[float]) -> None:
    limits = of(key="4/minute", subject="3/minute", address="2/minute")

    assert passed(limits, Caller(kind="secret", key_id="a")) == 4
    assert passed(limits, Caller(kind="secret", key_id="b")) == 4
    assert passed(limits, Caller(kind="token", key_id="k", customer_id="ana")) == 3
    assert passed(limits, Caller(kind="token", key_id="k", customer_id="ben")) == 3
    assert passed(limits, PAGE, "192.0.2.1") == 2
    assert passed(limits, PAGE, "192.0.2.2") == 2
    assert passed(limits, PAGE, "192.0.2.3") == 0  # the key's own rate
    assert passed(limits, OPEN) == 10


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("2001:db8:0:1::9", True),
        ("2001:db8:0:2::1", False),
        ("::ffff:192.0.2.7", False),
        ("192.0.2.7", False),
    ],
)
def test_a_network_of_ipv6_counts_as_one_customer(
    clock: list[float], other: str, is_same: bool
) -> None:
    limits = of(address="1/minute")
    limits.check(PAGE, "2001:db8:0:1::1")

    assert passed(limits, PAGE, other) == (0 if is_same else 1)


def test_an_address_in_two_forms_is_one(clock: list[float]) -> None:
    limits = of(address="1/minute")

    assert passed(limits, PAGE, "::ffff:192.0.2.7") == 1
    assert passed(limits, PAGE, "192.0.2.7") == 0


def test_refusals_are_counted_apart(clock: list[float]) -> None:
    limits = of()
    for _ in range(60):
        limits.check_refused(ADDRESS)

    with pytest.raises(RateLimited):
        limits.check_refused(ADDRESS)
    assert passed(limits, PAGE) == 10


def test_the_oldest_windows_make_room_for_new_ones(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "MAX_WINDOWS", 10)
    limits = of(address="1/minute")

    for n in range(100):
        limits.check_refused(f"192.0.2.{n}")

    assert limits._windows.reset() <= 10


def test_windows_that_are_over_are_forgotten(clock: list[float]) -> None:
    limits = of()
    for n in range(100):
        limits.check_refused(f"192.0.2.{n}")
    clock[0] += 61

    limits.check_refused(ADDRESS)

    assert limits._windows.reset() == 1
