"""Items that too few have bought: found, ranked and explained by what their labels say.

The truffle has no vector of its own. Its label is told to be half like breakfast, and four
households are expected to buy it, as many as buy beer.
"""

from dataclasses import replace

import numpy as np
import pytest

from models.artifacts import bundle
from models.artifacts.customer_record import CustomerRecord, Reason
from models.errors import ArtifactCorrupt
from models.item_to_item import similar
from models.loaded import Loaded
from models.recommend import recommend, rerank
from models.scorers.content import TRUST, Content
from models.shaping.explain import Explainer
from tests.models.asking import LOADED, MADE, ask, names, query, rows

TRUFFLE = Content(
    items=np.array([[0.5, 0.0]], dtype=np.float32), buyers=np.array([4], dtype=np.float32)
)
NEW = replace(LOADED, content=TRUFFLE)
BREAKFAST = np.array([1, 0], dtype=np.float32)


def explained(row: int, *, context: tuple[str, ...] = (), customer: str | None = None) -> str:
    explainer = Explainer(
        catalogue=NEW.catalogue,
        popularity=NEW.popularity,
        copurchase=NEW.copurchase,
        last_day=NEW.last_day,
        history=MADE.customers[customer][1] if customer else None,
        context=rows(*context),
    )
    return explainer.explain(row, Reason.ALIKE).text


def test_a_vector_is_learned_where_it_can_be_and_estimated_where_not() -> None:
    assert NEW.taste(BREAKFAST, rows("truffle", "milk", "beer")).tolist() == [0.5, 1, 0]
    assert LOADED.taste(BREAKFAST, rows("truffle", "milk")).tolist() == [0, 1]


def test_a_new_item_sells_as_is_expected_of_it() -> None:
    milk, beer, truffle = NEW.popular[rows("milk", "beer", "truffle")]

    assert (milk, beer) == (1, 0.5)
    assert truffle == beer
    assert LOADED.popular[rows("truffle")] == 0


def test_more_buyers_than_expected_count_as_they_are() -> None:
    expected_too_few = replace(
        NEW,
        content=replace(TRUFFLE, buyers=np.array([1], np.float32)),
        popularity=replace(NEW.popularity, buyers=np.full(8, 5, np.int32)),
    )

    assert expected_too_few.popular.tolist() == [1] * 8


def test_an_estimated_likeness_counts_as_far_as_it_is_trusted() -> None:
    likeness = NEW.likeness(rows("milk"), among=rows("truffle", "milk", "beer"))

    assert likeness == pytest.approx([TRUST, 1, 0])
    assert NEW.likeness(rows("truffle"), among=rows("milk")) == pytest.approx([TRUST])
    assert NEW.likeness(rows(), among=rows("milk")).tolist() == [-np.inf]
    assert LOADED.likeness(rows("truffle"), among=rows("milk")).tolist() == [-np.inf]
    assert LOADED.likeness(rows("milk"), among=rows("truffle")).tolist() == [-np.inf]


def test_what_is_like_a_new_item_is_of_its_kind_and_bought_by_its_likely_buyers() -> None:
    """Jam alone shares the category; of the others breakfast comes before evening."""
    found = names(similar(NEW, query(context=("truffle",), limit=5)))

    assert found[0] == "jam"
    assert set(found[1:4]) == {"milk", "bread", "butter"}


def test_a_filter_ranks_a_new_item_where_its_label_puts_it() -> None:
    wanted = {"in": ["item_id", ["wine", "truffle"]]}
    record, history = MADE.customers["ana"]

    without = recommend(LOADED, query(meets=wanted), record=record, history=history)
    answer = recommend(NEW, query(meets=wanted), record=record, history=history)

    assert names(without) == ["wine", "truffle"]
    assert names(answer) == ["truffle", "wine"]
    assert answer.ranked.reasons.tolist() == [Reason.ALIKE, Reason.TASTE]


def test_a_new_item_is_reranked_among_others() -> None:
    record, history = MADE.customers["ana"]

    ranked = rerank(NEW, rows("wine", "truffle", "beer"), record=record, history=history)

    assert names(ranked)[0] == "truffle"


def test_a_new_item_on_the_list_is_answered_like_any_other() -> None:
    record = CustomerRecord(
        vector=np.array([1, 0], np.float16),
        rows=rows("milk", "truffle"),
        reasons=np.array([Reason.REPEAT, Reason.ALIKE], np.uint8),
        scores=np.array([1, 0.5], np.float32),
    )
    record.check(n_items=8, n_factors=2)

    answer = recommend(NEW, query(limit=2), record=CustomerRecord.unpack(record.pack()))

    assert names(answer) == ["milk", "truffle"]
    assert answer.ranked.reasons.tolist() == [Reason.REPEAT, Reason.ALIKE]


def test_a_stranger_is_shown_what_sells_beside_what_goes_with_the_page() -> None:
    """Milk goes with nothing here and sells best; jam goes a little with beer and sells less."""
    answer = ask(None, context=("beer",), limit=3)

    assert names(answer) == ["wine", "milk", "jam"]
    assert answer.level == 2
    assert answer.ranked.reasons[0] == Reason.GOES_WITH


def test_why_a_new_item_is_told_by_its_label() -> None:
    truffle = int(rows("truffle")[0])

    assert explained(truffle, context=("jam",)) == "of the category pantry, like an item in view"
    assert (
        explained(truffle, customer="ben") == "by its label like what is bought with such baskets"
    )
    assert (
        explained(int(rows("cream")[0]), customer="ana")
        == "of the category dairy, like 2 items you bought"
    )


def test_a_release_keeps_what_labels_say() -> None:
    content = memoryview(b"".join(bundle.pack(NEW.arrays())))

    again = Loaded.from_arrays(NEW.manifest, bundle.unpack(content))

    assert again.content is not None
    assert again.content.items.tolist() == TRUFFLE.items.tolist()
    assert again.content.buyers.tolist() == TRUFFLE.buyers.tolist()


def test_a_release_without_labels_has_none() -> None:
    assert Loaded.from_arrays(LOADED.manifest, LOADED.arrays()).content is None


@pytest.mark.parametrize(
    "broken",
    [
        {"content.items": np.zeros((2, 2), np.float32)},
        {"content.items": np.zeros((1, 3), np.float32)},
        {"content.buyers": np.zeros(2, np.float32)},
        {"content.buyers": np.array([np.nan], np.float32)},
        {"content.items": np.array([[np.inf, 0]], np.float32)},
    ],
)
def test_estimates_that_cannot_be_are_refused(broken: dict[str, np.ndarray]) -> None:
    with pytest.raises(ArtifactCorrupt):
        Loaded.from_arrays(NEW.manifest, NEW.arrays() | broken)


@pytest.mark.parametrize("name", ["content.items", "content.buyers"])
def test_half_of_the_estimates_is_refused(name: str) -> None:
    arrays = {key: array for key, array in NEW.arrays().items() if key != name}

    with pytest.raises(ArtifactCorrupt):
        Loaded.from_arrays(NEW.manifest, arrays)
