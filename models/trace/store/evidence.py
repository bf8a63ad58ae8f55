"""What is recorded of the work on the lots of a trace, and what is open on them: one statement each (REQUIREMENTS 15)."""

# ruff: noqa: S608 - statements are put together from our own words; every value is a parameter

from sqlalchemy import text

from models.kernel.store.days import ZONE

_RUNS = "operation_run r where r.lot_id = any(cast(:keys as bigint[])) {run_then}"
_WITH = "operation_run r on r.id = x.operation_run_id where r.lot_id = any(cast(:keys as bigint[])) {run_then}"
_WORK = f"""
select r.lot_id, 'run', string_agg(distinct concat_ws(' ', r.document, r.document_version), ', '), count(*),
       count(*) filter (where r.document is null)
  from {_RUNS} group by 1
union all
select r.lot_id, 'people', string_agg(distinct p.name, ', '), count(distinct r.id), 0
  from operation_person x join person p on p.id = x.person_id join {_WITH} group by 1
union all
select r.lot_id, 'machines', string_agg(distinct e.equipment_no, ', '), 0,
       count(*) filter (where e.needs_calibration and x.calibration_id is null)
  from operation_equipment x join equipment e on e.id = x.equipment_id join {_WITH} group by 1
union all
select r.lot_id, 'uncalibrated', string_agg(distinct e.equipment_no, ', '), 0, 0
  from operation_equipment x join equipment e on e.id = x.equipment_id join calibration c on c.id = x.calibration_id
  join {_WITH} and e.needs_calibration and c.due_at <= r.finished_at group by 1
union all
select r.lot_id, 'values', null, 0, count(*)
  from operation_parameter x join {_WITH} and (x.value < x.lower or x.value > x.upper) group by 1
union all
select r.lot_id, 'readings', null, count(*), count(*) filter (where v.value < v.lower or v.value > v.upper)
  from operation_environment x join environment_reading v on v.id = x.environment_reading_id join {_WITH} group by 1
union all
select r.lot_id, 'unread', null, 0, count(*)
  from routing_step s join operation_run r on r.work_order_id = s.work_order_id and r.seq = s.seq
 where r.lot_id = any(cast(:keys as bigint[])) {{run_then}} and s.environment
   and not exists (select from operation_environment x where x.operation_run_id = r.id) group by 1
union all
select e.child_lot_id, 'parents', null, count(*), 0
  from genealogy_edge e where e.child_lot_id = any(cast(:keys as bigint[])) and {{alive}} group by 1
union all
select n.lot_id, 'inspection ' || {{verdict}}, n.inspection_no, 0, 0
  from inspection n where n.lot_id = any(cast(:keys as bigint[])) {{inspection_then}}
   and not exists (select from inspection b where b.lot_id = n.lot_id and b.id > n.id {{later_then}})
"""
"""One row for each thing that a lot has; most lots have few, so that nothing has to be joined to all of them."""
WORK = text(
    _WORK.format(alive="e.superseded_at is null", run_then="", verdict="n.status", inspection_then="", later_then="")
)
WORK_THEN = text(
    _WORK.format(
        alive="e.recorded_at <= :as_of and (e.superseded_at is null or e.superseded_at > :as_of)",
        run_then="and r.recorded_at <= :as_of",
        verdict="case when n.decided_at <= :as_of then n.status else 'open' end",
        inspection_then="and n.opened_at <= :as_of",
        later_then="and b.opened_at <= :as_of",
    )
)

_ISSUES = f"""
select h.lot_id, 'hold', to_char(h.placed_at at time zone {ZONE}, 'YYYY-MM-DD'), h.reason from hold h
 where h.lot_id = any(cast(:keys as bigint[])) and {{held}}
union all
select n.lot_id, 'nonconformance', n.nonconformance_no, n.title from nonconformance n
 where n.lot_id = any(cast(:keys as bigint[])) and {{nonconforming}}
union all
select i.lot_id, 'inspection', i.inspection_no, i.stage from inspection i
 where i.lot_id = any(cast(:keys as bigint[])) and {{inspecting}}
 order by 1, 2, 3, 4
"""
ISSUES = text(
    _ISSUES.format(held="h.lifted_at is null", nonconforming="n.status = 'open'", inspecting="i.status = 'open'")
)
ISSUES_THEN = text(
    _ISSUES.format(
        held="h.placed_at <= :as_of and (h.lifted_at is null or h.lifted_at > :as_of)",
        nonconforming="n.opened_at <= :as_of and (n.closed_at is null or n.closed_at > :as_of)",
        inspecting="i.opened_at <= :as_of and (i.decided_at is null or i.decided_at > :as_of)",
    )
)
