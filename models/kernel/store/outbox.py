"""The outbox: facts that wait to be handed on (DESIGN 6, REQUIREMENTS 92).

Who delivers takes rows for a while, tells the engine outside any transaction, and writes down what became of each.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, select

from models.kernel import delivery as rules
from models.kernel.fault import REASON
from models.kernel.tables import Outbox

TAKE = text("""
with taken as (
  update outbox set next_at = now() + :lease where id in (
    select id from outbox
     where delivered_at is null and given_up_at is null and next_at <= now()
     order by (fact <> all(:first)), id limit :most for update skip locked)
  returning id, fact, payload, lot_id, attempts)
select o.id, o.fact, o.payload, o.attempts, coalesce(p.workflow_id, r.workflow_id) as workflow_id, r.id as run_id, r.status
  from taken o
  left join lot l on l.id = o.lot_id
  left join process_run p on p.lot_id = o.lot_id and p.workflow_id = 'lot/' || l.lot_no
  left join process_run r on o.fact in ('process.begun', 'process.cancelled', 'process.changed') and r.id = cast(o.payload ->> 'run' as bigint)
 order by (o.fact <> all(:first)), o.id
""")
PASS = text("""
update outbox set delivered_at = now() where delivered_at is null and fact = any(:silent)
""")
DELIVERED = text("""
update outbox set delivered_at = now(), attempts = attempts + 1, last_error = null where id = any(:ids)
""")
FAILED = text("""
update outbox set attempts = attempts + 1, last_error = :error, next_at = now() + coalesce(:wait, interval '0'),
       given_up_at = case when cast(:wait as interval) is null then now() end
 where id = any(:ids)
""")
PUT_BACK = text("update outbox set next_at = now() + :wait, last_error = :error where id = any(:ids)")
DEAD = text("""
insert into outbox (fact, payload, attempts, last_error, given_up_at) values (:fact, :payload, :attempts, :error, now())
""").bindparams(bindparam("payload", type_=JSONB))
SETTLED = text("""
update outbox set delivered_at = now()
 where given_up_at is not null and delivered_at is null and fact = :fact and payload @> :payload
""").bindparams(bindparam("payload", type_=JSONB))


def pass_over(session: Session) -> int:
    """Mark what nobody has to be told, in one statement (a recall's holds are tens of thousands); answers how many."""
    return int(session.connection().execute(PASS, {"silent": list(rules.SILENT)}).rowcount)


def take(session: Session, most: int) -> Sequence[Row[Any]]:
    """The oldest rows that are due, those with an effect of their own first, taken from everybody else for a while.

    `id`, `fact`, `payload`, `attempts`, `workflow_id` of the batch (or null); of a process that began, changed or was
    cancelled without anybody at its door, `run_id` and `status` are its run's.
    """
    given = {"lease": rules.LEASE, "first": list(rules.FIRST), "most": most}
    return session.connection().execute(TAKE, given).all()


def delivered(session: Session, ids: Collection[int]) -> None:
    """Mark rows as delivered."""
    session.connection().execute(DELIVERED, {"ids": list(ids)})


def failed(session: Session, ids: Collection[int], attempts: int, error: str) -> None:
    """Write down that a try failed, and when the next is due; after the last one, that an operator has to look."""
    session.connection().execute(FAILED, {"ids": list(ids), "error": error[:500], "wait": rules.wait(attempts)})


def put_back(session: Session, ids: Collection[int], error: str) -> None:
    """The engine is away: nothing was wrong with these."""
    session.connection().execute(PUT_BACK, {"ids": list(ids), "wait": rules.AWAY, "error": error[:500]})


def give_up(session: Session, fact: str, payload: Mapping[str, Any], attempts: int, error: str) -> None:
    """What was handed on long ago and came to nothing, as a mail: an operator has to look, and may have it tried again."""
    given = {"fact": fact, "payload": {**payload, "again": True}, "attempts": attempts, "error": error[:500]}
    session.connection().execute(DEAD, given)


def settled(session: Session, fact: str, payload: Mapping[str, Any]) -> None:
    """What was given up came about in another way: no operator need look any more."""
    session.connection().execute(SETTLED, {"fact": fact, "payload": dict(payload)})


def again(session: Session, public_id: UUID, now: datetime) -> None:
    """An operator has a fact tried again, from the first pause on."""
    row = _given_up(session, public_id)
    row.attempts, row.next_at, row.given_up_at = 0, now, None
    session.add(row)
    session.flush()


def asked_again(session: Session, key: int, fact: str, payload: Mapping[str, Any]) -> bool:
    """Whether an operator has had this very fact tried again: what travels says so, and anybody may have sent it."""
    row = session.get(Outbox, key) if key else None
    if row is None or row.fact != fact or row.given_up_at is not None or row.dismissed_at is not None:
        return False
    return {**payload, "again": True}.items() <= row.payload.items()


def dismiss(session: Session, public_id: UUID, person_id: int, reason: str, now: datetime) -> None:
    """An operator leaves a fact undelivered, and says why."""
    if not reason.strip():
        raise REASON()
    row = _given_up(session, public_id)
    row.dismissed_at, row.dismissed_by_id, row.dismiss_reason = now, person_id, reason.strip()
    session.add(row)
    session.flush()


def _given_up(session: Session, public_id: UUID) -> Outbox:
    row = session.exec(select(Outbox).where(Outbox.public_id == public_id).with_for_update()).first()
    if row is None:
        raise rules.UNKNOWN()
    if row.given_up_at is None or row.delivered_at is not None or row.dismissed_at is not None:
        raise rules.DELIVERED()
    return row
