"""A link to the store that can be made bad: a relay on a port of its own.

pass       as it should be
deaf       what is asked arrives and is done; no reply comes back
slow       each reply comes a quarter of a second late
trickling  replies come byte by byte, a hundredth of a second apart
reset      what is open is broken off, and whatever is opened
half_open  nothing arrives, and nobody is told
"""

import socket
import struct
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

Manner = Literal["pass", "deaf", "slow", "trickling", "reset", "half_open"]
_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST."""


class Link:
    """A relay to the store at a unix:// address; a context manager."""

    def __init__(self, store_url: str) -> None:
        self._store = unquote(urlsplit(store_url).path)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._manner: Manner = "pass"
        self.url = f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"

    def be(self, manner: Manner) -> None:
        """Behave so from now on."""
        self._manner = manner
        if manner == "reset":
            self._break_off()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listening.close()
        self._break_off()

    def _break_off(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                store = socket.socket(socket.AF_UNIX)
                try:
                    store.connect(self._store)
                except OSError:
                    caller.close()
                    continue
                self._open += [caller, store]
                for ends in ((caller, store, False), (store, caller, True)):
                    threading.Thread(target=self._relay, args=ends, daemon=True).start()
                if self._manner == "reset":
                    self._break_off()

    def _relay(self, source: socket.socket, sink: socket.socket, replies: bool) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                manner = self._manner
                if manner == "half_open" or (manner == "deaf" and replies):
                    continue
                if manner == "slow" and replies:
                    time.sleep(0.25)
                pieces = [part]
                if manner == "trickling" and replies:
                    pieces = [part[n : n + 1] for n in range(len(part))]
                for piece in pieces:
                    sink.sendall(piece)
                    if len(pieces) > 1:
                        time.sleep(0.01)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
