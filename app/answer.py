"""The answer's bytes: pieces serialised at training time, joined at request time.

Each item's title, price and the like are one run of JSON members in the release; a request adds
score, reason and explanation and the commas. Building the same through pydantic takes six times
as long; a test holds the two equal.
"""

import os
import time
from collections.abc import Iterable, Iterator, Sequence

import orjson
from starlette.responses import Response

from models.artifacts import recommendation_id
from models.artifacts.customer_record import Reason
from models.asked import Ranked
from models.loaded import Loaded
from models.shaping.explain import Explainer

_N_DRAWN = 256
"""Names for which the system is asked at once."""
_REASONS = {int(reason): b',"reason":"%b"' % reason.code.encode() for reason in Reason}


class _Json(Response):
    """An answer whose headers are known but for its length; Starlette would encode each anew."""

    def __init__(self, content: bytes, *, cache: bytes) -> None:
        self.status_code = 200
        self.background = None
        self.body = content
        self.raw_headers = [
            (b"content-length", b"%d" % len(content)),
            (b"content-type", b"application/json"),
            (b"cache-control", cache),
        ]


def private(content: bytes) -> Response:
    """Return an answer about somebody, which nobody on the way may keep."""
    return _Json(content, cache=b"private, no-store")


def public(content: bytes) -> Response:
    """Return an answer about the shop."""
    return _Json(content, cache=b"no-cache")


def items(loaded: Loaded, ranked: Ranked, *, explainer: Explainer | None = None) -> bytes:
    """Return the JSON list of ``ranked``."""
    if not ranked.rows.size:
        return b"[]"
    parts: list[bytes | memoryview] = []
    for fragment, row, score, reason in zip(
        loaded.catalogue.fragments.views(ranked.rows),
        ranked.rows.tolist(),
        _numbers(ranked),
        ranked.reasons.tolist(),
        strict=True,
    ):
        parts += b"},{", fragment, b',"score":', score, _REASONS[reason]
        if explainer is not None:
            told = explainer.explain(row, Reason(reason))
            parts += b',"explanation":', orjson.dumps(told)
    parts[0] = b"[{"
    parts.append(b"}]")
    return b"".join(parts)


def reranked(loaded: Loaded, ranked: Ranked, unknown: Iterable[str]) -> bytes:
    """Return the JSON list of ``ranked``, each item flagged as known, and then the unknown ones."""
    known = [
        b'{"item_id":%b,"known":true,"score":%b%b}'
        % (orjson.dumps(loaded.catalogue.ids.id_of(row)), score, _REASONS[reason])
        for row, score, reason in zip(
            ranked.rows.tolist(), _numbers(ranked), ranked.reasons.tolist(), strict=True
        )
    ]
    others = [b'{"item_id":%b,"known":false}' % orjson.dumps(id_) for id_ in unknown]
    return b"[" + b",".join([*known, *others]) + b"]"


def listed(item_ids: Sequence[str]) -> bytes:
    """Return the JSON list of the merchant's own choice, of which nothing but the ids is known."""
    return orjson.dumps([{"item_id": id_, "score": 0.0, "reason": "merchant"} for id_ in item_ids])


def served(level: int, *, degraded: bool, personalized: bool, release: str | None) -> bytes:
    """Return the members that say how an answer came about."""
    return b'"level":%d,"degraded":%b,"personalized":%b,"release":%b' % (
        level,
        b"true" if degraded else b"false",
        b"true" if personalized else b"false",
        orjson.dumps(release),
    )


def new_id(release: str | None, placement: str | None) -> bytes:
    """Return a name for an answer: unique, and in order of time; it says where it was shown."""
    stamp = time.time_ns() // 1_000_000
    told = recommendation_id.ending(release, placement)
    return b"%08x-%04x-7%b%b" % (stamp >> 16, stamp & 0xFFFF, next(_MIDDLES), told)


def _middles() -> Iterator[bytes]:
    """Yield the random digits of names; the system is asked for many at once."""
    while True:
        digits = os.urandom(6 * _N_DRAWN).hex()
        for begin in range(0, len(digits), 12):
            one = digits[begin : begin + 12]
            variant = "89ab"[int(one[3], 16) & 3]
            yield f"{one[:3]}-{variant}{one[4:7]}-{one[7:11]}".encode()


_MIDDLES = _middles()


def _numbers(ranked: Ranked) -> list[bytes]:
    if not ranked.scores.size:
        return []
    return orjson.dumps(ranked.scores, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
