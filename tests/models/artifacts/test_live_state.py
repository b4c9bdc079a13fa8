"""What happened lately comes back as it was noted."""

import pytest

from models.artifacts.event import FEEDBACK, Event, Feedback, Line
from models.artifacts.live_state import (
    FIELDS,
    MAX_LINE_BYTES,
    NOTHING_HAPPENED,
    WEIGHING,
    Happened,
    LiveState,
    Said,
    entry,
)
from models.errors import ArtifactCorrupt


def event(name: str, **said: object) -> Event:
    return Event(event=name, event_id="1", at_ms=7, source="page", **said)  # type: ignore[arg-type]


def live(**fields: bytes) -> LiveState:
    return LiveState.unpack([fields.get(name.decode()) for name in FIELDS])


def test_nothing_at_all_is_nothing_that_happened() -> None:
    nothing = live()

    assert [len(nothing.events), len(nothing.feedback), len(nothing.hidden)] == [0, 0, 0]
    assert (nothing.may_personalize, nothing.joined, nothing.renewed) == (
        NOTHING_HAPPENED.may_personalize,
        None,
        None,
    )


def test_lines_come_back_oldest_first() -> None:
    first = entry(event("view_item", items=(Line(item_id="a"), Line(item_id="a"))))
    last = entry(event("search", search_term="tea, [hot]\n"), origin="v")

    assert live(e=first + b"\n" + last).events == [
        Happened("view_item", 7, ["a"]),
        Happened("search", 7, [], "tea, [hot]\n", "v"),
    ]


def test_feedback_is_said_and_no_event() -> None:
    said = entry(event(FEEDBACK, feedback=Feedback(kind="complaint", value="opened")))

    assert live(f=said).feedback == [Said("complaint", 7, "opened")]


def test_what_weighs_nothing_has_no_line() -> None:
    assert entry(event("view_item_list")) == b""
    assert entry(event("own_name")) == b""
    assert entry(event(FEEDBACK, feedback=Feedback(kind="not_interested"))) == b""
    assert all(entry(event(name)) for name in WEIGHING)


@pytest.mark.parametrize("name", ["purchase", "refund"])
def test_a_copy_that_confirms_has_no_line(name: str) -> None:
    assert entry(event(name, items=(Line(item_id="a"),), confirms=True)) == b""


def test_of_more_items_than_fit_a_line_the_first_stand() -> None:
    ids = [f"{n:0256d}" for n in range(200)]

    line = entry(event("purchase", items=tuple(Line(item_id=one) for one in ids)))

    (happened,) = live(e=line).events
    assert MAX_LINE_BYTES - 600 < len(line) <= MAX_LINE_BYTES
    assert happened.item_ids == ids[: len(happened.item_ids)]


@pytest.mark.parametrize(
    ("consent", "may"),
    [
        (b"{}", True),
        (b'{"told":{"analytics":true,"at":7}}', True),
        (b'{"told":{"personalization":true},"decided":{"personalization":true}}', True),
        (b'{"told":{"personalization":false},"decided":{"personalization":true}}', False),
        (b'{"told":{"personalization":true},"decided":{"personalization":false}}', False),
    ],
)
def test_either_refusal_is_a_refusal(consent: bytes, may: bool) -> None:
    assert live(k=consent).may_personalize is may


def test_the_rest_is_read_as_it_is() -> None:
    found = live(h=b'{"milk":9}', r=b"r1\n\0\n\1", j="ü".encode())

    assert found.hidden == {"milk": 9}
    assert found.renewed == ("r1", b"\0\n\1")
    assert found.joined == "ü"


@pytest.mark.parametrize(
    "fields", [{"e": b"["}, {"e": b"1"}, {"f": b"[1,2,3,4,5,6]"}, {"k": b"[]"}, {"h": b"7"}]
)
def test_what_is_none_of_ours_is_refused(fields: dict[str, bytes]) -> None:
    with pytest.raises(ArtifactCorrupt):
        live(**fields)
