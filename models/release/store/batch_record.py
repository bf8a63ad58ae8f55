"""Builds the batch record from the tables: one statement, however long the history is.

A lot that was split, merged or repacked from others has their evidence up to that moment: the goods are the same.
"""
# ruff: noqa: S608 - the statement is put together from constants of this file

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

from models.genealogy.store.alive import ALIVE
from models.genealogy.store.earlier_numbers import HERITAGE
from models.item.rules import shelf_life
from models.kernel.store.days import DEFAULT_ZONE, RETEST, ZONE
from models.kernel.time.moments import printed
from models.lot.tables import Lot
from models.release.rules import batch_record as parts
from models.release.store import bound as goods
from models.release.store.migrated import MIGRATED, migrated
from models.release.store.values import entered, inspections, optional, plain

UP = f"""
with recursive up (lot_id) as (
  select e.parent_lot_id from genealogy_edge e where e.child_lot_id = :lot and {ALIVE}
  union
  select e.parent_lot_id from up u join genealogy_edge e on e.child_lot_id = u.lot_id where {ALIVE}
)
"""
ANCESTORS = UP + MIGRATED
"""The batch itself and all that went into it, with what an import says of each that it brought."""
LINKS = text(f"""
select e.child_lot_id, e.parent_lot_id from genealogy_edge e
where e.child_lot_id = any(cast(:ids as bigint[])) and {ALIVE}
""")
ISSUES = (
    UP
    + f"""
select l.id, l.lot_no, i.kind, i.number, i.title
from (
  select h.lot_id, 'hold' as kind, to_char(h.placed_at at time zone {ZONE}, 'YYYY-MM-DD') as number, h.reason as title
    from hold h join up on up.lot_id = h.lot_id where h.lifted_at is null and h.lot_id <> :lot
  union all
  select n.lot_id, 'nonconformance', n.nonconformance_no, n.title
    from nonconformance n join up on up.lot_id = n.lot_id where n.status = 'open' and n.lot_id <> :lot
) i
join lot l on l.id = i.lot_id
order by l.lot_no, i.kind, i.number
"""
)
ITEM = """
select i.item_no, i.name, i.implantable, i.shelf_life_months, i.expiry_on_label, i.sterile, i.retest_months
  from item i where i.id = (select item_id from lot where id = :lot)
"""
SUPPLIER = "select s.name from supplier s where s.id = (select supplier_id from lot where id = :lot)"
ORDER = "select w.work_order_no, w.extra from work_order w where w.lot_id in (select lot_id from heritage) order by w.id limit 1"
STEPS = """
select r.seq, r.title_zh, r.title_en, r.qualification, r.environment, r.equipment_kind, r.parameters
from routing_step r join work_order w on w.id = r.work_order_id where w.lot_id in (select lot_id from heritage) order by r.seq
"""
LIFE = """
select d.key, d.version, d.digest from definition_version d join process_run p on p.definition_id = d.id
where p.lot_id = :lot and p.parent_id is null order by p.id limit 1
"""
OPERATIONS = """
select r.id, r.seq, r.run_no, r.code, r.started_at, r.finished_at, r.document, r.document_version,
       p.name as recorded_by, o.code as room, r.recorded_at, r.late_reason
from operation_run r join person p on p.id = r.recorded_by_id left join location o on o.id = r.location_id
join heritage h on h.lot_id = r.lot_id and r.recorded_at <= h.until
order by r.seq, r.run_no, r.id
"""
PARENTS = f"""
select l.lot_no, i.name as item, i.item_no, sum(e.quantity) as quantity, e.uom, l.status, l.expires_on, l.expiry_precision,
       {RETEST} as retest_on, i.shelf_life_months is not null or i.expiry_on_label or i.sterile as expiry_asked, l.origin, exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held,
       max(coalesce(o.finished_at, (
         with recursive told (supersedes_id, at) as (
           select e.supersedes_id, e.at
           union all
           select b.supersedes_id, b.at from genealogy_edge b join told on b.id = told.supersedes_id
         )
         select min(told.at) from told
       ))) as consumed_at
from genealogy_edge e join lot l on l.id = e.parent_lot_id join item i on i.id = l.item_id
left join operation_run o on o.id = e.operation_run_id
join heritage t on t.lot_id = e.child_lot_id and e.at <= t.until
where e.kind not in ('split', 'merge', 'repack') and e.parent_lot_id <> e.child_lot_id and {ALIVE}
group by l.id, i.id, e.uom order by l.lot_no
"""
"""`consumed_at` is the last time: of its operation, else of the link that told of it first (a correction comes later)."""
BALANCE = """
select c.kind, sum(c.quantity) as quantity from stock_movement m cross join lateral (
  -- an adjustment that names an operation is a corrected consumption: more of it, or less
  select case when m.kind = 'adjust' and m.operation_run_id is not null then 'consume' else m.kind end as kind,
         case when m.kind <> 'adjust' then m.quantity
              when m.from_location_id is not null and m.to_location_id is not null then 0
              when (m.to_location_id is null) = (m.operation_run_id is not null) then m.quantity
              else - m.quantity end as quantity) c
 where m.lot_id = :lot group by c.kind
"""
ORDERED = """
select w.quantity, i.tolerance_percent as tolerance,
       (select sum(r.scrapped) from operation_run r where r.work_order_id = w.id) as operation_scrap,
       (select sum(m.quantity) from stock_movement m
         where m.lot_id = :lot and m.kind = 'scrap' and m.operation_run_id is null) as decided_scrap
  from work_order w join item i on i.id = w.item_id join lot l on l.id = w.lot_id
 where w.lot_id = :lot and w.origin = 'native' and w.created_at <= l.created_at order by w.id limit 1
"""
"""The order that made the lot; one under which it was reworked later put nothing new in."""
MATERIALS = f"""
select i.name as item, b.quantity * w.quantity as expected, i.uom, i.tolerance_percent as tolerance,
       (select sum(e.quantity * p.pack_size) from genealogy_edge e join lot p on p.id = e.parent_lot_id
         where e.child_lot_id = :lot and e.kind = 'consume' and p.item_id = i.id and {ALIVE}) as consumed
  from work_order w join lot l on l.id = w.lot_id
  cross join lateral (
    select f.item_no, f.quantity from jsonb_to_recordset(w.extra -> 'bill') f(item_no text, quantity numeric, optional boolean)
     where not f.optional
    union all
    select c.item_no, sum(x.quantity) from bom_line x join item c on c.id = x.component_id
     where not x.optional and x.item_id = w.item_id and not w.extra ? 'bill' group by c.item_no) b
  join item i on i.item_no = b.item_no
 where w.lot_id = :lot and w.origin = 'native' and w.created_at <= l.created_at order by i.item_no
"""
"""By the bill that the order froze; an order from before orders froze theirs has the item's as it stands."""
PEOPLE = """
select op.operation_run_id, p.name, q.code, q.document from operation_person op
join person p on p.id = op.person_id left join qualification q on q.id = op.qualification_id
join operation_run r on r.id = op.operation_run_id where r.lot_id in (select lot_id from heritage) order by op.id
"""
MACHINES = """
select oe.operation_run_id, e.equipment_no, e.name, e.needs_calibration, e.kind, c.due_at from operation_equipment oe
join equipment e on e.id = oe.equipment_id left join calibration c on c.id = oe.calibration_id
join operation_run r on r.id = oe.operation_run_id where r.lot_id in (select lot_id from heritage) order by oe.id
"""
PARAMETERS = """
select op.operation_run_id, op.name, op.value, op.text_value, op.unit, op.lower, op.upper from operation_parameter op
join operation_run r on r.id = op.operation_run_id where r.lot_id in (select lot_id from heritage) order by op.id
"""
READINGS = """
select oe.operation_run_id, v.quantity, v.value, v.told, v.unit, v.lower, v.upper, v.measured_at from operation_environment oe
join environment_reading v on v.id = oe.environment_reading_id
join operation_run r on r.id = oe.operation_run_id where r.lot_id in (select lot_id from heritage) order by oe.id
"""
CONSUMED = f"""
select e.operation_run_id, l.lot_no from genealogy_edge e join lot l on l.id = e.parent_lot_id
where e.child_lot_id in (select lot_id from heritage) and e.operation_run_id is not null and {ALIVE} order by e.id
"""
INSPECTIONS = """
select i.id, i.inspection_no, i.stage, i.revision, i.status, p.name as inspector, i.decided_at,
       case when i.lot_id <> :lot then l.lot_no end as inherited_from
from heritage h join inspection i on i.lot_id = h.lot_id and (h.lot_id = :lot or i.decided_at <= h.until)
join lot l on l.id = i.lot_id left join person p on p.id = i.decided_by_id order by i.id
"""
RESULTS = """
select distinct on (r.inspection_id, r.characteristic_id, r.sample_no)
       r.inspection_id, c.seq, coalesce(c.name_zh, r.name) as name_zh, coalesce(c.name_en, r.name) as name_en,
       c.lower, c.upper, c.unit, r.sample_no, r.value, r.text_value, r.passed, r.recorded_by_id, w.name as recorded_by,
       g.equipment_no, r.measured_at, r.recorded_at, r.late_reason
from inspection_result r left join characteristic c on c.id = r.characteristic_id
left join person w on w.id = r.recorded_by_id left join equipment g on g.id = r.equipment_id
join inspection i on i.id = r.inspection_id where i.lot_id in (select lot_id from heritage)
order by r.inspection_id, r.characteristic_id, r.sample_no, r.id desc
"""
HOLDS = """
select h.reason, h.cause, p.name as placed_by, h.placed_at, h.lifted_at, h.lift_reason
from hold h join person p on p.id = h.placed_by_id where h.lot_id = :lot order by h.id
"""
NONCONFORMANCES = "select nonconformance_no from nonconformance where lot_id = :lot and status = 'open' order by 1"
DEVIATIONS = """
select n.nonconformance_no as number, n.kind, coalesce(n.code, '') as code, coalesce(n.about, '') as about, n.title as zh,
       coalesce(n.title_en, n.title) as en, coalesce(case n.status when 'closed' then n.disposition end, '') as outcome, n.cause, n.decision_reason as reason,
       p.name as decided_by, n.closed_at as decided_at
from heritage h join nonconformance n on n.lot_id = h.lot_id and (h.lot_id = :lot or n.opened_at <= h.until)
left join person p on p.id = n.decided_by_id order by n.id
"""
SITE = "select s.zone from site s order by s.id limit 1"
PACKED = """
select f.data from heritage h join lot_fact f on f.lot_id = h.lot_id and f.at <= h.until
where f.fact = 'lot.packed' order by f.id desc limit 1
"""
CAME_FROM = """
select l.lot_no from lot l where l.id in (select lot_id from heritage) and l.id <> :lot order by l.lot_no
"""
LABEL_DIFFERS = (
    UP
    + """
select l.lot_no, d.value ->> 'what' as what, d.value ->> 'label' as label, d.value ->> 'told' as told,
       f.data ->> 'label_reason' as reason
  from (select lot_id from up union select cast(:lot as bigint)) a join lot_fact f on f.lot_id = a.lot_id
  join lot l on l.id = a.lot_id cross join lateral jsonb_array_elements(f.data -> 'label_differs') with ordinality d
 where f.fact in ('lot.received', 'lot.label_differs') and f.data ? 'label_differs'
 group by 1, 2, 3, 4, 5 order by l.lot_no, min(f.id), min(d.ordinality)
"""
)
"""What the labels of the batch or of anything in it said otherwise, at receipt and at every later act; each once."""


