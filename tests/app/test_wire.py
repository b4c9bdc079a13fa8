"""Bytes that no HTTP library would send, and what two workers know of each other."""

import time

import orjson
import pytest

from tests.app.serving import Live
from training.processes import wait_for

HOST = b"Host: localhost\r\n"


def status(received: bytes) -> int:
    return int(received.split(b" ", 2)[1]) if received else 0


def body(received: bytes) -> dict[str, object]:
    return dict(orjson.loads(received.partition(b"\r\n\r\n")[2]))


def get(path: bytes, headers: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + headers + b"Connection: close\r\n\r\n"


@pytest.mark.parametrize(
    "path",
    [
        b"/",
        b"//",
        b"/..",
        b"/../../etc/passwd",
        b"/%2e%2e/etc/passwd",
        b"/recommend/../recommend",
        b"/%00",
        b"/recommend%00",
        b"/recommend%0d%0aSet-Cookie:%20a=b",
        b"/recommend%0A",
        b"/\x00",
        b"/\x1b[31m",
        b"/\xff",
        b"/%ff",
        b"/%c3%28",
        b"/%",
        b"/static-offline-docs/../main.py",
        b"/static-offline-docs/%2e%2e/%2e%2e/__init__.py",
        b"/static-offline-docs/",
        b"/recommend?customer_id=%00",
        b"/recommend?customer_id=a%0d%0aforged",
        b"/recommend?customer_id=%ff",
        b"/recommend?%00=1",
        b"/" + b"a" * 10_000,
        b"*",
        b"http://elsewhere/nonesuch",
    ],
)
def test_a_path_that_is_none_of_ours_is_the_callers_fault(server: Live, path: bytes) -> None:
    received = server.exchange(get(path))

    assert 400 <= status(received) < 500, received[:200]
    assert b"Set-Cookie" not in received


def test_no_log_line_can_be_forged(server: Live) -> None:
    server.exchange(get(b"/nonesuch%0d%0aforged-by-caller"))
    server.exchange(get(b"/recommend?customer_id=forged-by-caller"))
    server.exchange(get(b"/forged-by-caller"))
    server.exchange(get(b"/recommend", b"X-Request-Id: forged-by-caller\r\n"))

    lines = server.log.read_bytes().splitlines()
    assert lines
    assert all(isinstance(orjson.loads(line), dict) for line in lines)
    assert b"forged" not in server.log.read_bytes()


@pytest.mark.parametrize("forwarded", [b"unknown", b"127.0.0.1", b"192.0.2.7, 127.0.0.1"])
def test_what_a_proxy_passed_on_is_not_of_this_machine_whatever_it_says(
    server: Live, forwarded: bytes
) -> None:
    received = server.exchange(get(b"/metrics", b"X-Forwarded-For: " + forwarded + b"\r\n"))

    assert status(received) == 403
    assert status(server.exchange(get(b"/metrics"))) == 200


def test_a_20_kb_header_is_refused(server: Live) -> None:
    received = server.exchange(get(b"/livez", b"X-Long: " + b"x" * 20_000 + b"\r\n"))

    assert status(received) == 431
    assert body(received)["code"] == "headers-too-large"


def test_many_small_headers_are_refused_like_a_long_one(server: Live) -> None:
    many = b"".join(b"X-%d: yyyyyyyyyy\r\n" % n for n in range(1500))

    assert status(server.exchange(get(b"/livez", many))) == 431


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_large(server: Live) -> None:
    head = b"POST /recommend HTTP/1.1\r\n" + HOST
    head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"

    received = server.exchange(head + chunk * 9)  # it never ends

    assert status(received) == 413
    assert body(received)["code"] == "body-too-large"


def test_an_announced_body_is_refused_before_it_is_sent(server: Live) -> None:
    head = b"POST /recommend HTTP/1.1\r\n" + HOST
    head += b"Content-Type: application/json\r\nContent-Length: 600000\r\n\r\n"
    started = time.monotonic()

    received = server.exchange(head)

    assert status(received) == 413
    assert b"connection: close" in received.lower()
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "length", [b"-1", b"1e3", b"abc", b"5, 6", b"99999999999999999999999", b"+5"]
)
def test_a_length_that_is_none_is_the_callers_fault(server: Live, length: bytes) -> None:
    head = b"POST /recommend HTTP/1.1\r\n" + HOST
    head += b"Content-Type: application/json\r\nContent-Length: " + length + b"\r\n\r\n{}"

    assert 400 <= status(server.exchange(head)) < 500


def test_a_small_chunked_body_is_read(server: Live) -> None:
    head = b"POST /recommend HTTP/1.1\r\n" + HOST + b"Connection: close\r\n"
    head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

    received = server.exchange(head + b'b\r\n{"limit": 1\r\n1\r\n}\r\n0\r\n\r\n')

    assert status(received) == 200
    assert len(body(received)["items"]) == 1  # type: ignore[arg-type]


def test_a_large_body_on_a_get_is_refused_too(server: Live) -> None:
    received = server.exchange(get(b"/livez", b"Content-Length: 600000\r\n"))

    assert status(received) == 413


@pytest.mark.parametrize("method", [b"TRACE", b"BREW", b"CONNECT", b"HEAD", b"OPTIONS"])
def test_a_method_of_no_route_is_the_callers_fault(server: Live, method: bytes) -> None:
    received = server.exchange(method + get(b"/recommend")[3:])

    assert 400 <= status(received) < 500


def test_all_workers_metrics_come_from_any_of_them(server: Live) -> None:
    """Each request on a connection of its own lands on either worker; the sum is the same."""

    def counted() -> float:
        _, text = server.get("/metrics")
        lines = text.decode().splitlines()
        start = 'cartera_requests_total{method="GET",route="/releases",status="200"}'
        return sum(float(line.split()[-1]) for line in lines if line.startswith(start))

    before = counted()
    for _ in range(20):
        server.get("/releases")

    assert wait_for(lambda: counted() == before + 20, limit_s=5)
    assert b'cartera_release{release="r1"} 2.0' in server.get("/metrics")[1]
