"""What is planned in each round, fixed by a signature, and measured by itself when its day has come (ISO 13485 8.5.2 f))."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.capa import rules
from models.capa.rules import Criterion, Measure, Result, Span
from models.capa.tables import Capa, CapaMeasurement, CapaPlan
from models.inspection.tables import Characteristic
from models.item.tables import Item
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.partner.tables import Supplier
from models.process.messages.process import By

_GOODS = """
   and (cast(:item as bigint) is null or l.item_id = :item) and (cast(:supplier as bigint) is null or l.supplier_id = :supplier)
"""
FINDINGS = text("""
select n.nonconformance_no
  from nonconformance n left join lot l on l.id = n.lot_id
 where n.opened_at >= :since and n.opened_at < :until and coalesce(n.disposition, '') <> 'unfounded'
   and (cast(:item as bigint) is null or coalesce(l.item_id, n.item_id) = :item)
   and (cast(:supplier as bigint) is null or coalesce(l.supplier_id, n.supplier_id) = :supplier)
 order by n.id
""")
INSPECTIONS = text(f"""
select i.inspection_no, i.status = 'failed' as failed
  from inspection i join lot l on l.id = i.lot_id
 where i.decided_at >= :since and i.decided_at < :until {_GOODS}
 order by i.id
""")  # noqa: S608 - our own words
VALUES = text(f"""
select v.value from (
  select distinct on (r.inspection_id, r.characteristic_id, r.sample_no) r.value
    from inspection_result r join inspection i on i.id = r.inspection_id join lot l on l.id = i.lot_id
    join characteristic c on c.id = r.characteristic_id
   where r.recorded_at >= :since and r.recorded_at < :until and (c.name_zh = :characteristic or c.name_en = :characteristic) {_GOODS}
   order by r.inspection_id, r.characteristic_id, r.sample_no, r.id desc) v
 where v.value is not null
""")  # noqa: S608 - our own words
"""The value of each sample as it stands: of a corrected one the last."""


def last(session: Session, capa: Capa, *, fixed: bool | None = None) -> CapaPlan | None:
    """The plan of the newest round, of those that are fixed (or are not) where that is asked."""
    query = select(CapaPlan).where(CapaPlan.capa_id == capa.id).order_by(col(CapaPlan.round).desc())
    if fixed is not None:
        query = query.where(col(CapaPlan.fixed_at).is_not(None) == fixed)
    return session.exec(query.limit(1)).first()


def measurement(session: Session, plan: CapaPlan) -> CapaMeasurement | None:
    """What was measured of it, once it was."""
    return session.exec(select(CapaMeasurement).where(CapaMeasurement.plan_id == plan.id)).first()


def read(session: Session, form: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The plan as the form says it, checked; the columns of its row."""
    actions = [(str(one["title"]), date.fromisoformat(one["due"])) for one in form.get("actions") or ()]
    criterion = Criterion(
        measure=Measure(form["measure"]),
        direction=form["direction"],
        limit=Decimal(str(form["limit"])),
        least=int(form.get("least") or 1),
    )
    measured_on = date.fromisoformat(form["measure_on"])
    rules.check_plan(criterion, measured_on, actions, plant_day(now, lots.site_zone(session)))
    return {
        "actions": list(form["actions"]),
        "measure": criterion.measure.value,
        "direction": criterion.direction,
        "limit_value": criterion.limit,
        "least": criterion.least,
        "item_id": _key(session, Item, Item.item_no, form.get("item"), "物料", "item"),
        "supplier_id": _key(session, Supplier, Supplier.supplier_no, form.get("supplier"), "供应商", "supplier"),
        "characteristic": _characteristic(session, criterion.measure, form.get("characteristic")),
        "measure_on": measured_on,
    }


def _key(session: Session, table: Any, number: Any, said: Any, zh: str, en: str) -> int | None:
    if not said:
        return None
    found = session.exec(select(table.id).where(number == said)).first()
    if found is None:
        raise rules.NO_ITEM(zh=zh, en=en, number=str(said)[:80])
    return int(found)


def _characteristic(session: Session, measure: Measure, said: Any) -> str | None:
    if measure is not Measure.MEAN:
        return None
    name = str(said or "").strip()
    known = select(Characteristic.id).where((Characteristic.name_zh == name) | (Characteristic.name_en == name))
    if not name or session.exec(known.limit(1)).first() is None:
        raise rules.NO_CHARACTERISTIC(name=name[:80])
    return name


