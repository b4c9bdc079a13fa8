"""Customers are read over TLS, with a password, from another database."""

import asyncio
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which

import pytest
import redis

from app.customers import Customers
from app.store import StoreAway
from models.artifacts.keys import Keys, shard_of
from training.embedded import EmbeddedStore

PASSWORD = "s3cret"
CUSTOMERS = [f"c-{n}" for n in range(200)]
RECORD = b"record " * 2000

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(which("openssl") is None, reason="openssl makes the certificate"),
    pytest.mark.parametrize(
        "anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})]
    ),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key, signed by nobody else."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-out", str(certificate), "-keyout", str(key)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture(scope="module")
def guarded_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """A store with a password, whose database 3 holds the customers."""
    with EmbeddedStore(tmp_path_factory.mktemp("guarded")) as store:
        with redis.Redis.from_url(store.url.replace("db=0", "db=3")) as connection:
            for customer in CUSTOMERS:
                key = Keys("shop").records("r1", shard_of(customer))
                connection.hset(key, customer, RECORD + customer.encode())
        with redis.Redis.from_url(store.url) as connection:
            connection.config_set("requirepass", PASSWORD)
        yield store


@contextmanager
def behind_tls(store: EmbeddedStore, certificate: tuple[Path, Path]) -> Iterator[int]:
    """Take TLS off and pass everything on to the store; yield the port."""
    path = store.url.removeprefix("unix://").partition("?")[0]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)

    class PassOn(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with (
                context.wrap_socket(self.request, server_side=True) as client,
                socket.socket(socket.AF_UNIX) as theirs,
            ):
                theirs.connect(path)
                back = threading.Thread(target=pump, args=(theirs, client))
                back.start()
                pump(client, theirs)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        block_on_close = False  # the loop that is to close its connections runs in this thread

        def handle_error(self, request: object, client_address: object) -> None:
            """A caller that breaks off is no error here."""

    with Server(("127.0.0.1", 0), PassOn) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield int(server.server_address[1])
        server.shutdown()
        serving.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes until it ends."""
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


async def test_customers_are_read_over_tls_with_a_password_from_another_database(
    guarded_store: EmbeddedStore, certificate: tuple[Path, Path]
) -> None:
    with behind_tls(guarded_store, certificate) as port:
        url = f"rediss://:{PASSWORD}@127.0.0.1:{port}/3?ssl_ca_certs={certificate[0]}"
        customers = Customers(url, Keys("shop"), timeout_s=5, patience_s=5)
        await customers.start()

        found = await asyncio.gather(
            *(customers.read(id_, "r1", history=False) for id_ in CUSTOMERS)
        )
        await customers.stop()

    assert [packed.record for packed in found] == [RECORD + id_.encode() for id_ in CUSTOMERS]


@pytest.mark.parametrize("url", ["rediss://:wrong@127.0.0.1:{}/3", "rediss://127.0.0.1:{}/3"])
async def test_a_wrong_password_or_none_is_a_store_that_is_away(
    guarded_store: EmbeddedStore, certificate: tuple[Path, Path], url: str
) -> None:
    failures: list[str] = []
    with behind_tls(guarded_store, certificate) as port:
        address = f"{url.format(port)}?ssl_ca_certs={certificate[0]}"
        customers = Customers(
            address, Keys("shop"), timeout_s=5, patience_s=5, failed=failures.append
        )
        await customers.start()

        assert customers.away
        with pytest.raises(StoreAway):
            await customers.read("c-1", "r1", history=False)
        await customers.stop()

    assert failures
