"""Mail servers on loopback that are no help: one says nothing, one says a byte at a time, one never says good-bye."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal, cast

How = Literal["silent", "dripping", "no good-bye"]
ANSWERS = {b"EHLO": b"250 here\r\n", b"DATA": b"354 go on\r\n"}


class Hanging(socketserver.ThreadingTCPServer):
    """Counts who talks to it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, how: How) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.how = how
        self.port = int(self.server_address[1])
        self.callers = 0
        self.taken = 0
        self.closing = threading.Event()


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("Hanging", self.server)
        server.callers += 1
        with suppress(OSError):
            if server.how == "no good-bye":
                self._take(server)
            while not server.closing.wait(0.02):
                if server.how == "dripping":
                    self.wfile.write(b"2")
        server.callers -= 1

    def _take(self, server: Hanging) -> None:
        """Take a message as every server does."""
        self.wfile.write(b"220 here\r\n")
        while (line := self.rfile.readline()) and line[:4].upper() != b"QUIT":
            self.wfile.write(ANSWERS.get(line[:4].upper(), b"250 ok\r\n"))
            if line[:4].upper() == b"DATA":
                while self.rfile.readline() != b".\r\n":
                    pass
                server.taken += 1
                self.wfile.write(b"250 taken\r\n")


@contextmanager
def hanging(how: How) -> Iterator[Hanging]:
    """It hangs until the block ends."""
    with Hanging(how) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
