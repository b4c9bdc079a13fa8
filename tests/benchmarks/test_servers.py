import os
import sys
from pathlib import Path

import pytest

from benchmarks.servers import ask, free_port, pinned, running, uvicorn


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins nothing")
def test_pinning_ends_with_its_block() -> None:
    before = os.sched_getaffinity(0)
    core = min(before)

    with pinned([core]):
        within = os.sched_getaffinity(0)

    assert within == {core}
    assert os.sched_getaffinity(0) == before


def test_a_core_that_is_not_there_pins_nothing() -> None:
    with pinned([4096]):
        assert len(os.sched_getaffinity(0)) >= 1


def test_a_server_that_ends_at_once_is_named_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such shop')"]

    with (
        pytest.raises(RuntimeError, match=r"odd one does not answer.*no such shop"),
        running("odd one", command, port=1, answers=lambda _: False, folder=tmp_path),
    ):
        pass


@pytest.mark.slow
def test_the_ceiling_answers_as_many_bytes_as_it_was_told(tmp_path: Path) -> None:
    port = free_port()

    with running(
        "ceiling",
        uvicorn("benchmarks.ceilings:bare", port),
        port=port,
        answers=lambda port: ask(port, "/")[0] == 200,
        folder=tmp_path,
        environment={"CEILING_BYTES": "1234"},
    ) as server:
        status, body = ask(server.port, "/recommend")

    assert (status, len(body)) == (200, 1234)
