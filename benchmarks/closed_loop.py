"""wrk against a server: as many requests as it can answer, and what each cost it.

wrk keeps 32 connections busy: the next request leaves when the last answer has come. That finds the
peak and the CPU a request costs; latency under a given load is ``open_loop``'s.
"""

import shutil
import subprocess
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.servers import OTHER_CORE, Running, pinned

SCRIPT = Path(__file__).parent / "wrk" / "mix.lua"
CONNECTIONS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One server for some seconds."""

    per_s: float
    cpu_us: float
    """Of the server's processes, user and system, a request."""
    p50_ms: float
    p99_ms: float
    answer_bytes: float
    """Headers included."""
    failed: int
    """Broken connections, timeouts, and statuses of 400 and more."""


def round_of(
    server: Running,
    requests: Path,
    *,
    seconds: int,
    cores: Collection[int] | None = (OTHER_CORE,),
    connections: int = CONNECTIONS,
    begin: int = 0,
    script: Path = SCRIPT,
) -> Round:
    """Load a server with a file of ``benchmarks.mix`` for some seconds, from line ``begin`` on.

    Only requests that were answered count. Another ``script`` than that of the mix says itself what
    its file and ``begin`` are.

    Raises:
        RuntimeError: wrk is not here, or had nothing to say.
    """
    before = server.cpu_s()
    figures = _wrk(
        [str(script), server.url, "--", str(requests), str(begin)],
        seconds=seconds,
        cores=cores,
        connections=connections,
    )
    used = server.cpu_s() - before
    n = max(figures["requests"] - figures["failed"], 1)
    return Round(
        per_s=n / figures["us"] * 1e6,
        cpu_us=used / n * 1e6,
        p50_ms=figures["p50_us"] / 1000,
        p99_ms=figures["p99_us"] / 1000,
        answer_bytes=figures["bytes"] / n,
        failed=figures["failed"],
    )


def _wrk(
    sent: Sequence[str],
    *,
    seconds: int,
    cores: Collection[int] | None,
    connections: int,
) -> dict[str, int]:
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk was not found, which makes the load; apt-get install wrk")
    command = [program, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    command += ["-s", *sent]
    with pinned(cores):
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=seconds + 60
        )
    found = [line for line in ran.stdout.splitlines() if line.startswith("figures ")]
    if not found:
        raise RuntimeError(f"wrk gave no figures: {ran.stderr.strip() or ran.stdout}")
    figures: dict[str, int] = orjson.loads(found[0].removeprefix("figures "))
    return figures
