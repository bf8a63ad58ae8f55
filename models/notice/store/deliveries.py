"""How each notice of a recall goes out: asked for once per kind, and what became of it (REQUIREMENTS 79; 21 CFR 7.49)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

ASK = text("""
with asked as (
  insert into notice_delivery (notice_id, kind)
  select n.id, case when cast(:kind as text) = 'reminder' then 'reminder-' || n.reminders else :kind end
    from recall_notice n where n.id = any(cast(:ids as bigint[])) order by n.id
  on conflict (notice_id, kind) do nothing returning notice_id, kind)
insert into outbox (fact, payload)
select 'recall.notice', jsonb_build_object('recall', n.recall_id, 'notice', n.public_id, 'kind', a.kind)
  from asked a join recall_notice n on n.id = a.notice_id order by n.id
""")
OF_RECALL = text("""
select n.public_id as notice, d.kind, d.status, d.address, d.asked_at, d.tried_at, d.done_at, d.attempts, d.why, said(p.name, p.name_en) as by
  from notice_delivery d join recall_notice n on n.id = d.notice_id left join person p on p.id = d.done_by_id
 where n.recall_id = :recall order by n.id, d.id
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRow:
    """One sending of a notice as pages and the API read it; `why` is a code of ours or what the mail server said."""

    notice: UUID
    kind: str
    status: str
    address: str | None
    asked_at: datetime
    tried_at: datetime | None
    done_at: datetime | None
    attempts: int
    why: str | None
    by: str | None


def ask(session: Session, notice_ids: Sequence[int], kind: str) -> None:
    """Notices are to go out; each once per kind, however often that is asked."""
    session.connection().execute(ASK, {"ids": list(notice_ids), "kind": kind})


def of_recall(session: Session, recall_id: int) -> Mapping[UUID, tuple[DeliveryRow, ...]]:
    """How every notice of a recall went out, by notice, oldest first; one statement."""
    found: dict[UUID, list[DeliveryRow]] = {}
    for row in session.connection().execute(OF_RECALL, {"recall": recall_id}).mappings():
        found.setdefault(row["notice"], []).append(DeliveryRow(**row))
    return {notice: tuple(rows) for notice, rows in found.items()}
