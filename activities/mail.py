"""Sends notices to customers by mail; what can't be mailed stands to be printed (REQUIREMENTS 79).

Mails to people about their own accounts go the same way (21 CFR 11.300(b)).

Runs on a queue of its own: a mail server that hangs delays nobody's signature.  No lock and no
transaction is open while it talks to the server; a crash in between sends the same message again, under the same id.
What was tried often enough stands before an operator, who may have it tried again.
"""

import smtplib
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from sqlalchemy import Engine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.context import Context
from activities.smtp import Patience, hand_over
from activities.transaction import uninterrupted
from models.kernel.mail.message import SendNotice
from models.kernel.refusal import Refusal
from models.kernel.store.act import Actor, act, now
from models.notice.rules import links as notice_links
from models.notice.rules import mail as notice_mail
from models.person.rules import account_mail
from models.person.store import account_mails
from models.recall.store import sending

PATIENCE = Patience()
PERMANENT = 500
AUTH = 535
POSTMAN = Actor(actor_id="service:mail", name="Batchwright", source="worker")


class Mail:
    """Bound to the database and the settings of the worker."""

    def __init__(self, engine: Engine, settings: Any, patience: Patience = PATIENCE) -> None:
        """Keep what sending needs; without settings, nothing is mailed."""
        self._engine = engine
        self._settings = settings
        self._patience = patience

    @uninterrupted
    def send_notice(self, command: SendNotice) -> str:
        """One try; raises where it should be tried again."""
        sender = self._sender()
        if command.kind == account_mail.KIND:
            return self._send_account(command, sender)
        try:
            with act(self._engine, POSTMAN) as session:
                errand = sending.take(session, command, sender, self._link(command), now(session))
        except Refusal:
            return "unknown"  # a fact of before notices had deliveries
        if isinstance(errand, str):
            return errand
        try:
            what = (notice_mail.subject(errand.letter), notice_mail.body(errand.letter))
            refused = self._post(errand.to, errand.message_id, *what)
        except (OSError, smtplib.SMTPException) as error:
            final = _final(error)
            with act(self._engine, POSTMAN) as session:
                status = sending.missed(session, command.notice, command.kind, _said(error), final=final)
            if status == "failed":
                return status
            raise ApplicationError(_said(error), type="MailServer") from error
        with act(self._engine, POSTMAN) as session:
            sending.taken(session, command.notice, command.kind, now(session), refused)
        return "sent"

    def _sender(self) -> str | None:
        given = self._settings
        return given.mail_from if given is not None and given.smtp_host else None

    def _send_account(self, command: SendNotice, sender: str | None) -> str:
        """One try; the code of the mail is made here and written down nowhere."""
        given = self._settings
        secret = given.secret.get_secret_value().encode() if given is not None and given.secret else None
        with act(self._engine, POSTMAN) as session:
            errand = account_mails.take(session, command, sender if secret else None, now(session))
        if isinstance(errand, str):
            return errand
        code = account_mail.make(secret or b"", errand.code) if errand.code else ""
        text = account_mail.body(errand.letter, code, given.public_url)
        try:
            self._post((errand.to,), errand.message_id, account_mail.subject(errand.letter), text)
        except (OSError, smtplib.SMTPException) as error:
            with act(self._engine, POSTMAN) as session:
                status = account_mails.missed(session, command.notice, _said(error), final=_final(error))
            if status == "failed":
                return status
            raise ApplicationError(_said(error), type="MailServer") from error
        with act(self._engine, POSTMAN) as session:
            account_mails.taken(session, command.notice, now(session))
        return "sent"

    def _link(self, command: SendNotice) -> str | None:
        given = self._settings
        if given is None or given.public_url is None or given.secret is None:
            return None
        secret = given.secret.get_secret_value().encode()
        return f"{given.public_url}/n/{notice_links.make(secret, command.notice)}"

    def _post(self, to: Sequence[str], message_id: str, subject: str, body: str) -> str:
        """Hand the message over; answers the addresses that the server refused, while it took others."""
        given = self._settings
        message = EmailMessage()
        message["From"], message["To"] = given.mail_from, ", ".join(to)
        message["Subject"], message["Message-ID"] = subject, message_id
        message["Date"] = formatdate(localtime=False)
        message.set_content(body)
        return hand_over(given, message, self._patience, _stopping)


def _stopping() -> bool:
    return activity.in_activity() and activity.is_worker_shutdown()


def _final(error: Exception) -> bool:
    """Whether the server said "never" to this message: not that it is down, and not that our password is wrong."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return (
        isinstance(error, smtplib.SMTPResponseException)
        and not isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError)
        and PERMANENT <= error.smtp_code != AUTH
    )


def _said(error: Exception) -> str:
    """The server's own words, in a line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        parts = [f"{to}: {code} {text.decode(errors='replace')}" for to, (code, text) in error.recipients.items()]
        return "; ".join(parts)
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {text}"
    return f"{type(error).__name__}: {error}"


def activities_of(context: Context) -> list[Callable[..., Any]]:
    """Bound to what the worker has."""
    return [Mail(context.engine, context.settings).send_notice]
