"""What archived events teach, and what they must not."""

from pathlib import Path

import pytest

from models.artifacts.event import PARTED, Consent, Event, Feedback, Line
from tests.training.data.archived import NOON_MS, bought, event, joined, purchase, visitor, written
from training.data import archive_files
from training.data.archive_read import read
from training.errors import UnreadableFile

REFUSED = Consent(personalization=False)


def test_no_archive_teaches_nothing(tmp_path: Path) -> None:
    found = read(str(tmp_path / "none"))

    assert found.purchases.is_empty()
    assert found.feedback.is_empty()


def test_a_purchase_is_a_line_an_item(tmp_path: Path) -> None:
    line = Line(item_id="p-1", price=2.5, quantity=3, discount=0.5)
    told = purchase("t-1", items=(line, Line(item_id="p-2", price=1.0)))

    (first, second) = read(written(tmp_path, told)).purchases.to_dicts()

    assert first | {"timestamp": None} == {
        "customer_id": "c-1",
        "item_id": "p-1",
        "timestamp": None,
        "quantity": 3.0,
        "price": 2.5,
        "order_id": "t-1",
        "discount": 0.5,
        "currency": "EUR",
        "coupon": None,
        "is_pages": False,
    }
    assert first["timestamp"].timestamp() * 1000 == NOON_MS
    assert (second["item_id"], second["discount"]) == ("p-2", None)


def test_an_item_named_twice_at_one_price_is_one_line(tmp_path: Path) -> None:
    assert bought(tmp_path, purchase("t-1", "p-1", "p-1")) == [("c-1", "p-1", 2.0, 2.0)]


def test_views_and_carts_teach_nothing_here(tmp_path: Path) -> None:
    viewed = event("e-1", items=(Line(item_id="p-1", price=1.0),))

    assert bought(tmp_path, viewed) == []


def test_an_entry_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    written(tmp_path, purchase("t-1", "p-1"), purchase(None, "p-2", event_id="e-2"))
    archive_files.write(str(tmp_path), archive_files.read(str(tmp_path)).collect(), name="again")

    assert read(str(tmp_path)).purchases.height == 2


def test_an_event_that_was_told_again_to_another_store_counts_once(tmp_path: Path) -> None:
    own, seen = purchase(None, "p-1", event_id="e-1"), purchase(None, "p-2", event_id="e-1")
    anothers = purchase(None, "p-1", event_id="e-1", customer_id="c-2")
    by_join = purchase(None, "p-3", customer_id="c-7", anonymous_id="v-1", joined=True)
    alone = purchase(None, "p-3", **visitor())
    written(tmp_path, own, anothers, by_join)

    lines = bought(tmp_path, seen, alone, joined("c-7"), stored_ms=NOON_MS + 1)

    assert [(whose, item_id) for whose, item_id, *_ in lines] == [
        ("c-1", "p-1"),
        ("c-2", "p-1"),
        ("c-7", "p-3"),
    ]


def test_what_a_visitor_bought_is_the_customers_whom_they_joined(tmp_path: Path) -> None:
    before, after = (purchase(f"t-{n}", "p-1", source="page", **visitor()) for n in (1, 2))

    assert [whose for whose, *_ in bought(tmp_path, before, joined("c-7"), after)] == ["c-7"] * 2


def test_what_a_visitor_bought_who_joined_nobody_is_nobodys(tmp_path: Path) -> None:
    told = purchase("t-1", "p-1", source="page", **visitor("v-2"))

    assert bought(tmp_path, told, joined("c-7")) == [(None, "p-1", 1.0, 2.0)]


def test_a_join_that_was_undone_never_was(tmp_path: Path) -> None:
    alone = purchase("t-1", "p-1", source="page", **visitor())
    by_join = purchase("t-2", "p-1", customer_id="c-7", anonymous_id="v-1", joined=True)
    own = purchase("t-3", "p-1", customer_id="c-7", anonymous_id="v-1")

    lines = bought(tmp_path, alone, joined("c-7"), by_join, own, joined("c-7", name=PARTED))

    assert [whose for whose, *_ in lines] == [None, None, "c-7"]


def test_the_last_join_counts(tmp_path: Path) -> None:
    by_join = purchase("t-1", "p-1", customer_id="c-7", anonymous_id="v-1", joined=True)
    parted = joined("c-7", name=PARTED)

    lines = bought(tmp_path, joined("c-7"), by_join, parted, joined("c-8"))

    assert [whose for whose, *_ in lines] == ["c-8"]


def test_a_parting_that_names_no_customer_parts_nobody(tmp_path: Path) -> None:
    forged = event("e-9", event=PARTED, **visitor())
    told = purchase("t-1", "p-1", source="page", **visitor())

    assert bought(tmp_path, told, joined("c-7"), forged)[0][0] == "c-7"


def test_without_consent_to_personalise_a_purchase_teaches_nothing_about_its_customer(
    tmp_path: Path,
) -> None:
    refusing = purchase("t-1", "p-1", consent=REFUSED)
    joined_later = purchase("t-2", "p-1", source="page", consent=REFUSED, **visitor())

    lines = bought(tmp_path, refusing, joined_later, joined("c-7"))

    assert [whose for whose, *_ in lines] == [None, None]


def test_feedback_is_what_known_customers_said(tmp_path: Path) -> None:
    def said(kind: str, value: int | str | None, **told: object) -> Event:
        feedback = Feedback(kind=kind, value=value)  # type: ignore[arg-type]
        return event(f"{kind}-{value}-{told}", event="feedback", feedback=feedback, **told)

    found = read(
        written(
            tmp_path,
            said("rating", 4, items=(Line(item_id="p-1"),)),
            said("satisfaction", 2),
            said("complaint", "opened"),
            said("complaint", "resolved"),
            said("thanks", None),
            said("not_interested", None, items=(Line(item_id="p-1"),)),
            said("rating", 5, **visitor("v-2")),
            said("rating", 1, consent=REFUSED),
            said("satisfaction", 5, **visitor("v-1")),
            joined("c-7"),
        )
    ).feedback

    assert found.drop("timestamp").rows() == [
        ("c-1", "rating", 4.0, "p-1"),
        ("c-1", "satisfaction", 2.0, None),
        ("c-1", "complaint", None, None),
        ("c-7", "satisfaction", 5.0, None),
    ]


def test_backends_describe_items_and_pages_do_not(tmp_path: Path) -> None:
    one, two = Line(item_id="p-1"), Line(item_id="p-2")
    found = read(
        written(
            tmp_path,
            event("e-1", items=(one,), properties={"name": "Brie", "category": "Cheese"}),
            event("e-2", items=(one,), properties={"title": "Old Brie"}),
            event("e-3", items=(two,), properties={"title": "Forged"}, source="page"),
            event("e-4", items=(one, two), properties={"title": "Of neither"}),
        )
    ).described

    assert found.select("item_id", "title", "category", "brand").rows() == [
        ("p-1", "Old Brie", "Cheese", None)
    ]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    written(tmp_path, purchase("t-1", "p-1"))
    (part,) = tmp_path.rglob("*.parquet")
    part.write_bytes(part.read_bytes()[:200])

    with pytest.raises(UnreadableFile, match=r"part-\d+\.parquet of the archive is damaged"):
        read(str(tmp_path))
