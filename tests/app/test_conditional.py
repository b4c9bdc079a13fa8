"""Which tags a caller names."""

import pytest
from starlette.responses import Response

from app.conditional import named, tagged


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["*"], ["*"]),
        ([" * "], ["*"]),
        (['"a"'], ['"a"']),
        (['"a", "b"', '"c"'], ['"a"', '"b"', '"c"']),
        (['"a",, "b",'], ['"a"', '"b"']),
        (['"a", *'], ['"a"']),
        (['"a"', "*"], ['"a"']),
        (["*, *"], []),
        (['W/"a", "b"'], ['"b"']),
        (['a, "b'], []),
        ([""], []),
    ],
)
def test_an_asterisk_stands_for_any_state_where_it_stands_alone(
    lines: list[str], expected: list[str]
) -> None:
    assert named(lines) == expected


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["*"], 304),
        (['"a"'], 304),
        (['W/"a"'], 304),
        (['"b"', '"a"'], 304),
        (['"b"'], 200),
        (['"b", *'], 200),
        (['"b"', "*"], 200),
    ],
)
def test_an_answer_is_left_out_where_the_caller_names_it(lines: list[str], status: int) -> None:
    answer = Response(b"list", headers={"Cache-Control": "private, no-cache"})

    assert tagged(answer, lines, tag="a").status_code == status
