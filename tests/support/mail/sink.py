"""A mail server on loopback that keeps what it takes and refuses what it is told to refuse."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast


@dataclass
class MailSink:
    """`answers` maps an address to the line that it is refused with; `busy` times everything is put off."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    busy: int = 0
    taken: list[EmailMessage] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        """What was taken for an address."""
        return [one for one in self.taken if address in str(one["To"])]


class _Talk(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        sink: MailSink = cast("Any", self.server).sink
        self.say("220 sink")
        good = 0
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word in {b"EHLO", b"HELO"}:
                self.wfile.write(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif word == b"MAIL" and sink.busy > 0:
                sink.busy -= 1
                self.say("451 come back later")
            elif word == b"RCPT":
                address = line.split(b"<")[1].split(b">")[0].decode()
                good += address not in sink.answers
                self.say(sink.answers.get(address, "250 ok"))
            elif word == b"DATA":
                self.say("354 go on")
                sink.taken.append(message_from_bytes(self._data(), policy=policy.default))
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _data(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """Takes mail until the block ends."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        sink = MailSink(port=server.server_address[1])
        cast("Any", server).sink = sink
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
