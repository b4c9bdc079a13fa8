"""An audience as the store has it, and what a customer's memberships say."""

import pytest

from models.artifacts.audience import has_expired, memberships


@pytest.mark.parametrize(
    ("packed", "found"),
    [
        ([None], {}),
        ([b""], {}),
        ([b"17=93 21=100"], {17: 93, 21: 100}),
        ([b"17=93 21=9", None, b"21=10 17=9 4=0"], {17: 93, 21: 10, 4: 0}),
        ([b"17=100", b"17=99"], {17: 100}),
        ([b"17", b"=5", b"a=1 1=a 2=-1 3=", b"5=6=7"], {}),
        ([b"%s=1" % (b"9" * 5000), b"1=%s" % (b"9" * 5000)], {}),
    ],
)
def test_of_several_memberships_the_best_fit_counts_and_damage_is_none(
    packed: list[bytes | None], found: dict[int, int]
) -> None:
    assert memberships(*packed) == found


@pytest.mark.parametrize(
    ("expires_ms", "is_over"), [(None, False), (5, True), (6, True), (7, False)]
)
def test_an_audience_expires_when_its_moment_comes(expires_ms: int | None, is_over: bool) -> None:
    assert has_expired(expires_ms, now_ms=6) is is_over
