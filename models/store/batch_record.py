"""Builds the batch record from the tables: a fixed number of statements, however long the history is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session, col, select

from models.rules import batch_record as parts
from models.store import effects
from models.tables.items import Item
from models.tables.lots import Lot
from models.tables.partners import Supplier
from models.tables.processes import DefinitionVersion, ProcessRun
from models.tables.production import OperationRun, RoutingStep, WorkOrder

ANCESTORS = text("""
with recursive up (lot_id) as (
  select e.parent_lot_id from genealogy_edge e where e.child_lot_id = :lot
  union
  select e.parent_lot_id from up u join genealogy_edge e on e.child_lot_id = u.lot_id
)
select lot_id from up where lot_id <> :lot
""")
LINKS = text("""
select e.child_lot_id, e.parent_lot_id from genealogy_edge e where e.child_lot_id = any(cast(:ids as bigint[]))
""")
ISSUES = text("""
select l.id, l.lot_no, i.kind, i.number, i.title
from (
  select h.lot_id, 'hold' as kind, to_char(h.placed_at, 'YYYY-MM-DD') as number, h.reason as title
    from hold h where h.lifted_at is null and h.lot_id = any(cast(:ids as bigint[]))
  union all
  select n.lot_id, 'nonconformance', n.nonconformance_no, n.title
    from nonconformance n where n.status = 'open' and n.lot_id = any(cast(:ids as bigint[]))
) i
join lot l on l.id = i.lot_id
order by l.lot_no, i.kind, i.number
""")
PARENTS = text("""
select l.lot_no, i.name as item, sum(e.quantity) as quantity, e.uom, l.status, l.expires_on, l.origin,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null) as held
from genealogy_edge e join lot l on l.id = e.parent_lot_id join item i on i.id = l.item_id
where e.child_lot_id = :lot and e.parent_lot_id <> :lot
  and not exists (select from genealogy_edge s where s.supersedes_id = e.id)
group by l.id, i.name, e.uom order by l.lot_no
""")
BALANCE = text("""
select m.kind, sum(m.quantity) as quantity from stock_movement m where m.lot_id = :lot group by m.kind
""")
PEOPLE = text("""
select op.operation_run_id, p.name, q.code, q.document from operation_person op
join person p on p.id = op.person_id left join qualification q on q.id = op.qualification_id
join operation_run r on r.id = op.operation_run_id where r.lot_id = :lot order by op.id
""")
MACHINES = text("""
select oe.operation_run_id, e.equipment_no, e.name, e.needs_calibration, c.due_at from operation_equipment oe
join equipment e on e.id = oe.equipment_id left join calibration c on c.id = oe.calibration_id
join operation_run r on r.id = oe.operation_run_id where r.lot_id = :lot order by oe.id
""")
PARAMETERS = text("""
select op.operation_run_id, op.name, op.value, op.text_value, op.unit, op.lower, op.upper from operation_parameter op
join operation_run r on r.id = op.operation_run_id where r.lot_id = :lot order by op.id
""")
READINGS = text("""
select oe.operation_run_id, v.quantity, v.value, v.unit, v.lower, v.upper, v.measured_at from operation_environment oe
join environment_reading v on v.id = oe.environment_reading_id
join operation_run r on r.id = oe.operation_run_id where r.lot_id = :lot order by oe.id
""")
CONSUMED = text("""
select e.operation_run_id, l.lot_no from genealogy_edge e join lot l on l.id = e.parent_lot_id
where e.child_lot_id = :lot and e.operation_run_id is not null order by e.id
""")
INSPECTIONS = text("""
select i.id, i.inspection_no, i.stage, i.revision, i.status, p.name as inspector, i.decided_at
from inspection i left join person p on p.id = i.decided_by_id where i.lot_id = :lot order by i.id
""")
RESULTS = text("""
select distinct on (r.inspection_id, r.characteristic_id, r.sample_no)
       r.inspection_id, c.seq, coalesce(c.name_zh, r.name) as name_zh, coalesce(c.name_en, r.name) as name_en,
       c.lower, c.upper, c.unit, r.sample_no, r.value, r.text_value, r.passed