QUESTIONS = {
    "site": SITE,
    "item": ITEM,
    "supplier": SUPPLIER,
    "order": ORDER,
    "steps": STEPS,
    "life": LIFE,
    "operations": OPERATIONS,
    "people": PEOPLE,
    "machines": MACHINES,
    "parameters": PARAMETERS,
    "readings": READINGS,
    "consumed": CONSUMED,
    "parents": PARENTS,
    "ancestors": ANCESTORS,
    "issues": ISSUES,
    "inspections": INSPECTIONS,
    "results": RESULTS,
    "holds": HOLDS,
    "parts": goods.PARTS,
    "nonconformances": NONCONFORMANCES,
    "deviations": DEVIATIONS,
    "packed": PACKED,
    "balance": BALANCE,
    "ordered": ORDERED,
    "materials": MATERIALS,
    "came_from": CAME_FROM,
    "label_differs": LABEL_DIFFERS,
}
RECORD = text(
    HERITAGE
    + "select "
    + ", ".join(
        f"(select coalesce(json_agg(to_json(x)), '[]')::text from ({question}) x) as {name}"
        for name, question in QUESTIONS.items()
    )
)
"""All of it in one statement: a record is read in one moment and costs one round trip."""

Answers = dict[str, list[SimpleNamespace]]


