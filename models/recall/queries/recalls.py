"""Recalls and drills as pages and the API read them, in a fixed number of statements (REQUIREMENTS 74-82)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlmodel import Session

from models.calendar.rules import deadline
from models.clock.store import moved_clock
from models.kernel.request import cursor, read_cursor
from models.kernel.store.act import now
from models.kernel.store.english_names import SIGNER
from models.notice.rules import links as notice_links
from models.notice.store import deliveries
from models.notice.store import products as notice_products
from models.notice.store import receiver_lists as recall_namings
from models.packing import queries as queries_packing
from models.person.rules.auth import Principal
from models.process.queries import inbox as queries_tasks
from models.pull import store as pulls
from models.recall.queries.views import (
    Clock,
    NoticeRow,
    NoticeView,
    RecallPage,
    RecallRow,
    RecallView,
    ScopeVersion,
    Signed,
)
from models.recall.rules import recall as rules
from models.recall.store import clocks as recall_clocks
from models.recall.store import decisions as recall_decisions
from models.recall.store import duties as recall_duties
from models.recall.store import funnel as recall_funnel
from models.recall.store import markets as recall_markets
from models.recall.store import preview as recall_preview
from models.recall.store import recalls, sending
from models.recall.store import remaining as recall_remaining
from models.recall.store.funnel import Ledger

COLUMNS = """
select c.id as key, c.recall_no, c.mode, c.cause, c.title, c.identifier, c.recall_class, c.status, coalesce(said(p.name, p.name_en), 'Batchwright') as opened_by,
       c.opened_at, c.closed_at, s.lots, s.customers, s.complete, s.balanced, (c.score ->> 'points')::int as points,
       (select t.stage from human_task t where t.recall_id = c.id and t.process = 'recall'
          and t.status = 'open' order by t.id limit 1) as stage,
       (select min(d.due_at) from recall_deadline d where d.recall_id = c.id and d.met_at is null
          and c.mode = 'recall') as next_due,
       (select count(*) from hold h where h.recall_id = c.id and h.lifted_at is null) as held,
       case when c.mode = 'recall' and c.status = 'open' then (
         select count(*) from recall_lot m where m.scope_id = s.id
            and exists (select from stock k where k.lot_id = m.lot_id and k.quantity > 0)
            and not exists (select from hold h where h.lot_id = m.lot_id and h.recall_id = c.id and h.lifted_at is null)
       ) else 0 end as uncontained
  from recall c left join person p on p.id = c.opened_by_id
  cross join lateral (select * from recall_scope v where v.recall_id = c.id order by v.version desc limit 1) s
"""
PAGE = text(f"""{COLUMNS}
 where (cast(:after as bigint) is null or c.id < :after) and (cast(:mode as text) is null or c.mode = :mode)
   and (cast(:status as text) is null or c.status = :status)
 order by c.id desc limit :n
""")
ONE = text(f"{COLUMNS} where c.id = :id")
NOTICE = """
select n.public_id as id, k.customer_no, coalesce(n.receiver, k.name) as customer,
       case when n.receiver is null then k.name_en end as customer_en,
       case when n.parent_id is null then k.contact else n.contact end as contact,
       case when n.parent_id is null then k.email else n.email end as email,
       case when n.parent_id is null then k.phone else n.phone end as phone, n.scope_version, n.lines,
       p.public_id as parent, coalesce(p.receiver, k.name) as passed_by,
       case when p.receiver is null then k.name_en end as passed_by_en, n.passed_on, coalesce(n.passed_on, 0)
         - (select coalesce(sum(b.shipped), 0) from recall_notice b where b.parent_id = n.id) as unnamed,
       (select coalesce(sum(g.quantity), 0) from recall_naming g where g.notice_id = n.id and g.outcome is null) as waiting,
       n.shipped, n.status, n.sent_at, n.reminders, n.reminded_at, n.acknowledged_at, n.acknowledged_by, n.received,
       n.on_hand, n.used, n.will_return, n.remark, n.link_expires_at, k.country
  from recall_notice n join customer k on k.id = n.customer_id left join recall_notice p on p.id = n.parent_id
