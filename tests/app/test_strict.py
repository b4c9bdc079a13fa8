"""No object names a member twice, however it is written."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import MalformedJson
from app.strict import loads

TEXTS = st.sampled_from(["", "a", "b", ":", '"', '":', 'a":1', " :", "\\", "é", "\n", "a\t:"])
SPACES = st.sampled_from(["", "", "", " ", "\n", "\t"])


class Pairs(list[tuple[str, object]]):
    """An object, as written."""


@st.composite
def objects(draw: st.DrawFn, inside: st.SearchStrategy[object]) -> Pairs:
    return Pairs(draw(st.lists(st.tuples(TEXTS, inside), max_size=3)))


TREES = st.recursive(
    st.one_of(TEXTS, st.integers(-9, 9), st.none()),
    lambda inside: st.one_of(objects(inside), st.lists(inside, max_size=3)),
    max_leaves=8,
)


def written(tree: object, spaces: st.DataObject, *, ascii_: bool) -> str:
    space = spaces.draw(SPACES)
    if isinstance(tree, Pairs):
        members = (
            json.dumps(name, ensure_ascii=ascii_)
            + f"{space}:"
            + written(value, spaces, ascii_=ascii_)
            for name, value in tree
        )
        return "{" + ",".join(members) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(written(value, spaces, ascii_=ascii_) for value in tree) + "]"
    return space + json.dumps(tree, ensure_ascii=ascii_)


def repeats(tree: object) -> bool:
    if isinstance(tree, Pairs):
        names = [name for name, _ in tree]
        return len(set(names)) < len(names) or any(repeats(value) for _, value in tree)
    return isinstance(tree, list) and any(map(repeats, tree))


@given(TREES, st.data(), st.booleans())
def test_exactly_the_bodies_that_name_a_member_twice_are_refused(
    tree: object, data: st.DataObject, ascii_: bool
) -> None:
    body = written(tree, data, ascii_=ascii_).encode()

    if repeats(tree):
        with pytest.raises(MalformedJson, match="twice"):
            loads(body)
    else:
        assert loads(body) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a" :1,"a":2}',
        b'{"a":1,"a":"\\u0022:"}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":":","a":1}',
        b'{"a":"\\\\","a":"\\":"}',
        b'{"b\\\\":1,"b\\\\":"\\\\\\":"}',
        b'{"x":' + b"[" * 200 + b'{"a":1,"a":2}' + b"]" * 200 + b"}",
    ],
)
def test_a_member_named_twice_in_disguise_is_found(body: bytes) -> None:
    with pytest.raises(MalformedJson, match="twice"):
        loads(body)


def test_what_is_too_deep_to_be_written_again_is_refused() -> None:
    for n_levels, inside in ((400, b"1"), (400, b'{"a":1,"a":2}')):
        with pytest.raises(MalformedJson, match="deep"):
            loads(b"[" * n_levels + inside + b"]" * n_levels)


def filled(begin: bytes, part: bytes, end: bytes) -> bytes:
    """Return a body of 512 KiB, of as many parts as fit."""
    return begin + part * ((512 * 1024 - len(begin + end)) // len(part)) + end


@pytest.mark.parametrize(
    "body",
    [
        filled(b'{"a":"', b'\\":', b'"}'),
        filled(b'{"a":"', b'\\\\\\":', b'"}'),
        filled(b'["\\":",', b'"",', b"1]"),
        filled(b'["\\":",', b"1,", b"1]"),
        filled(b'["\\":",', b"9e15,", b"1]"),
        filled(b'["\\":",', b"[],", b"1]"),
        filled(b'["\\":",', b"{},", b"1]"),
        filled(b'["\\":",', b'{"a" :1},', b"1]"),
        filled(b"[", b'{"a":1},', b"1]"),
        b'{"\\":":1' + b"".join(b',"%d" :1' % n for n in range(40_000)) + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_no_body_takes_long_whatever_it_holds(body: bytes) -> None:
    def read_ms() -> float:
        began = time.thread_time()
        with contextlib.suppress(MalformedJson):
            loads(body)
        return (time.thread_time() - began) * 1000

    assert min(read_ms() for _ in range(5)) < 25  # twice what it is on a slow machine
