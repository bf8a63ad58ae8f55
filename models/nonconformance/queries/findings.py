"""What is not as it should be: open nonconformances, open holds, inspections that failed, decisions that wait."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.nonconformance import rules

SHOWN = 50

_LOT = """
l.lot_no, l.status as lot_status, l.expires_on, l.expiry_precision, said(i.name, i.name_en) as item,
exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
"""
_WITH_LOT = "join lot l on l.id = x.lot_id join item i on i.id = l.item_id"
TASKS = text(f"""
select x.public_id, x.process, x.stage, x.kind, x.status, x.due_at, x.opened_at, said(p.name, p.name_en) as assignee, r.definition_id,
       {_LOT}
  from (select * from human_task t where t.status = 'open' and t.process = any(cast(:processes as text[]))
         order by t.rank, t.due_at, t.id limit :n) x
  {_WITH_LOT} join process_run r on r.id = x.run_id left join person p on p.id = x.assignee_id
 order by x.rank, x.due_at, x.id
""")  # noqa: S608 - our own words
HOLDS = text(f"""
select x.public_id, x.reason, x.cause, x.placed_at, said(p.name, p.name_en) as placed_by, {_LOT}
  from (select * from hold h where h.lifted_at is null order by h.id desc limit :n) x
  {_WITH_LOT} join person p on p.id = x.placed_by_id order by x.id desc
""")  # noqa: S608 - our own words
NONCONFORMANCES = text(f"""
select x.nonconformance_no, x.kind, x.severity, x.title, coalesce(x.title_en, x.title) as title_en, x.opened_at,
       said(p.name, p.name_en) as owner, t.public_id as task, t.due_at, b.public_id as subject, {_LOT}
  from (select * from nonconformance n where n.status = 'open' order by n.id desc limit :n) x
  left join lot l on l.id = x.lot_id left join item i on i.id = coalesce(l.item_id, x.item_id)
  left join human_task t on t.run_id = x.run_id and t.status = 'open'
  join subject b on b.id = x.subject_id
  left join person p on p.id = coalesce(x.owner_id, t.assignee_id, b.owner_id) order by x.id desc
""")  # noqa: S608 - our own words
FAILED = text(f"""
select x.inspection_no, x.stage, x.decided_at, said(p.name, p.name_en) as inspector, {_LOT},
       (select string_agg(distinct coalesce(c.name_zh, r.name), ' / ') from inspection_result r
          left join characteristic c on c.id = r.characteristic_id where r.inspection_id = x.id and not r.passed)
         as zh,
       (select string_agg(distinct coalesce(c.name_en, r.name), ' / ') from inspection_result r
          left join characteristic c on c.id = r.characteristic_id where r.inspection_id = x.id and not r.passed)
         as en
  from (select * from inspection n where n.status = 'failed' order by n.decided_at desc nulls last, n.id desc limit :n) x
  {_WITH_LOT} left join person p on p.id = x.decided_by_id order by x.decided_at desc nulls last, x.id desc
""")  # noqa: S608 - our own words
OF_SUBJECT = text("""
select n.nonconformance_no, n.kind, n.status, n.title, coalesce(n.title_en, n.title) as title_en, n.value, n.limit_text, n.said,
       n.happened_at, n.closed_at, case n.status when 'closed' then n.disposition end as disposition, n.cause, said(o.name, o.name_en) as opened_by, said(d.name, d.name_en) as decided_by,
       n.severity, n.source, n.quantity, n.uom, n.supplier_lot_no, n.files, l.lot_no, r.public_id as run, i.item_no,
       said(i.name, i.name_en) as item, said(s.name, s.name_en) as supplier, s.supplier_no, c.code as place, said(c.name, c.name_en) as place_name
  from nonconformance n left join lot l on l.id = n.lot_id left join process_run r on r.id = n.run_id
  left join item i on i.id = coalesce(l.item_id, n.item_id) left join supplier s on s.id = coalesce(l.supplier_id, n.supplier_id)
  left join location c on c.id = n.location_id
  left join person o on o.id = n.opened_by_id left join person d on d.id = n.decided_by_id
 where n.subject_id = :subject
""")
OF_NUMBER = text("""
select n.nonconformance_no, b.public_id as subject, b.id as subject_key, n.kind, n.severity, n.source, n.status, n.title, n.title_en, n.said, n.value,
       n.limit_text as limit, n.quantity, n.uom, n.files, n.happened_at, n.opened_at, n.closed_at, case n.status when 'closed' then n.disposition end as disposition, n.cause, n.decision_reason,
       l.lot_no, i.item_no, s.supplier_no, coalesce(l.supplier_lot_no, n.supplier_lot_no) as supplier_lot_no, c.code as location,
       said(w.name, w.name_en) as owner, said(d.name, d.name_en) as decided_by, r.public_id as run, t.public_id as task, t.due_at
  from nonconformance n join subject b on b.id = n.subject_id left join lot l on l.id = n.lot_id
  left join item i on i.id = coalesce(l.item_id, n.item_id) left join supplier s on s.id = coalesce(l.supplier_id, n.supplier_id)
  left join location c on c.id = n.location_id left join person w on w.id = coalesce(n.owner_id, b.owner_id)
  left join person d on d.id = n.decided_by_id left join process_run r on r.id = n.run_id
  left join human_task t on t.run_id = n.run_id and t.status = 'open'
 where n.nonconformance_no = :number order by t.id limit 1
""")
COUNTS = text("""
select (select count(*) from hold where lifted_at is null) as holds,
       (select count(*) from nonconformance where status = 'open') as nonconformances,
       (select count(*) from inspection where status = 'failed') as failed
""")


@dataclass(frozen=True)
class Quality:
    """The newest of each, and how many there are in all."""

    releases: tuple[Row[Any], ...]
    inspections: tuple[Row[Any], ...]
    holds: tuple[Row[Any], ...]
    nonconformances: tuple[Row[Any], ...]
    failed: tuple[Row[Any], ...]
    counts: Row[Any]


def of_subject(session: Session, subject: int) -> Row[Any]:
    """One finding by the key of its subject."""
    return session.connection().execute(OF_SUBJECT, {"subject": subject}).one()


def of_number(session: Session, number: str) -> Row[Any]:
    """One finding by its number, with its owner and when its open step is due."""
    row = session.connection().execute(OF_NUMBER, {"number": number}).one_or_none()
    if row is None:
        raise rules.UNKNOWN(number=number[:80])
    return row


def read(session: Session) -> Quality:
    """Six statements."""

    def ask(query: Any, **given: Any) -> tuple[Row[Any], ...]:
        return tuple(session.connection().execute(query, {"n": SHOWN, **given}).all())

    return Quality(
        releases=ask(TASKS, processes=["release"]),
        inspections=ask(TASKS, processes=["incoming-inspection", "final-inspection"]),
        holds=ask(HOLDS),
        nonconformances=ask(NONCONFORMANCES),
        failed=ask(FAILED),
        counts=session.connection().execute(COUNTS).one(),
    )