def build(session: Session, lot: Lot) -> parts.BatchRecord:
    """The batch record of a lot as it stands now."""
    row = session.connection().execute(RECORD, {"lot": lot.id}).one()
    answers: Answers = {name: _rows(text_) for name, text_ in row._mapping.items()}  # noqa: SLF001 - Row's documented mapping
    item = answers["item"][0]
    supplier, order, life, packed, site = (
        _first(answers[one]) for one in ("supplier", "order", "life", "packed", "site")
    )
    issues = answers["issues"]
    on, ids = goods.bound(session, lot.id), [one.lot_id for one in answers["ancestors"] if one.lot_id != lot.id]
    depth = _depths(lot.id, session.connection().execute(LINKS, {"ids": [lot.id, *ids]}).all()) if issues or on else {}
    return parts.BatchRecord(
        lot_no=lot.lot_no,
        item_no=item.item_no,
        item=item.name,
        kind=lot.kind,
        quantity=plain(lot.quantity),
        uom=lot.uom,
        status=lot.status,
        expires_on=lot.expires_on,
        expiry_precision=lot.expiry_precision,
        shelf_life=_shelf_life(lot, item),
        manufactured_on=printed(lot.manufactured_on, lot.made_precision),
        supplier=supplier.name if supplier else None,
        supplier_lot_no=lot.supplier_lot_no,
        work_order=order.work_order_no if order else None,
        definition=f"{life.key} v{life.version} {life.digest[:16]}" if life else "",
        planned=tuple(str(step.seq) for step in answers["steps"]),
        operations=_operations(answers),
        parents=tuple(
            parts.Parent(
                lot_no=one.lot_no,
                item=one.item,
                quantity=optional(one.quantity),
                uom=one.uom,
                # a parent that is used up since is as good as released: it must not void a signature
                status="released" if one.status == "closed" else one.status,
                held=one.held,
                expires_on=one.expires_on,
                expiry_precision=one.expiry_precision,
                consumed_at=one.consumed_at,
                origin=one.origin,
                item_no=one.item_no,
                expiry_asked=one.expiry_asked,
                retest_on=printed(one.retest_on),
            )
            for one in answers["parents"]
        ),
        ancestors=len(ids),
        ancestor_issues=goods.issues(issues, depth),
        inspections=inspections(answers),
        holds=tuple(parts.HoldPart(**vars(one)) for one in answers["holds"]),
        parts=tuple(parts.HeldAt(**vars(one)) for one in answers["parts"]),
        nonconformances=tuple(one.nonconformance_no for one in answers["nonconformances"]),
        labels=_labels(packed.data.labels) if packed else None,
        balance=_balance(answers["balance"], _first(answers["ordered"]), packed.data if packed else None),
        materials=tuple(
            parts.MaterialUse(
                item=one.item,
                expected=_counted(one.expected),
                consumed=_counted(one.consumed),
                uom=one.uom,
                tolerance=_counted(one.tolerance),
            )
            for one in answers["materials"]
        ),
        zone=site.zone if site and site.zone else DEFAULT_ZONE,
        came_from=tuple(one.lot_no for one in answers["came_from"]),
        implantable=item.implantable is not False,  # not decided counts as one
        bill=_bill(order),
        deviations=tuple(parts.Deviation(**vars(one)) for one in answers["deviations"]),
        label_differs=tuple(parts.LabelDiffers(**vars(one)) for one in answers["label_differs"]),
        migrated=migrated(answers["ancestors"]),
        bound=goods.said(on, depth),
    )


