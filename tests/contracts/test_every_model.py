"""What every model keeps, whatever it learns."""

from typing import Any

import numpy as np
import pytest

from models.artifacts import bundle
from tests.contracts.members import MEMBERS, Member
from tests.training.fitted import LAST_DAY, of_discovery
from tests.training.tiny import basket, day, lines
from training.data.purchases import Purchases, number

EVERYTHING, NOTHING = "a-everything", "a-nothing"
SEED = 7

every = pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
who_answers_strangers = pytest.mark.parametrize(
    "member", [one for one in MEMBERS if one.stranger], ids=lambda member: member.name
)


@pytest.fixture(scope="module")
def purchases() -> Purchases:
    """Forty customers of three tastes, one who bought everything, one nothing that has a model."""
    told = of_discovery()
    everything = " ".join(told["item_id"].unique().sort())
    extreme = [*basket(EVERYTHING, everything, 100), *basket(NOTHING, "rare", 100)]
    return number(
        told.vstack(lines(*extreme)), told["item_id"].unique(), until=day(LAST_DAY), min_buyers=2
    )


@pytest.fixture(scope="module")
def fitted(purchases: Purchases) -> dict[str, Any]:
    return {member.name: member.fit(purchases, SEED) for member in MEMBERS}


def bytes_of(purchases: Purchases) -> list[bytes]:
    columns = (purchases.customer, purchases.item, purchases.order, purchases.age_days)
    return [column.tobytes() for column in columns]


@every
def test_saving_and_loading_change_nothing(
    member: Member, purchases: Purchases, fitted: dict[str, Any]
) -> None:
    model = fitted[member.name]

    content = b"".join(bundle.pack(member.save(model)))
    again = member.read(bundle.unpack(memoryview(content)))

    assert np.array_equal(member.batch(again, purchases), member.batch(model, purchases))
    assert np.array_equal(member.one(again, purchases, 3), member.one(model, purchases, 3))


@every
def test_one_customer_scores_as_in_a_batch(
    member: Member, purchases: Purchases, fitted: dict[str, Any]
) -> None:
    model = fitted[member.name]
    batch = member.batch(model, purchases)

    assert batch.shape == (purchases.n_customers, purchases.n_ranked)
    for customer in range(purchases.n_customers):
        one = member.one(model, purchases, customer)
        assert one == pytest.approx(batch[customer], rel=1e-4, abs=1e-5)


@every
@pytest.mark.parametrize("customer", [EVERYTHING, NOTHING])
def test_who_bought_everything_or_nothing_is_answered(
    member: Member, purchases: Purchases, fitted: dict[str, Any], customer: str
) -> None:
    row = purchases.customer_row[customer]
    assert purchases.bought_by(row).size == (purchases.n_ranked if customer == EVERYTHING else 0)

    scores = member.one(fitted[member.name], purchases, row)

    assert scores.shape == (purchases.n_ranked,)
    assert np.isfinite(scores).all()


@who_answers_strangers
@pytest.mark.parametrize("in_view", ["nothing", "what has no model", "one item", "everything"])
def test_a_stranger_is_answered(
    member: Member, purchases: Purchases, fitted: dict[str, Any], in_view: str
) -> None:
    assert member.stranger is not None
    n_items = purchases.n_ranked
    basket = {
        "nothing": np.empty(0, np.int32),
        "what has no model": np.array([n_items], np.int32),
        "one item": np.array([0], np.int32),
        "everything": np.arange(n_items, dtype=np.int32),
    }[in_view]

    scores = member.stranger(fitted[member.name], basket, n_items)

    assert scores.shape == (n_items,)
    assert np.isfinite(scores).all()


@every
def test_what_teaches_and_what_was_learned_are_not_changed_by_use(
    member: Member, purchases: Purchases, fitted: dict[str, Any]
) -> None:
    taught = bytes_of(purchases)
    learned = {name: array.tobytes() for name, array in member.save(fitted[member.name]).items()}

    member.fit(purchases, SEED)
    member.batch(fitted[member.name], purchases)
    member.one(fitted[member.name], purchases, 0)
    if member.stranger is not None:
        member.stranger(fitted[member.name], np.array([0], np.int32), purchases.n_ranked)

    assert bytes_of(purchases) == taught
    after = {name: array.tobytes() for name, array in member.save(fitted[member.name]).items()}
    assert after == learned


@every
def test_a_second_fit_with_one_seed_is_equal(
    member: Member, purchases: Purchases, fitted: dict[str, Any]
) -> None:
    again = member.save(member.fit(purchases, SEED))

    for name, array in member.save(fitted[member.name]).items():
        assert again[name].tobytes() == array.tobytes()
