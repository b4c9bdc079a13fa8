"""Events of one customer, told in few words, and what attribution counts of them."""

from dataclasses import replace
from typing import Any

from models.artifacts.event import Event, Line
from models.artifacts.recommendation_id import code
from models.artifacts.touches import Touches
from models.attribution import Known, attribute
from models.counted import Counts, Field, What

DAY, NOON = "2026-11-20", 1_795_176_000_000
MINUTE, DAYS = 60_000, 86_400_000
KNOWN = Known(releases={code("r1"): "r1"}, margin={"milk": 0.5, "jam": 0.25}.get)


def made(at_ms: int, *, release: str = "r1", placement: str = "home") -> str:
    """The name of an answer, as a server makes it."""
    time = f"{at_ms:012x}"
    return f"{time[:8]}-{time[8:]}-7abc-8abc-abcd{code(release):04x}{code(placement):04x}"


LIST, OTHER = made(NOON), made(NOON + 1, placement="cart")


def told(name: str, *items: str, after: int = 0, **rest: Any) -> Event:  # noqa: ANN401
    lines = tuple(Line(item_id=item, price=2.0, quantity=3) for item in items)
    event = Event(
        event=name, event_id=f"{name} {after}", at_ms=NOON + after, source="page", items=lines,
        customer_id="ana", currency="EUR" if name in {"purchase", "refund"} else None,
    )  # fmt: skip
    return replace(event, **rest)


def seen(*items: str, list_: str = LIST, **rest: Any) -> Event:  # noqa: ANN401
    return told("view_item_list", *items, recommendation_id=list_, **rest)


def clicked(*items: str, list_: str = LIST, after: int = MINUTE, **rest: Any) -> Event:  # noqa: ANN401
    return told("select_item", *items, after=after, recommendation_id=list_, **rest)


def bought(*items: str, after: int = 2 * MINUTE, **rest: Any) -> Event:  # noqa: ANN401
    return told(
        "purchase", *items, after=after, **{"transaction_id": "t-1", "source": "backend", **rest}
    )


def counted(*events: Event, late_ms: int = 0) -> Counts:
    """What the events count, each of which is stored ``late_ms`` after it happened."""
    touches, total = Touches(), Counts()
    for event in events:
        stored_ms = event.at_ms + late_ms
        after, counts = attribute(event, touches, known=KNOWN, stored_ms=stored_ms)
        touches = Touches.unpack(after.pack())
        total.update(counts)
    return Counts({where: n for where, n in total.items() if n})


def at_home(what: What, currency: str = "", *, day: str = DAY) -> Field:
    return Field(day, "home", "r1", currency, what)
