"""The list of approved suppliers as pages and the API read it, and one entry with the lots that came under it (REQUIREMENTS 49, 51)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.supplier.rules import approval as rules

STANDS = """
case when a.status <> 'approved' or a.expires_on is null then a.status when a.expires_on < :today then 'expired'
     when a.expires_on <= :soon then 'expiring' else 'approved' end
"""
SELECT = f"""
select a.id, a.supplier_id, a.item_id, a.approval_no as number, b.public_id as subject, {STANDS} as stands, a.status, a.origin, s.supplier_no,
       said(s.name, s.name_en) as supplier, i.item_no, said(i.name, i.name_en) as item, a.revision, a.reason, a.round, a.round_at,
       said(q.name, q.name_en) as asked_by, a.condition, a.most_lots, a.condition_text, a.expires_on, a.reassess_on, a.approved_at,
       said(p.name, p.name_en) as approved_by, a.refused_at, a.opened_at, b.id as subject_key, said(o.name, o.name_en) as owner,
       (select r.public_id from process_run r where r.subject_id = a.subject_id order by r.id desc limit 1) as run
  from supplier_approval a join subject b on b.id = a.subject_id join supplier s on s.id = a.supplier_id join item i on i.id = a.item_id
  left join person q on q.id = a.asked_by_id left join person p on p.id = a.approved_by_id left join person o on o.id = b.owner_id
"""  # noqa: S608 - our own words
NAMED = r"""
 (cast(:q as text) is null or concat_ws(' ', a.approval_no, s.supplier_no, s.name, s.name_en, i.item_no, i.name, i.name_en)
  ilike '%' || replace(replace(replace(cast(:q as text), '\', '\\'), '%', '\%'), '_', '\_') || '%')
"""
LIST = text(
    f"{SELECT} where {NAMED} and (cast(:state as text) is null or {STANDS} = :state)"
    " and (cast(:after as text) is null or a.approval_no > :after) order by a.approval_no limit :n"
)
COUNTS = text(
    f"select {STANDS} as stands, count(*) as n from supplier_approval a join supplier s on s.id = a.supplier_id"  # noqa: S608
    f" join item i on i.id = a.item_id where {NAMED} group by 1"
)
OF_SUBJECT = text(f"{SELECT} where a.subject_id = :subject")
OF_NUMBER = text(f"{SELECT} where a.approval_no = :number")
OF_ENTRY = """
from supplier_approval a join lot l on (l.supplier_id, l.item_id) = (a.supplier_id, a.item_id) join supplier_receipt r on r.lot_id = l.id
  left join hold h on h.id = r.hold_id left join process_run g on g.id = h.lift_run_id and g.subject_id = a.subject_id
 where a.id = :approval and (r.approval_id = a.id or g.id is not null)
"""
"""What came under an entry: judged by it, or let go of by its signature later."""
RECEIPTS = text(f"""
select l.lot_no, r.finding, r.revision, r.certificate_no, r.judged_at, l.status, h.lifted_at is null and h.id is not null as held,
       h.lifted_at is not null and g.id is not null as let_go
  {OF_ENTRY} order by r.id desc limit :n
""")
COUNTED = text(f"""
select count(*) as lots, count(*) filter (where r.finding <> 'approved') as kept_apart,
       count(*) filter (where exists (select from inspection n where n.lot_id = r.lot_id and n.stage = 'incoming' and n.status = 'failed')) as failed
  {OF_ENTRY}
""")  # noqa: S608 - our own words
MOST_LOTS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Entries by number; `next` is the number after which the rest comes, where there is more."""

    items: tuple[Row[Any], ...]
    next: str | None
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry with the newest lots that were judged by it, and how many there are, were kept apart, and failed their inspection."""

    head: Row[Any]
    receipts: tuple[Row[Any], ...]
    counted: Row[Any]


def _days(session: Session, now: datetime) -> dict[str, date]:
    today = plant_day(now, lots.site_zone(session))
    return {"today": today, "soon": today + timedelta(days=rules.SOON)}


def page(
    session: Session,
    now: datetime,
    *,
    q: str | None = None,
    state: str | None = None,
    after: str | None = None,
    n: int = 50,
) -> Page:
    """The list, narrowed to what has been typed and to a state; two statements, however long it is."""
    days = _days(session, now)
    ask = session.connection().execute
    rows = ask(LIST, {**days, "q": q, "state": state, "after": after, "n": n + 1}).all()
    counts = {one.stands: one.n for one in ask(COUNTS, {**days, "q": q})}
    return Page(items=tuple(rows[:n]), next=rows[n - 1].number if len(rows) > n else None, counts=counts)


def of_subject(session: Session, subject: int, now: datetime) -> Entry:
    """The entry of a subject, by its key."""
    return _entry(session, session.connection().execute(OF_SUBJECT, {"subject": subject, **_days(session, now)}).one())


def of_number(session: Session, number: str, now: datetime) -> Entry:
    """The entry of that number; SUP-404 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number, **_days(session, now)}).one_or_none()
    if head is None:
        raise rules.UNKNOWN(number=number[:80])
    return _entry(session, head)


def _entry(session: Session, head: Row[Any]) -> Entry:
    ask = session.connection().execute
    return Entry(
        head=head,
        receipts=tuple(ask(RECEIPTS, {"approval": head.id, "n": MOST_LOTS}).all()),
        counted=ask(COUNTED, {"approval": head.id}).one(),
    )
