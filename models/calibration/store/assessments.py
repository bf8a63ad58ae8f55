"""The assessment of what was measured or made with equipment out of tolerance: found and frozen, decided result by result, closed (ISO 13485 7.6; REQUIREMENTS 65)."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.calibration import rules
from models.calibration.rules import Fate, Kept
from models.calibration.store import calibrations
from models.calibration.tables import OutOfTolerance
from models.definition.condition import Scalar
from models.equipment.tables import Calibration, Equipment, EquipmentBlock
from models.hold.rules import Scope
from models.hold.store import placing
from models.kernel.time.moments import plant_day
from models.lot.rules.lot import LotStatus
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import rules as nonconformance_rules
from models.nonconformance import store as nonconformances
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs, signing

NUMBERED = "out_of_tolerance"
OPENED, DECIDED, CLOSED = "out_of_tolerance.opened", "out_of_tolerance.decided", "out_of_tolerance.closed"
UNDECIDED = "out_of_tolerance.undecided"
INSTRUMENTS = text("""
select e.equipment_no as number, e.name, coalesce(e.name_en, e.name) as name_en, b.because, b.doubted_since as since, b.doubted_until as until
  from equipment_block b join equipment e on e.id = b.equipment_id where b.calibration_id = :calibration order by e.equipment_no
""")
MEASURED = text("""
select r.id as result_id, r.equipment_id, i.lot_id, l.lot_no, i.inspection_no, coalesce(c.name_zh, r.name, '–') as characteristic,
       coalesce(c.name_en, r.name) as characteristic_en, r.sample_no, r.value, r.text_value as told, c.unit, r.passed,
       coalesce(r.measured_at, r.recorded_at) as measured_at, e.equipment_no
  from equipment_block b join equipment e on e.id = b.equipment_id join inspection_result r on r.equipment_id = b.equipment_id
  join inspection i on i.id = r.inspection_id join lot l on l.id = i.lot_id left join characteristic c on c.id = r.characteristic_id
 where b.calibration_id = :calibration and coalesce(r.measured_at, r.recorded_at) >= coalesce(b.doubted_since, '-infinity')
   and coalesce(r.measured_at, r.recorded_at) <= b.doubted_until
 order by l.lot_no, i.inspection_no, r.id
""")
WORKED = text("""
select r.id as operation_run_id, u.equipment_id, r.lot_id, l.lot_no, w.work_order_no, coalesce(s.title_zh, r.code) as characteristic,
       coalesce(s.title_en, s.title_zh, r.code) as characteristic_en, r.run_no as sample_no, r.started_at as began_at, r.finished_at as measured_at,
       e.equipment_no,
       (select string_agg(concat_ws(' ', p.name, coalesce(p.text_value, trim_scale(p.value)::text), p.unit), '; ' order by p.id)
          from operation_parameter p where p.operation_run_id = r.id) as told
  from equipment_block b join equipment e on e.id = b.equipment_id join operation_equipment u on u.equipment_id = b.equipment_id
  join operation_run r on r.id = u.operation_run_id join lot l on l.id = r.lot_id join work_order w on w.id = r.work_order_id
  left join routing_step s on (s.work_order_id, s.seq) = (r.work_order_id, r.seq)
 where b.calibration_id = :calibration and r.finished_at >= coalesce(b.doubted_since, '-infinity') and r.started_at <= b.doubted_until
 order by l.lot_no, r.id, e.equipment_no
""")
"""Operations of which some moment lies in the time in doubt."""
LOTS = text("""
select l.id, l.lot_no, i.item_no, i.name as item, coalesce(i.name_en, i.name) as item_en, trim_scale(l.quantity)::text as quantity, l.uom, l.status,
       array(select x.lot_no from unnest(lots_below(array[l.id])) b (id) join lot x on x.id = b.id where x.id <> l.id order by x.lot_no) as made
  from lot l join item i on i.id = l.item_id where l.id = any(cast(:ids as bigint[])) order by l.lot_no
""")
CUSTOMERS = text("""
select c.customer_no, c.name, coalesce(c.name_en, c.name) as name_en, l.lot_no, h.shipment_no, trim_scale(sum(n.quantity - n.returned))::text as quantity,
       l.uom
  from unnest(lots_below(cast(:ids as bigint[]))) b (id) join lot l on l.id = b.id join shipment_line n on n.lot_id = l.id
  join shipment h on h.id = n.shipment_id join customer c on c.id = h.customer_id
 where h.status in ('shipped', 'arrived')
 group by c.customer_no, c.name, c.name_en, l.lot_no, h.shipment_no, l.uom order by c.customer_no, l.lot_no, h.shipment_no
""")
KEEP = text("""
insert into out_of_tolerance_result (assessment_id, seq, result_id, operation_run_id, equipment_id, lot_id, inspection_no, characteristic,
                                     characteristic_en, sample_no, value, told, unit, passed, began_at, measured_at)
