"""From what is asked to members that may be read, on six hundred known customers."""

import sys
from dataclasses import replace

import pytest

from models.artifacts.audience import Audience, Stands
from models.artifacts.keys import Keys, shard_of
from tests import shop
from tests.training.audiences.asking import (
    Built,
    Store,
    ask,
    build,
    found,
    is_tidy,
    marked,
    members,
    ready,
)
from tests.training.audiences.crowd import (
    BREAKFAST,
    EVENING,
    IDS,
    SEEDS,
    WINE,
    WINE_BUYERS,
    N,
    crowd,
)
from training import audiences
from training.audiences import building, standing


def refusal(store: Store, keys: Keys, audience_id: str) -> str:
    audience = found(store, keys, audience_id)
    assert audience is not None
    assert audience.stands.status == "refused"
    assert audience.built is None
    return audience.stands.detail


def test_a_rule_means_who_meets_it_those_who_will_bring_most_first(
    store: Store, published: Keys, built: Built
) -> None:
    audience_id = built(type="rule", rule=WINE_BUYERS)

    audience = ready(store, published, audience_id)
    assert members(store, published, audience_id) == WINE[::-1]
    assert audience.built is not None
    assert audience.built.members == len(WINE)
    assert audience.built.release == "r1"
    assert marked(store, published) == {audience.built.build: {*WINE}}
    assert is_tidy(store, published)


def test_a_size_takes_those_who_will_bring_most(
    store: Store, published: Keys, built: Built
) -> None:
    audience_id = built(type="group", group="high", size=3)

    assert members(store, published, audience_id) == ["c-597", "c-594", "c-591"]


