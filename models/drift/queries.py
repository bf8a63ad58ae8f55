"""Charts of incoming lots as pages and the API read them: the list with how each stands, one with its lots, and an alert (REQUIREMENTS 50, 118)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.drift.rules import asking

STANDS = "case when a.id is not null then 'alert' when f.id is null then 'unlimited' else 'watched' end"
FROM = """
  from drift_chart c join subject b on b.id = c.subject_id join drift_watch w on w.id = c.watch_id
  join supplier s on s.id = w.supplier_id join item i on i.id = w.item_id
  left join drift_alert a on a.chart_id = c.id and a.status = 'open' left join subject ab on ab.id = a.subject_id
  left join lateral (select l.* from drift_limits l where l.chart_id = c.id and l.version is not null order by l.version desc limit 1) f on true
  left join lateral (select count(*) as n, max(p.judged_at) as last from drift_point p where p.chart_id = c.id) p on true
"""
SELECT = f"""
select c.id, c.chart_no as number, b.public_id as subject, {STANDS} as stands, c.charted, said(c.characteristic, c.characteristic_en) as characteristic,
       c.unit, s.supplier_no, said(s.name, s.name_en) as supplier, i.item_no, said(i.name, i.name_en) as item, f.version, f.centre, f.sigma, f.usual,
       f.worse, f.rules, f.base, f.left_out, f.basis, f.approved_at, (select said(q.name, q.name_en) from person q where q.id = f.approved_by_id) as approved_by,
       p.n as lots, p.last as judged_at, a.alert_no as alert, ab.public_id as alert_subject, w.sampling, w.tightened_at, c.begins_after, c.reason, c.opened_at
  {FROM}
"""  # noqa: S608 - our own words
NAMED = r"""
 (cast(:q as text) is null or concat_ws(' ', c.chart_no, c.characteristic, c.characteristic_en, s.supplier_no, s.name, s.name_en, i.item_no, i.name, i.name_en)
  ilike '%' || replace(replace(replace(cast(:q as text), '\', '\\'), '%', '\%'), '_', '\_') || '%')
"""
LIST = text(
    f"{SELECT} where {NAMED} and (cast(:state as text) is null or {STANDS} = :state)"
    " and (cast(:after as text) is null or c.chart_no > :after) order by c.chart_no limit :n"
)
COUNTS = text(f"select {STANDS} as stands, count(*) as n {FROM} where {NAMED} group by 1")
OF_SUBJECT = text(f"{SELECT} where c.subject_id = :subject")
OF_NUMBER = text(f"{SELECT} where c.chart_no = :number")
OF_ALERT = text(f"{SELECT} where c.id = (select h.chart_id from drift_alert h where h.subject_id = :subject)")  # noqa: S608 - our own words
FALSE_ALARMS = text("""
select count(*) as closed, count(*) filter (where decision = 'no_cause') as no_cause, (select count(*) from drift_point) as judged
  from drift_alert where status = 'closed'
""")
POINTS = text("""
select p.seq, l.lot_no as lot, i.inspection_no as inspection, p.value, p.seen, p.rejected, p.high, p.low, p.judged_at, p.limits_id, f.version, f.centre, f.sigma
  from drift_point p join lot l on l.id = p.lot_id join inspection i on i.id = p.inspection_id join drift_limits f on f.id = p.limits_id
 where p.chart_id = :chart order by p.seq desc limit :n
""")
PROPOSED = text("""
select l.centre, l.sigma, l.usual, l.worse, l.rules, l.base, l.left_out, l.basis, l.proposed_at, said(p.name, p.name_en) as proposed_by
  from drift_limits l join person p on p.id = l.proposed_by_id where l.chart_id = :chart and l.status = 'proposed'
""")
ALERTS = text("""
select a.id, a.alert_no as number, b.public_id as subject, a.status, a.decision, a.opened_at, a.closed_at, said(p.name, p.name_en) as closed_by,
       (select coalesce(json_agg(json_build_object('rule', s.rule, 'points', s.points, 'raised_at', s.raised_at) order by s.id), '[]')
          from drift_signal s where s.alert_id = a.id) as evidence
  from drift_alert a join subject b on b.id = a.subject_id left join person p on p.id = a.closed_by_id
 where a.chart_id = :chart and (cast(:subject as bigint) is null or a.subject_id = :subject) order by a.id desc limit :n
""")
SAMPLING = text("""
select w.sampling, w.tightened_at, a.alert_no as alert, b.public_id as subject
  from drift_watch w left join drift_alert a on a.id = w.alert_id left join subject b on b.id = a.subject_id
 where w.supplier_id = :supplier and w.item_id = :item
""")
CHARTS_OF = text(f"{SELECT} where w.supplier_id = :supplier and w.item_id = :item order by c.chart_no")
MOST_POINTS, MOST_ALERTS = 300, 20
STATES = ("alert", "watched", "unlimited")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Charts by number; `next` is the number after which the rest comes, where there is more; `alarms` says how many of the closed were false."""

    items: tuple[Row[Any], ...]
    next: str | None
    counts: Mapping[str, int]
    alarms: Row[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart with its newest lots, the oldest of them first, what is proposed, and its newest alerts with their evidence."""

    head: Row[Any]
    points: tuple[Row[Any], ...]
    proposed: Row[Any] | None
    alerts: tuple[Row[Any], ...]


def page(
    session: Session, *, q: str | None = None, state: str | None = None, after: str | None = None, n: int = 50
) -> Page:
    """The list, narrowed to what has been typed and to a state; three statements, however long it is."""
    ask = session.connection().execute
    rows = ask(LIST, {"q": q, "state": state, "after": after, "n": n + 1}).all()
    counts = {one.stands: one.n for one in ask(COUNTS, {"q": q})}
    following = rows[n - 1].number if len(rows) > n else None
    return Page(items=tuple(rows[:n]), next=following, counts=counts, alarms=ask(FALSE_ALARMS).one())


def of_subject(session: Session, subject: int) -> Chart:
    """The chart of a subject, by its key."""
    return _chart(session, session.connection().execute(OF_SUBJECT, {"subject": subject}).one())


def of_alert(session: Session, subject: int) -> Chart:
    """The chart that an alert is of, with that alert alone."""
    return _chart(session, session.connection().execute(OF_ALERT, {"subject": subject}).one(), subject)


def of_number(session: Session, number: str) -> Chart:
    """The chart of that number; DRF-404 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number}).one_or_none()
    if head is None:
        raise asking.UNKNOWN(number=number[:80])
    return _chart(session, head)


def of_goods(session: Session, supplier: int, item: int) -> tuple[Row[Any], ...]:
    """The charts of an item from a supplier."""
    return tuple(session.connection().execute(CHARTS_OF, {"supplier": supplier, "item": item}).all())


def sampling(session: Session, supplier: int | None, item: int) -> Row[Any] | None:
    """How an item from a supplier is sampled; None where nobody watches it."""
    if supplier is None:
        return None
    return session.connection().execute(SAMPLING, {"supplier": supplier, "item": item}).one_or_none()


def _chart(session: Session, head: Row[Any], alert: int | None = None) -> Chart:
    ask = session.connection().execute
    points = ask(POINTS, {"chart": head.id, "n": MOST_POINTS}).all()
    return Chart(
        head=head,
        points=tuple(reversed(points)),
        proposed=ask(PROPOSED, {"chart": head.id}).one_or_none(),
        alerts=tuple(ask(ALERTS, {"chart": head.id, "subject": alert, "n": MOST_ALERTS}).all()),
    )
