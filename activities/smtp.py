"""Hands one message to a mail server, for a bounded time however slowly it answers (REQUIREMENTS 79).

smtplib bounds the wait for one piece of an answer; a server that sends a byte now and then holds its caller for ever.  So the
talk has a thread of its own: nobody waits for it longer than `Patience.whole`, nor when the worker stops; then it is hung up.
"""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

LOOK = 0.2
"""Seconds between two looks whether the worker stops."""
FAREWELL = 5.0
"""Seconds for a good-bye: the message has been taken, whatever comes after."""


@dataclass(frozen=True)
class Patience:
    """Seconds: for one piece of an answer, and for the whole talk; the whole stays below what the workflow gives a try."""

    answer: float = 60
    whole: float = 150


class WorkerStopsError(Exception):
    """It was cut short, by no fault of the server: the next worker tries again."""


def hand_over(settings: Any, message: EmailMessage, patience: Patience, stopping: Callable[[], bool]) -> str:
    """Hand the message over; answers the addresses that the server refused, while it took others.

    Raises OSError or SMTPException where the server didn't take it, also when it took too long.
    """
    talk = _Talk(settings, message, patience.answer)
    deadline = time.monotonic() + patience.whole
    threading.Thread(target=talk.go, name="mail-talk", daemon=True).start()
    try:
        while not talk.said.wait(LOOK):
            if stopping():
                raise WorkerStopsError
            if time.monotonic() > deadline:
                message_ = f"the mail server had not taken it after {patience.whole:g} s"
                raise TimeoutError(message_)
        talk.over.wait(FAREWELL)
    finally:
        talk.hang_up()
    if talk.error is not None:
        raise talk.error
    return talk.refused


class _Talk:
    """One talk; `said` when it is known what became of the message, `over` when the line is free."""

    def __init__(self, settings: Any, message: EmailMessage, answer: float) -> None:
        self._settings = settings
        self._message = message
        self._answer = answer
        self.server: smtplib.SMTP | None = None
        self.said = threading.Event()
        self.over = threading.Event()
        self.error: OSError | smtplib.SMTPException | None = None
        self.refused = ""

    def go(self) -> None:
        """Talk to the end; an error after the message was taken is none."""
        try:
            self._talk()
        except (OSError, smtplib.SMTPException) as error:
            self.error = None if self.said.is_set() else error
        except Exception as error:  # noqa: BLE001 - what a broken line makes of the library's state; nobody else hears it
            self.error = None if self.said.is_set() else smtplib.SMTPException(f"{type(error).__name__}: {error}")
        finally:
            self.said.set()
            self.over.set()

    def _talk(self) -> None:
        given, secure = self._settings, ssl.create_default_context()
        here = (given.smtp_host, given.smtp_port)
        tls = given.smtp_security == "tls"
        line = _Tls(self, *here, self._answer, secure) if tls else _Plain(self, *here, self._answer)
        with line as server:
            if given.smtp_security == "starttls":
                server.starttls(context=secure)
            if given.smtp_user:
                server.login(given.smtp_user, given.smtp_password.get_secret_value() if given.smtp_password else "")
            self.refused = ", ".join(sorted(server.send_message(self._message)))
            self.said.set()

    def hang_up(self) -> None:
        """Break the line, if it is still open: whoever reads from it sees its end."""
        line = self.server.sock if self.server is not None else None
        if not self.over.is_set() and line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class _Plain(smtplib.SMTP):
    """Known to its talk before it waits for the first word of the server."""

    def __init__(self, talk: _Talk, host: str, port: int, timeout: float) -> None:
        talk.server = self
        super().__init__(host, port, timeout=timeout)


class _Tls(smtplib.SMTP_SSL):
    """The same under TLS from the first byte on."""

    def __init__(self, talk: _Talk, host: str, port: int, timeout: float, secure: ssl.SSLContext) -> None:
        talk.server = self
        super().__init__(host, port, timeout=timeout, context=secure)