select :assessment, x.seq, x.result_id, x.operation_run_id, x.equipment_id, x.lot_id, x.inspection_no, x.characteristic, x.characteristic_en,
       x.sample_no, x.value, x.told, x.unit, x.passed, x.began_at, x.measured_at
  from jsonb_to_recordset(cast(:rows as jsonb)) x (seq integer, result_id bigint, operation_run_id bigint, equipment_id bigint, lot_id bigint,
       inspection_no text, characteristic text, characteristic_en text, sample_no integer, value numeric, told text, unit text, passed boolean,
       began_at timestamptz, measured_at timestamptz)
 order by x.seq
""")
KEPT = text("""
select r.seq, l.lot_no, r.lot_id, r.decision from out_of_tolerance_result r join lot l on l.id = r.lot_id
 where r.assessment_id = :assessment order by r.seq
""")
DECIDE = text("""
update out_of_tolerance_result set decision = :fate, decided_at = :now, decided_by_id = :person, reason = :reason,
       nonconformance_id = (cast(:findings as jsonb) ->> lot_id::text)::bigint
 where assessment_id = :assessment and seq = any(cast(:seqs as integer[])) and decided_at is null returning seq
""")
OF_CALIBRATION = text(
    "select equipment_id from equipment_block where calibration_id = :calibration and lifted_at is null"
)


def lock(session: Session, key: int) -> OutOfTolerance:
    """The row of a subject, locked against everybody else."""
    query = select(OutOfTolerance).where(OutOfTolerance.subject_id == key)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def make(session: Session, fact: str, about: Any, values: Mapping[str, Scalar], now: datetime) -> OutOfTolerance:
    """Open the assessment of the calibration that the fact tells of, with all that was measured, made of it and shipped, as it stands now."""
    del fact
    machine: Equipment = about
    query = (
        select(Calibration)
        .join(EquipmentBlock, col(EquipmentBlock.calibration_id) == col(Calibration.id))
        .where(Calibration.equipment_id == machine.id)
        .order_by(col(Calibration.id).desc())
    )
    calibration = session.exec(query.limit(1)).one()
    ask = session.connection().execute
    measured = [dict(one) for one in ask(MEASURED, {"calibration": calibration.id}).mappings()]
    worked = [dict(one) for one in ask(WORKED, {"calibration": calibration.id}).mappings()]
    rows = [one | {"seq": seq} for seq, one in enumerate([*measured, *worked], start=1)]
    evidence = _evidence(session, calibration.id, sorted({one["lot_id"] for one in rows}))
    operations = len({one["operation_run_id"] for one in worked})
    evidence["counts"] = {"results": len(measured), "operations": operations, **evidence["counts"]}
    kept = signing.canonical({**evidence, "results": [_line(one) for one in rows]})
    year = plant_day(now, lots.site_zone(session)).year
    name = machine.name_en or machine.name
    by_standard = values.get("because") == "standard"
    row = OutOfTolerance(
        assessment_no=f"OOT-{year}-{numbering.take(session, NUMBERED, year=year):04d}",
        title=f"{machine.name} {machine.equipment_no} {'所用标准器失效' if by_standard else '校准超差'}",
        title_en=f"{name} {machine.equipment_no} {'calibrated by a bad standard' if by_standard else 'out of tolerance'}",
        equipment_id=machine.id,
        calibration_id=calibration.id,
        results=len(rows),
        digest=signing.digest(kept),
        opened_at=now,
        **evidence,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    if rows:
        ask(KEEP, {"assessment": row.id, "rows": json.dumps([_row(one) for one in rows])})
    told = {"number": row.assessment_no, "equipment": machine.equipment_no, **row.counts}
    facts.tell(session, row, OPENED, runs.NOBODY, now, told, once=row.assessment_no, held=True)
    return row


def _evidence(session: Session, calibration: int, ids: Collection[int]) -> dict[str, Any]:
    """The instruments, the batches with what was made of them, and who got any of it; how many of each."""
    ask = session.connection().execute
    instruments = [
        {**one, "since": one["since"].isoformat() if one["since"] else None, "until": one["until"].isoformat()}
        for one in map(dict, ask(INSTRUMENTS, {"calibration": calibration}).mappings())
    ]
    batches = [
        {key: value for key, value in one.items() if key != "id"} for one in ask(LOTS, {"ids": list(ids)}).mappings()
    ]
    shipped: dict[str, dict[str, Any]] = {}
    for one in ask(CUSTOMERS, {"ids": list(ids)}):
        named = {"customer_no": one.customer_no, "name": one.name, "name_en": one.name_en, "lots": []}
        shipped.setdefault(one.customer_no, named)["lots"].append(
            {"lot_no": one.lot_no, "shipment_no": one.shipment_no, "quantity": one.quantity, "uom": one.uom}
        )
    customers = list(shipped.values())
    counts = {
        "lots": len(batches),
        "made": len({made for one in batches for made in one["made"]} - {one["lot_no"] for one in batches}),
        "customers": len(customers),
        "instruments": len(instruments),
    }
    return {"instruments": instruments, "lots": batches, "customers": customers, "counts": counts}


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in one.items() if key not in {"lot_no", "equipment_no", "work_order_no"}}
    for key in {"began_at", "measured_at"} & kept.keys():
        kept[key] = one[key].isoformat()
    return kept | {"value": None if one.get("value") is None else f"{one['value']:f}"}


def _line(one: Mapping[str, Any]) -> list[Any]:
    """A result, or an operation, as a signature is over it."""
    if "operation_run_id" in one:
        return [
            one["seq"], one["lot_no"], one["work_order_no"], one["characteristic"], one["sample_no"], one["told"] or "",
            one["began_at"].isoformat(), one["measured_at"].isoformat(), one["equipment_no"],
        ]  # fmt: skip
    value = one["told"] or ("" if one["value"] is None else f"{one['value'].normalize():f}")
    return [
        one["seq"], one["lot_no"], one["inspection_no"], one["characteristic"], one["sample_no"], value, one["unit"] or "", one["passed"],
        one["measured_at"].isoformat(), one["equipment_no"],
    ]  # fmt: skip


def kept(session: Session, row: OutOfTolerance) -> list[Kept]:
    """Its results with what was decided."""
    return [
        Kept(one.seq, one.lot_no, one.decision) for one in session.connection().execute(KEPT, {"assessment": row.id})
    ]


def undecided(session: Session, row: OutOfTolerance) -> int:
    """How many nobody has decided on."""
    return sum(one.decision is None for one in kept(session, row))


def decide(
    session: Session, row: OutOfTolerance, fates: Mapping[int, Fate], reason: str, run: int, by: By, now: datetime
) -> dict[str, Any]:
    """Say what becomes of results: their batches are held where they may be used, and get a nonconformance where that is said."""
    if row.status != "open":
        raise rules.OVER(number=row.assessment_no)
    known = {one.seq: one for one in session.connection().execute(KEPT, {"assessment": row.id})}
    batches: dict[Fate, dict[int, list[int]]] = {fate: defaultdict(list) for fate in Fate}
    for seq, fate in fates.items():
        batches[fate][known[seq].lot_id].append(seq)
    locked = {
        key: lots.lock_by_key(session, key) for key in sorted({key for fate in rules.HELD for key in batches[fate]})
    }
    findings = {
        key: _finding(session, row, locked[key], seqs, by, now)
        for key, seqs in sorted(batches[Fate.NONCONFORMANCE].items())
    }
    _hold(session, row, [lot for lot in locked.values() if lot.status not in _GONE], by, now)
    done = 0
    for fate in Fate:
        seqs = [seq for seq, said in fates.items() if said is fate]
        mine = findings if fate is Fate.NONCONFORMANCE else {}
        given = {
            "assessment": row.id, "seqs": seqs, "fate": fate.value, "now": now, "person": by.person_id, "reason": reason,
            "findings": json.dumps({str(key): one for key, one in mine.items()}),
        }  # fmt: skip
        done += len(session.connection().execute(DECIDE, given).all())
    if done < len(fates):
        raise rules.DECIDED(number=row.assessment_no, seq=min(fates))
    left = undecided(session, row)
    told = {"number": row.assessment_no, "decided": done, "left": left, "findings": len(findings)}
    facts.tell(session, row, DECIDED, by, now, told, run=run, held=True)
    return {
        "number": row.assessment_no,
        "decided": done,
        "findings": len(findings),
        "held": len(locked),
        UNDECIDED: left,
    }


_GONE = (LotStatus.REJECTED, LotStatus.CLOSED)


def _finding(session: Session, row: OutOfTolerance, lot: Lot, seqs: Collection[int], by: By, now: datetime) -> int:
    said = rules.spans(seqs)
    found = nonconformance_rules.Finding(
        code="OOT",
        about=f"{row.assessment_no}/{min(seqs)}",
        zh=f"{row.assessment_no}：测量或加工所用设备超差（编号 {said}）",
        en=f"{row.assessment_no}: measured or made with equipment out of tolerance (numbers {said})",
        kind="nonconformance",
    )
    return nonconformances.open_deviation(session, lot, found, by, now, source="equipment").id


def _hold(session: Session, row: OutOfTolerance, named: Collection[Lot], by: By, now: datetime) -> None:
    """Batches, with everything made of them, aren't used or shipped until somebody lifts it."""
    if named:
        placing.place(session, named, Scope.PARTS, reason=f"{row.assessment_no} {row.title}", by=by, now=now)


def close(session: Session, row: OutOfTolerance, run: int, by: By, now: datetime) -> dict[str, Any]:
    """It is closed; an instrument that has passed a calibration since is free again."""
    if row.status != "open":
        raise rules.OVER(number=row.assessment_no)
    rules.check_closing(row.assessment_no, undecided(session, row))
    row.status, row.closed_at = "closed", now
    session.add(row)
    session.flush()
    of = list(session.connection().execute(OF_CALIBRATION, {"calibration": row.calibration_id}).scalars())
    freed = calibrations.free(session, of, by, now)
    told = {"number": row.assessment_no, "freed": len(freed)}
    facts.tell(session, row, CLOSED, by, now, told, once=row.assessment_no, run=run, held=True)
    return {"number": row.assessment_no, "freed": len(freed)}