"""
NOTICES = text(
    f"{NOTICE} where n.recall_id = :id order by n.acknowledged_at is not null, k.name, n.parent_id nulls first, n.id"
)
ONE_NOTICE = text(f"{NOTICE} where n.public_id = :id")
BELOW = text(f"{NOTICE} where p.public_id = :id order by n.id")
ABOUT = text("""
select c.recall_no, c.mode, c.title, c.reason, c.status,
       (select jsonb_object_agg(l.lot_no, i.name) from lot l join item i on i.id = l.item_id
         where l.lot_no in (select x ->> 'lot_no' from jsonb_array_elements(n.lines) x)) as items,
       (select jsonb_object_agg(l.lot_no, l.uom) from lot l
         where l.lot_no in (select x ->> 'lot_no' from jsonb_array_elements(n.lines) x)) as units
  from recall_notice n join recall c on c.id = n.recall_id where n.public_id = :id
""")
SIGNED = text(f"""
select t.stage, {SIGNER} as name, said(b.name, b.name_en) as on_behalf_of, s.meaning, s.outcome, s.digest, s.signed_at as at,
       t.reason
  from signature s join human_task t on t.id = s.task_id left join person b on b.id = s.on_behalf_of_id
 where t.recall_id = :id order by s.id
""")  # noqa: S608 - our own words


def page(
    session: Session,
    *,
    limit: int = 50,
    after: str | None = None,
    mode: str | None = None,
    status: str | None = None,
) -> RecallPage:
    """Recalls and drills, newest first; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    values = {"after": start, "mode": mode, "status": status, "n": limit + 1}
    rows = session.connection().execute(PAGE, values).all()
    following = cursor([rows[limit - 1].key]) if len(rows) > limit else None
    return RecallPage(items=tuple(_row(row) for row in rows[:limit]), next=following)


def view(session: Session, principal: Principal, recall_no: str, ledger: Ledger | None = None) -> RecallView:
    """One recall with everything around it; `ledger` is its newest scope's, where it was read already."""
    recall = recalls.get(session, recall_no)
    connection = session.connection()
    versions = recalls.scopes(session, recall.id)
    scope = versions[-1]
    record = recalls.record_of(session, scope)
    before = recalls.record_of(session, versions[-2]) if len(versions) > 1 else None
    ledger = ledger or recall_funnel.read(session, recall, scope)
    funnel = ledger.funnel
    where = recalls.stands(session, recall, funnel)
    reached = recall_clocks.markets(session, recall)
    return RecallView(
        row=_row(connection.execute(ONE, {"id": recall.id}).one()),
        reason=recall.reason,
        hazard=recall.hazard,
        notice=recall.notice,
        decided_at=recall.decided_at,
        held_at=recall.held_at,
        notified_at=recall.notified_at,
        versions=tuple(
            ScopeVersion(
                version=one.version,
                identifiers=tuple(one.identifiers),
                digest=one.digest,
                computed_at=one.computed_at,
                signed_at=one.signed_at,
                lots=one.lots,
                customers=one.customers,
                complete=one.complete,
                balanced=one.balanced,
            )
            for one in versions
        ),
        scope=record,
        difference=rules.difference(before, record).as_dict() if before else None,
        gone=tuple(recalls.still_out(funnel)),
        left_out=ledger.left_out,
        shipped_since=recalls.shipped_since(session, scope),
        funnel=funnel.as_dict(),
        outstanding=where.outstanding,
        told=where.told,
        silent=where.silent,
        undecided=where.undecided,
        remaining=tuple(one.as_dict() for one in recall_remaining.of(session, recall, funnel, now(session))),
        decisions=recall_decisions.latest(session, recall.id),
        notices=notices(session, recall.id),
        clocks=_clocks(session, recall.id),
        joined=recalls.joined(session, scope, [one["lot_no"] for one in record["lots"]]),
        markets=reached,
        classes=recall_markets.of(session, recall, reached),
        handling=recall_markets.handling(recall),
        without_country=recall_clocks.nowhere(session, recall),
        tasks=queries_tasks.of_subject(session, principal, recall.subject_id),
        signatures=tuple(Signed(**row) for row in signatures(session, recall.id)),
        hold_report=recall.hold_report,
        pulls=pulls.of_recall(session, recall.id),
        namings=recall_namings.of_recall(session, recall.id),
        on_units=queries_packing.in_scope(session, recall.recall_no),
        deliveries=deliveries.of_recall(session, recall.id),
        score=recall.score,
    )


