"""Mails to people about their own accounts: asked for in the act's transaction, sent once, kept (21 CFR 11.300(b)).

Who sends has a transaction before and one after; the code of a mail is made at that moment and stands nowhere.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from models.clock.store import moved_clock
from models.kernel.mail.addresses import addresses
from models.kernel.mail.message import SendNotice
from models.kernel.store import outbox
from models.kernel.store.act import zone
from models.kernel.time import moments
from models.person.queries.site import site_name
from models.person.rules import account_mail as rules
from models.person.tables import Account, AccountMail, Person, SignInCode

FACT = "account.mail"
PUBLISH = text(
    "insert into outbox (fact, payload) values ('account.mail', jsonb_build_object('mail', cast(:mail as text)))"
)


@dataclass(frozen=True)
class Errand:
    """A message to send now; the code it carries, if any, is made of `code`."""

    to: str
    message_id: str
    letter: rules.Letter
    code: UUID | None


def ask(session: Session, account: Account, news: rules.News, by: str, code_id: int | None = None) -> None:
    """Tell the person by mail, where an address is on record; the notice inside is written by the caller."""
    person = session.get_one(Person, account.person_id)
    to = addresses(person.email)
    if len(to) != 1:
        return
    row = AccountMail(account_id=account.id, news=news, by_name=by, address=to[0], code_id=code_id)
    session.add(row)
    session.flush()
    session.refresh(row)
    session.connection().execute(PUBLISH, {"mail": str(row.public_id)})


def take(session: Session, command: SendNotice, sender: str | None, now: datetime) -> Errand | str:
    """The message to send, or how it stands already.  A code that is used, void or too old goes to nobody."""
    row = _locked(session, command.notice)
    if (
        row is not None
        and row.status == "failed"
        and outbox.asked_again(session, command.again, FACT, {"mail": str(row.public_id)})
    ):
        row.status, row.attempts = "waiting", 0
    if row is None or row.status != "waiting":
        return "unknown" if row is None else row.status
    if row.attempts >= rules.TRIES:
        return _failed(session, row)
    account = session.get_one(Account, row.account_id)
    code = session.get(SignInCode, row.code_id) if row.code_id else None
    over = code is not None and (code.used_at or code.void_at or code.expires_at <= now)
    if over or not sender:
        row.status, row.why, row.done_at = "unsent", "needless" if over else "no_server", now
        session.add(row)
        session.flush()
        return row.status
    row.attempts += 1
    session.add(row)
    session.flush()
    letter = rules.Letter(
        news=row.news,
        name=session.get_one(Person, account.person_id).name,
        login=account.login,
        by=row.by_name,
        until=moments.day(code.expires_at, zone(session)) if code else "",
        site=site_name(session),
        test=moved_clock.marked(session),
    )
    message_id = f"<account.{row.public_id}@{sender.rpartition('@')[2] or 'batchwright.invalid'}>"
    return Errand(row.address, message_id, letter, code.public_id if code else None)


def taken(session: Session, mail: UUID, now: datetime) -> None:
    """A mail server has taken it."""
    row = _locked(session, mail)
    if row is not None and row.status == "waiting":
        row.status, row.done_at, row.why = "sent", now, None
        session.add(row)
        session.flush()


def missed(session: Session, mail: UUID, why: str, *, final: bool) -> str:
    """It was not taken: it is tried again, or left for good, as the person's page then says."""
    row = _locked(session, mail)
    if row is None:
        return "unknown"
    if row.status == "waiting":
        row.why = why[:500]
        if final or row.attempts >= rules.TRIES:
            return _failed(session, row)
        session.add(row)
        session.flush()
    return row.status


def _failed(session: Session, row: AccountMail) -> str:
    """An operator sees why it wasn't taken, and may have it tried again."""
    row.status = "failed"
    session.add(row)
    session.flush()
    outbox.give_up(session, FACT, {"mail": str(row.public_id)}, row.attempts, row.why or "")
    return row.status


def _locked(session: Session, mail: UUID) -> AccountMail | None:
    return session.exec(select(AccountMail).where(AccountMail.public_id == mail).with_for_update()).first()