def plan(session: Session, capa: Capa, form: Mapping[str, Any], by: By, now: datetime) -> dict[str, Any]:
    """Write the plan down; one that was sent back is written again, one that is fixed is followed by a new round."""
    said = read(session, form, now)
    row = last(session, capa)
    if row is None or row.fixed_at is not None:
        row = CapaPlan(capa_id=capa.id, round=row.round + 1 if row else 1)
    for name, value in said.items():
        setattr(row, name, value)
    row.planned_by_id, row.planned_at = by.person_id, now
    session.add(row)
    session.flush()
    return {"round": row.round}


def fix(session: Session, capa: Capa, by: By, now: datetime) -> dict[str, Any]:
    """The signature fixes plan and criterion: from here on neither changes."""
    row = last(session, capa)
    if row is None or row.fixed_at is not None:
        raise rules.FIXED(number=capa.capa_no)
    row.fixed_by_id, row.fixed_at = by.person_id, now
    session.add(row)
    session.flush()
    return {"round": row.round, "measure_on": row.measure_on.isoformat()}


def verified(session: Session, capa: Capa, now: datetime) -> dict[str, Any]:
    """The actions were verified: what happens from now on shows whether they help."""
    row = last(session, capa, fixed=True)
    if row is None:
        raise rules.NOT_PROVEN(number=capa.capa_no)
    row.verified_at = row.verified_at or now
    session.add(row)
    session.flush()
    return {"round": row.round}


def measure(session: Session, capa: Capa, now: datetime) -> CapaMeasurement:
    """Measure what the plan of this round says, by what it says, once; asked again it is the same answer."""
    row = last(session, capa, fixed=True)
    if row is None or row.verified_at is None:
        raise rules.NOT_PROVEN(number=capa.capa_no)
    known = measurement(session, row)
    if known is not None:
        return known
    span = Span(since=row.verified_at, until=now)
    value, observed, behind = _look(session, row, span)
    criterion = Criterion(
        measure=Measure(row.measure),
        direction="at_most" if row.direction == "at_most" else "at_least",
        limit=row.limit_value,
        least=row.least,
    )
    found = CapaMeasurement(
        plan_id=row.id,
        since=span.since,
        until=span.until,
        value=value,
        observed=observed,
        behind=behind,
        result=rules.judge(criterion, value, observed).value,
        measured_at=now,
    )
    session.add(found)
    session.flush()
    return found


def _look(session: Session, row: CapaPlan, span: Span) -> tuple[Decimal | None, int, list[str]]:
    """The value, of how many, and the numbers of what counts against it."""
    asked = {"item": row.item_id, "supplier": row.supplier_id, "since": span.since, "until": span.until}
    ask = session.connection().execute
    match Measure(row.measure):
        case Measure.FINDINGS:
            numbers = list(ask(FINDINGS, asked).scalars())
            return Decimal(len(numbers)), len(numbers), numbers
        case Measure.FAILED_SHARE:
            rows = ask(INSPECTIONS, asked).all()
            failed = [one.inspection_no for one in rows if one.failed]
            return rules.share(len(failed), len(rows)), len(rows), failed
        case Measure.MEAN:
            values = list(ask(VALUES, {**asked, "characteristic": row.characteristic}).scalars())
            return rules.mean(values), len(values), []


def rounds(session: Session, capa: Capa) -> list[dict[str, Any]]:
    """Every round with what was measured of it, as the signature at the end is over it."""
    found = session.exec(select(CapaPlan).where(CapaPlan.capa_id == capa.id).order_by(col(CapaPlan.round))).all()
    return [{**_said(session, one), "measured": _measured(measurement(session, one))} for one in found]


def _said(session: Session, row: CapaPlan) -> dict[str, Any]:
    item = session.get_one(Item, row.item_id) if row.item_id is not None else None
    supplier = session.get_one(Supplier, row.supplier_id) if row.supplier_id is not None else None
    return {
        "round": row.round,
        "actions": row.actions,
        "measure": row.measure,
        "direction": row.direction,
        "limit": f"{row.limit_value.normalize():f}",
        "least": row.least,
        "item": item.item_no if item else "",
        "supplier": supplier.supplier_no if supplier else "",
        "characteristic": row.characteristic or "",
        "measure_on": row.measure_on.isoformat(),
    }


def _measured(found: CapaMeasurement | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "value": f"{found.value.normalize():f}" if found.value is not None else "",
        "observed": found.observed,
        "behind": found.behind,
        "result": found.result,
    }


def proven(session: Session, capa: Capa) -> bool:
    """Whether the plan of the newest round was shown to be effective."""
    row = last(session, capa)
    found = measurement(session, row) if row is not None else None
    return found is not None and found.result == Result.EFFECTIVE
