"""The outbox: facts that wait to be handed on (DESIGN 6, REQUIREMENTS 92)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

WAITING = text("""
select o.id, o.fact, o.payload, coalesce(p.workflow_id, r.workflow_id) as workflow_id, r.id as run_id, r.status
  from outbox o
  left join lot l on l.id = o.lot_id
  left join process_run p on p.lot_id = o.lot_id and p.workflow_id = 'lot/' || l.lot_no
  left join process_run r on o.fact in ('process.begun', 'process.cancelled') and r.id = cast(o.payload ->> 'run' as bigint)
where o.delivered_at is null order by o.id limit 100 for update of o skip locked
""")
DELIVERED = text("update outbox set delivered_at = now(), attempts = attempts + 1 where id = any(:ids)")


def waiting(session: Session) -> Sequence[Row[Any]]:
    """The oldest rows that nobody else is delivering, locked: `id`, `fact`, `payload`, `workflow_id` of the batch (or null).

    Of a process that began or was cancelled without anybody at its door, `run_id` and `status` are its run's.
    """
    return session.connection().execute(WAITING).all()


def delivered(session: Session, ids: list[int]) -> None:
    """Mark rows as delivered."""
    session.connection().execute(DELIVERED, {"ids": ids})