from inspection_result r left join characteristic c on c.id = r.characteristic_id
join inspection i on i.id = r.inspection_id where i.lot_id = :lot
order by r.inspection_id, r.characteristic_id, r.sample_no, r.id desc
""")
HOLDS = text("""
select h.reason, p.name as placed_by, h.placed_at, h.lifted_at, h.lift_reason
from hold h join person p on p.id = h.placed_by_id where h.lot_id = :lot order by h.id
""")
NONCONFORMANCES = text(
    "select nonconformance_no from nonconformance where lot_id = :lot and status = 'open' order by 1"
)
PACKED = text("select data from lot_fact where lot_id = :lot and fact = 'lot.packed' order by id desc limit 1")


def build(session: Session, lot: Lot) -> parts.BatchRecord:
    """The batch record of a lot as it stands now."""

    def ask(query: Any, **more: Any) -> Sequence[Row[Any]]:
        return session.connection().execute(query, {"lot": lot.id, **more}).all()

    item = session.get_one(Item, lot.item_id)
    supplier = session.get(Supplier, lot.supplier_id) if lot.supplier_id else None
    order = session.exec(select(WorkOrder).where(WorkOrder.lot_id == lot.id)).first()
    steps = (
        session.exec(
            select(RoutingStep).where(RoutingStep.work_order_id == order.id).order_by(col(RoutingStep.seq))
        ).all()
        if order
        else []
    )
    life = session.exec(
        select(DefinitionVersion.key, DefinitionVersion.version, DefinitionVersion.digest)
        .join(ProcessRun, col(ProcessRun.definition_id) == col(DefinitionVersion.id))
        .where(ProcessRun.workflow_id == f"lot/{lot.lot_no}")
    ).first()
    above = ask(ANCESTORS)
    ids = [row.lot_id for row in above]
    issues = ask(ISSUES, ids=ids) if ids else []
    depth = _depths(lot.id, ask(LINKS, ids=[lot.id, *ids])) if issues else {}
    packed = next((row.data for row in ask(PACKED)), None)
    return parts.BatchRecord(
        lot_no=lot.lot_no,
        item_no=item.item_no,
        item=item.name,
        kind=lot.kind,
        quantity=_plain(lot.quantity),
        uom=lot.uom,
        status=lot.status,
        expires_on=lot.expires_on,
        expiry_precision=lot.expiry_precision,
        manufactured_on=lot.manufactured_on,
        supplier=supplier.name if supplier else None,
        supplier_lot_no=lot.supplier_lot_no,
        work_order=order.work_order_no if order else None,
        definition=f"{life[0]} v{life[1]} {life[2][:16]}" if life else "",
        planned=tuple(str(step.seq) for step in steps),
        operations=_operations(session, lot, steps, ask),
        parents=tuple(
            parts.Parent(
                lot_no=row.lot_no,
                item=row.item,
                quantity=None if row.quantity is None else _plain(row.quantity),
                uom=row.uom,
                # a parent that is used up since is as good as released: it must not void a signature
                status="released" if row.status == "closed" else row.status,
                held=row.held,
                expires_on=row.expires_on,
                origin=row.origin,
            )
            for row in ask(PARENTS)
        ),
        ancestors=len(above),
        ancestor_issues=tuple(
            parts.AncestorIssue(
                lot_no=row.lot_no, depth=depth[row.id], kind=row.kind, number=row.number, title=row.title
            )
            for row in sorted(issues, key=lambda row: (depth[row.id], row.lot_no))
        ),
        inspections=_inspections(ask),
        holds=tuple(parts.HoldPart(**row._mapping) for row in ask(HOLDS)),  # noqa: SLF001 - Row's documented mapping
        nonconformances=tuple(row.nonconformance_no for row in ask(NONCONFORMANCES)),
        labels=parts.Labels(**packed["labels"]) if packed else None,
        balance=_balance(ask(BALANCE)),
    )


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


def _plain(value: Decimal) -> Decimal:
    """A quantity without the trailing zeros of its column, so that its text is the same wherever it comes from."""
    return Decimal(f"{value.normalize():f}")


def _optional(value: Decimal | None) -> Decimal | None:
    return None if value is None else _plain(value)


def _operations(session: Session, lot: Lot, steps: Iterable[RoutingStep], ask: Any) -> tuple[parts.Operation, ...]:
    planned = {step.seq: step for step in steps}
    runs = session.exec(
        select(OperationRun)
        .where(OperationRun.lot_id == lot.id)
        .order_by(col(OperationRun.seq), col(OperationRun.run_no))
    ).all()
    if not runs:
        return ()
    people, machines, parameters, readings, consumed = (
        _by_run(ask(query)) for query in (PEOPLE, MACHINES, PARAMETERS, READINGS, CONSUMED)
    )
    made = []
    for run in runs:
        step = planned.get(run.seq)
        needed = step.qualification if step else None
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
                    )
                    for row in machines[run.id]
                ),
                parameters=tuple(
                    parts.Parameter(
                        name=row.name,
                        value=_optional(row.value),
                        text=row.text_value,
                        unit=row.unit,
                        lower=_optional(row.lower),
                        upper=_optional(row.upper),
                    )
                    for row in parameters[run.id]
                ),
                readings=tuple(
                    parts.Reading(
                        quantity=row.quantity,
                        value=_plain(row.value),
                        unit=row.unit,
                        lower=_optional(row.lower),
                        upper=_optional(row.upper),
                        measured_at=row.measured_at,
                    )
                    for row in readings[run.id]
                ),
                document=run.document,
                document_version=run.document_version,
                environment_needed=step.environment if step else False,
                consumed=tuple(row.lot_no for row in consumed[run.id]),
            )
        )
    return tuple(made)


def _by_run(rows: Iterable[Row[Any]]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.operation_run_id].append(row)
    return grouped


def _inspections(ask: Any) -> tuple[parts.Inspection, ...]:
    samples: dict[int, dict[Any, list[Row[Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in ask(RESULTS):
        samples[row.inspection_id][row.seq, row.name_zh].append(row)
    return tuple(
        parts.Inspection(
            inspection_no=row.inspection_no,
            stage=row.stage,
            revision=row.revision,
            status=row.status,
            inspector=row.inspector,
            decided_at=row.decided_at,
            results=tuple(_result(group) for _, group in sorted(samples[row.id].items(), key=lambda one: str(one[0]))),
        )
        for row in ask(INSPECTIONS)
    )


def _result(group: Sequence[Row[Any]]) -> parts.Result:
    first = group[0]
    return parts.Result(
        name_zh=first.name_zh or "",
        name_en=first.name_en or "",
        lower=_optional(first.lower),
        upper=_optional(first.upper),
        unit=first.unit,
        samples=len(group),
        failed=sum(1 for row in group if not row.passed),
        values=tuple(
            f"{_plain(row.value):f}" if row.value is not None else (row.text_value or ("+" if row.passed else "-"))
            for row in sorted(group, key=lambda row: row.sample_no)
        ),
    )


def _balance(rows: Sequence[Row[Any]]) -> parts.Balance:
    moved = defaultdict(Decimal, {row.kind: row.quantity for row in rows})
    made = moved["receive"] + moved["produce"]
    gone = moved["consume"] + moved["scrap"] + moved["sample"] + moved["ship"] - moved["return"]
    return parts.Balance(
        made=_plain(made),
        stock=_plain(made + moved["adjust"] - gone),
        consumed=_plain(moved["consume"]),
        shipped=_plain(moved["ship"] - moved["return"]),
        scrapped=_plain(moved["scrap"]),
        samples=_plain(moved["sample"]),
    )


def inspection_record(session: Session, lot: Lot, key: str) -> dict[str, Any]:
    """What an inspector signs: the plan, the limits and the newest results of the open (or last) inspection."""
    row = effects.last_inspection(session, key, lot)
    if row is None:
        return {"record": "inspection", "lot_no": lot.lot_no}
    results = session.connection().execute(RESULTS, {"lot": lot.id}).all()
    return {
        "record": "inspection",
        "lot_no": lot.lot_no,
        "inspection_no": row.inspection_no,
        "plan": [
            {
                "seq": str(one.seq),
                "zh": one.name_zh,
                "en": one.name_en,
                "lower": None if one.lower is None else f"{_plain(one.lower):f}",
                "upper": None if one.upper is None else f"{_plain(one.upper):f}",
                "samples": str(one.sample_size),
                "accept": str(one.accept),
            }
            for one in effects.characteristics(session, row.plan_id)
        ],
        "results": [
            {
                "seq": str(one.seq),
                "sample": str(one.sample_no),
                "value": None if one.value is None else f"{_plain(one.value):f}",
                "passed": "yes" if one.passed else "no",
            }
            for one in results
            if one.inspection_id == row.id
        ],
    }