def test_members_are_given_out_in_one_order_across_chunks(
    store: Store, published: Keys, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "N_CHUNK", 7)

    audience_id = built(type="group", group="high")

    audience = ready(store, published, audience_id)
    assert audience.built is not None
    assert audience.built.chunks == -(-len(EVENING) // 7)
    assert members(store, published, audience_id) == EVENING[::-1]
    assert is_tidy(store, published)


def test_who_meets_a_rule_fits_it_wholly(store: Store, published: Keys, built: Built) -> None:
    audience_id = built(type="rule", rule=WINE_BUYERS)

    audience = ready(store, published, audience_id)
    assert audience.built is not None
    mark = store.hget(published.memberships(shard_of(WINE[0])), WINE[0])
    assert mark == f"{audience.built.build}=100".encode()


def test_a_rule_that_nobody_meets_has_no_members(
    store: Store, published: Keys, built: Built
) -> None:
    audience_id = built(type="rule", rule={"eq": ["bought_item", "truffle"]})

    stands = ready(store, published, audience_id).stands
    assert (stands.progress, stands.detail) == (1, "nobody meets the rule")
    assert members(store, published, audience_id) == []
    assert is_tidy(store, published)


def test_a_rule_that_only_those_left_out_meet_does_not_say_that_nobody_meets_it(
    store: Store, published: Keys, built: Built
) -> None:
    wine = built(type="rule", rule=WINE_BUYERS)

    audience_id = built(type="rule", rule=WINE_BUYERS, exclude=[wine])

    assert ready(store, published, wine).stands.detail == ""
    detail = ready(store, published, audience_id).stands.detail
    assert detail == "nobody meets the rule but who is left out"


def test_members_of_excluded_audiences_are_left_out(
    store: Store, published: Keys, built: Built
) -> None:
    wine = built(type="rule", rule=WINE_BUYERS)

    others = built(type="group", group="high", exclude=[wine])

    assert {*members(store, published, others)} == {*EVENING} - {*WINE}


def test_an_audience_whose_excluded_one_has_no_members_yet_says_so(
    store: Store, published: Keys, built: Built
) -> None:
    waits = ask(store, published, type="rule", rule=WINE_BUYERS)

    audience_id = built(type="group", group="high", exclude=[waits])

    assert "wait until each of them is ready" in refusal(store, published, audience_id)


@pytest.mark.parametrize("kind", ["group", "lookalike"])
def test_a_group_that_the_release_does_not_have_is_refused(
    store: Store, published: Keys, built: Built, kind: str
) -> None:
    audience_id = built(type=kind, group="portfolio-9")

    assert "no group of that name" in refusal(store, published, audience_id)


def test_seeds_that_the_release_does_not_know_do_not_count(
    store: Store, published: Keys, built: Built
) -> None:
    seeds = [*IDS[:99], *(f"stranger-{number}" for number in range(50))]

    audience_id = built(type="lookalike", seeds=seeds, expansion=5)

    assert "99 seeds of the 149 given" in refusal(store, published, audience_id)


def test_a_rule_that_too_few_meet_makes_no_seeds(
    store: Store, published: Keys, built: Built
) -> None:
    audience_id = built(
        type="lookalike", rule={"and": [WINE_BUYERS, {"gt": ["predicted_clv", 7]}]}, size=10
    )

    assert refusal(store, published, audience_id).startswith("98 seeds are customers")


@pytest.mark.parametrize(
    ("bring", "told"),
    [(0, "no seed is expected to bring anything"), (30, "190 of the 200 seeds count nothing")],
)
def test_seeds_that_bring_nothing_do_not_count_by_value_and_that_is_said(
    store: Store, keys: Keys, store_url: str, bring: int, told: str
) -> None:
    shop.publish(store_url, keys.namespace, crowd(brings=lambda number: float(number < bring)))
    audience_id = ask(store, keys, type="lookalike", group="high", weight="value", size=10)

    build(store_url, keys, audience_id)

    assert told in refusal(store, keys, audience_id)


@pytest.mark.parametrize("kind", ["group", "lookalike"])
def test_a_release_without_profiles_has_no_audiences_and_that_is_said(
    store: Store, keys: Keys, store_url: str, kind: str
) -> None:
    shop.publish(store_url, keys.namespace, replace(shop.tiny(), profiles={}))
    audience_id = ask(store, keys, type=kind, group="high", size=10)

    build(store_url, keys, audience_id)

    assert "train again" in refusal(store, keys, audience_id)


def test_lookalikes_need_the_worker_extra_and_groups_do_not(
    store: Store, published: Keys, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "training.audiences.lookalike", raising=False)
    monkeypatch.delattr(audiences, "lookalike", raising=False)  # if it was there before
    for name in ("lightgbm", "scipy"):
        for module in [one for one in sys.modules if one.split(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, name, None)

    lookalikes, group = (
        built(type=type_, group="high", size=10) for type_ in ("lookalike", "group")
    )

    audience = found(store, published, lookalikes)
    assert audience is not None
    assert audience.stands.status == "failed"
    assert "pip install 'cartera[worker]'" in audience.stands.detail
    assert len(members(store, published, group)) == 10


def test_what_is_being_done_is_told_in_words(
    store: Store, published: Keys, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Audience] = []

    def listening(one: standing.Standing, stands: Stands) -> None:
        tell(one, stands)
        told.append(found(store, published, one.audience_id))  # type: ignore[arg-type]  # it is there

    tell = standing.Standing.tell
    monkeypatch.setattr(standing.Standing, "tell", listening)

    built(type="group", group="high")

    steps = [audience.stands.step for audience in told]
    shares = [audience.stands.progress for audience in told]
    assert [*dict.fromkeys(steps)] == [
        "reading the release", "reading customers", "choosing members", "writing members",
        "writing memberships",
    ]  # fmt: skip
    assert shares == sorted(shares)
    assert {audience.stands.status for audience in told} == {"building"}


def test_the_crowd_is_what_these_tests_take_it_for() -> None:
    assert len(IDS) == N
    assert len(EVENING) + len(BREAKFAST) == N
    assert len(WINE) == 100


def test_lookalikes_are_those_who_are_like_the_seeds_and_no_seeds(
    store: Store, published: Keys, built: Built
) -> None:
    others = [id_ for id_ in EVENING if id_ not in SEEDS]

    audience_id = built(type="lookalike", seeds=[*SEEDS, "stranger"], weight="value", size=100)

    audience = ready(store, published, audience_id)
    assert audience.built is not None
    assert audience.built.seeds == len(SEEDS)
    assert audience.built.members == 100
    assert {*members(store, published, audience_id)} <= {*others}
    assert audience.built.quality is not None
    assert audience.built.quality["auc"] > 0.7
    assert audience.built.reasons
    assert is_tidy(store, published)


def test_what_distinguishes_fewer_than_a_hundred_is_not_told(
    store: Store, published: Keys, built: Built
) -> None:
    drinks = {"eq": ["bought_category", "drinks"]}

    audience_ids = [built(type="rule", rule=drinks, size=size) for size in (99, 100)]

    few, enough = (ready(store, published, id_).built for id_ in audience_ids)
    assert few is not None
    assert enough is not None
    assert (few.members, len(few.reasons)) == (99, 0)
    assert enough.members == 100
    assert enough.reasons