def _bill(order: SimpleNamespace | None) -> tuple[parts.BillLine, ...] | None:
    """The order's frozen bill; none for a batch without an order or from before orders froze it."""
    lines = getattr(order.extra, "bill", None) if order is not None else None
    if lines is None:
        return None
    return tuple(
        parts.BillLine(item_no=one.item_no, quantity=Decimal(one.quantity), optional=one.optional) for one in lines
    )


def _rows(text_: str) -> list[SimpleNamespace]:
    """The rows of one question; numbers stay exact."""
    rows: list[SimpleNamespace] = json.loads(
        text_, parse_float=Decimal, object_hook=lambda values: SimpleNamespace(**values)
    )
    return rows


def _first(rows: list[SimpleNamespace]) -> SimpleNamespace | None:
    return rows[0] if rows else None


def _depths(lot_id: int, links: Sequence[Row[Any]]) -> dict[int, int]:
    """How many steps up each ancestor lies, by breadth-first search over the closure's own links."""
    up: dict[int, list[int]] = defaultdict(list)
    for link in links:
        up[link.child_lot_id].append(link.parent_lot_id)
    depth, level, here = {lot_id: 0}, 0, [lot_id]
    while here:
        level += 1
        here = [parent for child in here for parent in up[child] if depth.setdefault(parent, level) == level]
        here = list(dict.fromkeys(here))
    return depth


