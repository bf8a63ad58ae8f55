"""What an operator has to look at: acts that ended in a fault and facts that can't be delivered; a statement for each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

MOST = 200
"""Rows of each list; the counts are whole."""
FAULTS = text("""
select f.id as number, f.public_id as id, f.act, f.subject, f.workflow_id, said(p.name, p.name_en) as by, f.trouble, f.error, f.detail,
       f.build, f.tries, f.status, f.at, f.last_at, f.settled_at, said(s.name, s.name_en) as settled_by, f.reason, f.answer
  from act_fault f left join person p on p.id = f.person_id left join person s on s.id = f.settled_by_id
 where (f.settled_at is null) = :open order by coalesce(f.settled_at, f.at) desc, f.id desc limit :most
""")
UNDELIVERED = text("""
select o.public_id as id, o.fact, coalesce(l.lot_no, c.recall_no || ' · ' || coalesce(n.receiver, said(k.name, k.name_en)), a.login) as subject, o.payload, o.at,
       o.attempts, o.last_error as error, o.given_up_at
  from outbox o left join lot l on l.id = o.lot_id
  left join recall_notice n on o.fact = 'recall.notice' and n.public_id::text = o.payload ->> 'notice'
  left join recall c on c.id = n.recall_id left join customer k on k.id = n.customer_id
  left join account_mail m on o.fact = 'account.mail' and m.public_id::text = o.payload ->> 'mail'
  left join account a on a.id = m.account_id
 where o.given_up_at is not null and o.delivered_at is null and o.dismissed_at is null order by o.id limit :most
""")
COUNTS = text("""
select (select count(*) from act_fault where settled_at is null) as faults,
       (select count(*) from outbox
         where given_up_at is not null and delivered_at is null and dismissed_at is null) as undelivered,
       (select count(*) from outbox where delivered_at is null and given_up_at is null) as waiting
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class FaultView:
    """An act that couldn't be done: `detail` is the machine's own account, `answer` why a later try was refused."""

    number: int
    id: UUID
    act: str
    subject: str
    workflow_id: str
    by: str | None
    trouble: str
    error: str
    detail: str
    build: str
    tries: int
    status: str
    at: datetime
    last_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    reason: str | None
    answer: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UndeliveredView:
    """A fact that the engine wasn't told, after the last try."""

    id: UUID
    fact: str
    subject: str | None
    payload: dict[str, Any]
    at: datetime
    attempts: int
    error: str | None
    given_up_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationView:
    """What waits for an operator, and how many facts are on their way."""

    faults: int
    undelivered: int
    waiting: int
    open: tuple[FaultView, ...]
    settled: tuple[FaultView, ...]
    undelivered_facts: tuple[UndeliveredView, ...]


def operation(session: Session) -> OperationView:
    """Open faults, the newest first; what became of the last ones; facts that can't be delivered, the oldest first."""
    connection = session.connection()
    counts = connection.execute(COUNTS).one()
    lists = {
        open_: tuple(FaultView(**row) for row in connection.execute(FAULTS, {"open": open_, "most": MOST}).mappings())
        for open_ in (True, False)
    }
    given_up = connection.execute(UNDELIVERED, {"most": MOST}).mappings()
    return OperationView(
        faults=counts.faults,
        undelivered=counts.undelivered,
        waiting=counts.waiting,
        open=lists[True],
        settled=lists[False],
        undelivered_facts=tuple(UndeliveredView(**row) for row in given_up),
    )


def waiting(session: Session) -> int:
    """How many things wait for an operator."""
    counts = session.connection().execute(COUNTS).one()
    return int(counts.faults + counts.undelivered)