def signatures(session: Session, recall_id: int) -> Sequence[RowMapping]:
    """Who signed which step, over which record."""
    return session.connection().execute(SIGNED, {"id": recall_id}).mappings().all()


def notices(session: Session, recall_id: int) -> tuple[NoticeRow, ...]:
    """Who was told; who has not answered comes first."""
    rows = session.connection().execute(NOTICES, {"id": recall_id}).mappings()
    return tuple(_told(row) for row in rows)


def _told(row: RowMapping) -> NoticeRow:
    passed = {name: row[name] if row["parent"] else None for name in ("passed_by", "passed_by_en")}
    return NoticeRow(**{**row, "lines": tuple(row["lines"]), **passed})


def notice(session: Session, notice_id: UUID) -> NoticeView:
    """One notice, as its customer sees it."""
    row = session.connection().execute(ONE_NOTICE, {"id": notice_id}).mappings().one_or_none()
    if row is None:
        raise notice_links.NO_LINK()
    about = session.connection().execute(ABOUT, {"id": notice_id}).mappings().one()
    recall = recalls.get(session, about["recall_no"])
    return NoticeView(
        recall_class=recall_markets.told_level(session, recall, row["country"]),
        handling=recall_markets.handling(recall),
        notice=_told(row),
        receivers=tuple(_told(one) for one in session.connection().execute(BELOW, {"id": notice_id}).mappings()),
        **{**about, "items": about["items"] or {}, "units": about["units"] or {}},
        products=notice_products.of(session, notice_id, sending.UNITS),
        phone=notice_products.phone(session),
        test=moved_clock.marked(session),
    )


def letter(session: Session, recall_no: str, customer_no: str) -> NoticeView:
    """A notice as it would go out now to a customer who is still to be told; RCL-001 where nothing is to be sent there."""
    recall = recalls.get(session, recall_no)
    found = recall_preview.recipients(session, recall, recalls.newest_scope(session, recall.id))
    one = next((each for each in found if each.customer_no == customer_no), None)
    if one is None:
        raise rules.UNKNOWN(recall=f"{recall_no} {customer_no}"[:80])
    products = notice_products.of_lines(session, one.as_lines(), sending.UNITS)
    row = NoticeRow(
        id=UUID(int=0),
        customer_no=one.customer_no,
        customer=one.name,
        customer_en=one.name_en or None,
        contact=one.contact or None,
        email=one.email or None,
        phone=one.phone or None,
        scope_version=0,
        lines=tuple(one.as_lines()),
        shipped=sum((quantity for _, quantity, _ in one.lines), Decimal(0)),
        status="open",
        sent_at=None,
        reminders=0,
        reminded_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        received=None,
        on_hand=None,
        used=None,
        will_return=None,
        remark=None,
        link_expires_at=now(session) + rules.LINK,
        country=one.country,
    )
    return NoticeView(
        notice=row,
        recall_no=recall.recall_no,
        mode=recall.mode,
        title=recall.title,
        reason=recall.reason,
        recall_class=recall_markets.told_level(session, recall, one.country),
        handling=recall_markets.handling(recall),
        status=recall.status,
        items={each.lot_no: each.item for each in products},
        units={lot_no: uom for lot_no, _, uom in one.lines},
        products=products,
        phone=notice_products.phone(session),
        test=moved_clock.marked(session),
    )


def _clocks(session: Session, recall_id: int) -> tuple[Clock, ...]:
    moment, duties = now(session), recall_duties.tasks(session, recall_id)
    return tuple(
        Clock(
            rule_key=one.rule_key,
            jurisdiction=one.jurisdiction,
            clause=one.clause,
            event=one.event,
            event_at=one.event_at,
            due_at=one.due_at,
            last_day=one.last_day,
            zone=one.zone,
            provisional=one.provisional,
            zh=one.zh,
            en=one.en,
            met_at=one.met_at,
            status=deadline.status(one.due_at, moment, one.met_at).value,
            warned_at=one.warned_at,
            missed_at=one.missed_at,
            duty=duties.get(one.id),
        )
        for one in recalls.deadlines(session, recall_id)
    )


def _row(row: Any) -> RecallRow:
    return RecallRow(**{name: value for name, value in row._mapping.items() if name != "key"})  # noqa: SLF001 - SQLAlchemy's public name