def _operations(answers: Answers) -> tuple[parts.Operation, ...]:
    planned = {step.seq: step for step in answers["steps"]}
    people, machines, parameters, readings, consumed = (
        _by_run(answers[name]) for name in ("people", "machines", "parameters", "readings", "consumed")
    )
    made = []
    for run in answers["operations"]:
        step = planned.get(run.seq)
        needed = step.qualification if step else None
        english = {what: _english(step, what) for what in ("parameters", "readings")}
        made.append(
            parts.Operation(
                seq=run.seq,
                run_no=run.run_no,
                code=run.code,
                title_zh=step.title_zh if step else run.code,
                title_en=step.title_en if step else run.code,
                started_at=run.started_at,
                finished_at=run.finished_at,
                people=tuple(
                    parts.Person(name=row.name, needed=needed, qualification=row.document or row.code)
                    for row in people[run.id]
                ),
                machines=tuple(
                    parts.Machine(
                        equipment_no=row.equipment_no,
                        name=row.name,
                        due_at=row.due_at,
                        needs_calibration=row.needs_calibration,
                        kind=row.kind,
                    )
                    for row in machines[run.id]
                ),
                parameters=tuple(
                    parts.Parameter(
                        name=row.name,
                        value=None if row.value is None else entered(row.value, row.text_value),
                        text=None if row.value is not None else row.text_value,
                        unit=row.unit,
                        lower=optional(row.lower),
                        upper=optional(row.upper),
                        name_en=english["parameters"].get(row.name),
                    )
                    for row in parameters[run.id]
                ),
                readings=tuple(
                    parts.Reading(
                        quantity=row.quantity,
                        value=entered(row.value, row.told),
                        unit=row.unit,
                        lower=optional(row.lower),
                        upper=optional(row.upper),
                        measured_at=row.measured_at,
                        name_en=english["readings"].get(row.quantity),
                    )
                    for row in readings[run.id]
                ),
                document=run.document,
                document_version=run.document_version,
                environment_needed=step.environment if step else False,
                consumed=tuple(row.lot_no for row in consumed[run.id]),
                recorded_by=run.recorded_by,
                room=run.room,
                equipment_kind=step.equipment_kind if step else None,
                asked_room=getattr(step.parameters, "room", None) if step else None,
                asked_parameters=_asked(step, "parameters"),
                asked_readings=_asked(step, "readings"),
                asked_english=tuple(one for names in english.values() for one in names.items()),
                late=parts.LateEntry(recorded_at=run.recorded_at, reason=run.late_reason) if run.late_reason else None,
            )
        )
    return tuple(made)


