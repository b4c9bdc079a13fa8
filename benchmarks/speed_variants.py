"""Who takes part in ``make bench-speed``: our server, the ceilings and the peers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from subprocess import SubprocessError

from rich.console import Console

from benchmarks import serving_peers
from benchmarks.ceilings import BYTES_VARIABLE
from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_names import customer_id
from benchmarks.mix import OK, Asked, fault, written
from benchmarks.rounds import Variant, wake
from benchmarks.served import KEPT, cartera
from benchmarks.servers import Running, ask, free_port, running, uvicorn

OURS, BARE, SAME_SIZE = "Cartera", "bare ASGI, 600 bytes", "bare ASGI, our answer's size"
EMPTY, VALIDATED = "FastAPI, empty route", "FastAPI, validated parameters"
REQUESTS, POSTS = KEPT / "requests.txt", KEPT / "posts.txt"
ENVIRONMENTS, LOGS = KEPT / "peers", KEPT / "logs"
N_SAMPLE, N_PEERS_SAMPLE = 400, 60


@contextmanager
def variants(
    made: Fabricated,
    url: str,
    asked: Sequence[Asked],
    *,
    namespace: str,
    peers: Sequence[str],
    out: Console,
) -> Iterator[Mapping[str, Variant]]:
    """Start everybody until the block ends; a peer that cannot is named and left out.

    Args:
        made: The release, which ``url`` serves already.
        url: The store, also the peers' cache.
        asked: What everybody will be asked.
        namespace: Where the release is.
        peers: Names of ``serving_peers.PEERS``.
        out: Told who is left out.
    """
    written(asked, REQUESTS)
    written(asked, POSTS, post=1.0)
    shop = serving_peers.written(made, KEPT / "shop.npz")
    serving_peers.warm(url, shop, asked)
    with ExitStack() as stack:
        ours = stack.enter_context(cartera(OURS, url, namespace=namespace))
        found = {OURS: Variant(server=ours, requests=REQUESTS, fault=lambda one: _fault(ours, one))}
        _, answer = ask(ours.port, Asked(kind="plain", customer=customer_id(0)).path)
        for name, app, n_bytes in (
            (BARE, "bare", 600),
            (SAME_SIZE, "bare", len(answer)),
            (EMPTY, "empty_route", 0),
            (VALIDATED, "validated", 0),
        ):
            server = stack.enter_context(_ceiling(name, app, n_bytes=n_bytes))
            found[name] = Variant(server=server, requests=REQUESTS)
        for name in peers:
            try:
                server = stack.enter_context(
                    serving_peers.served(
                        name, shop=shop, redis_url=url, environments=ENVIRONMENTS, logs=LOGS
                    )
                )
            except (OSError, RuntimeError, SubprocessError) as problem:
                out.print(f"{name} is left out: {problem}")
                continue
            found[name] = _of_a_peer(name, server)
        stack.callback(lambda: wake([variant.server for variant in found.values()]))
        yield found


def n_faults(found: Mapping[str, Variant], asked: Sequence[Asked], *, out: Console) -> int:
    """Check a sample of everybody's answers, say what is wrong, and count ours that are."""
    ours = 0
    for name, variant in found.items():
        sample = asked[: N_SAMPLE if name == OURS else N_PEERS_SAMPLE]
        faults = variant.faults(sample)
        if faults:
            out.print(f"{name}: {len(faults)} of {len(sample)} answers are wrong: {faults[0]}")
        if name == OURS:
            ours = len(faults)
    return ours


def _ceiling(name: str, app: str, *, n_bytes: int) -> AbstractContextManager[Running]:
    port = free_port()
    return running(
        name,
        uvicorn(f"benchmarks.ceilings:{app}", port),
        port=port,
        answers=lambda port: ask(port, "/recommend?customer_id=c")[0] == OK,
        folder=LOGS,
        environment={BYTES_VARIABLE: str(n_bytes)},
    )


def _fault(server: Running, asked: Asked) -> str | None:
    return fault(asked, *ask(server.port, asked.path))


def _of_a_peer(name: str, server: Running) -> Variant:
    return Variant(
        server=server,
        requests=POSTS if serving_peers.PEERS[name].by_post else REQUESTS,
        fault=lambda asked: serving_peers.answered(name, server.port, asked),
    )