def _shelf_life(lot: Lot, item: SimpleNamespace) -> parts.ShelfLife | None:
    """What the master says of the batch's dates; nothing where it says nothing."""
    master = shelf_life.Master(
        item.item_no, item.shelf_life_months, item.expiry_on_label, item.sterile, item.retest_months
    )
    if not (master.expires or lot.expiry_reason or lot.retest_on):
        return None
    right = shelf_life.computed(master, lot.manufactured_on)
    return parts.ShelfLife(
        asked=master.expires,
        months=master.months,
        computed=right.on if right else None,
        reason=lot.expiry_reason,
        retest_on=printed(lot.retest_on, lot.retest_precision),
    )


def _asked(step: SimpleNamespace | None, what: str) -> tuple[str, ...]:
    """The names of the parameters or readings that the frozen step asks for."""
    return tuple(one.name for one in getattr(step.parameters, what, ())) if step else ()


def _english(step: SimpleNamespace | None, what: str) -> dict[str, str]:
    """What they are called in English, where the step says so."""
    asked = getattr(step.parameters, what, ()) if step else ()
    return {one.name: one.name_en for one in asked if getattr(one, "name_en", None)}


def _by_run(rows: Iterable[SimpleNamespace]) -> dict[int, list[SimpleNamespace]]:
    grouped: dict[int, list[SimpleNamespace]] = defaultdict(list)
    for row in rows:
        grouped[row.operation_run_id].append(row)
    return grouped


def _counted(value: Any) -> Decimal:
    """A figure of the record, 0 where it has none."""
    return plain(Decimal(str(value or 0)))


def _labels(said: SimpleNamespace) -> parts.Labels:
    """The labels as they were counted; what was counted before a difference could be written down has none."""
    known = vars(said)
    difference = known.get("difference")
    return parts.Labels(
        **{name: known.get(name, 0) for name in ("printed", "applied", "scrapped", "samples", "left")},
        difference=None if difference is None else Decimal(str(difference)),
    )


def _balance(
    rows: Sequence[SimpleNamespace], order: SimpleNamespace | None, packed: SimpleNamespace | None
) -> parts.Balance:
    moved = defaultdict(Decimal, {row.kind: row.quantity for row in rows})
    made = moved["receive"] + moved["produce"] + moved["reshape-in"]
    gone = moved["consume"] + moved["scrap"] + moved["sample"] + moved["ship"] - moved["return"] + moved["reshape-out"]
    return parts.Balance(
        made=plain(made),
        stock=plain(made + moved["adjust"] - gone),
        consumed=plain(moved["consume"]),
        shipped=plain(moved["ship"] - moved["return"]),
        scrapped=plain(moved["scrap"]),
        samples=plain(moved["sample"]),
        reshaped=plain(moved["reshape-out"]),
        ordered=None if order is None else _counted(order.quantity),
        operation_scrap=_counted(order.operation_scrap) if order else Decimal(0),
        decided_scrap=_counted(order.decided_scrap) if order else Decimal(0),
        missing=_counted(vars(packed).get("missing")) if packed else Decimal(0),
        tolerance=_counted(order.tolerance) if order else Decimal(0),
    )
