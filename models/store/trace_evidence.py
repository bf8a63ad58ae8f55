"""What is recorded of the work on the lots of a trace, and what is open on them: one statement each (REQUIREMENTS 15)."""

from sqlalchemy import text

_WORK = """
select l.id, coalesce(w.runs, 0), (select count(*) from genealogy_edge e where e.child_lot_id = l.id and {alive}),
       m.people, coalesce(w.runs, 0) - coalesce(m.runs, 0), q.machines, q.uncalibrated, w.documents,
       coalesce(w.undocumented, 0), coalesce(p.outside, 0), coalesce(v.readings, 0), coalesce(v.outside, 0),
       coalesce(w.unread, 0), i.inspection_no, i.status
  from unnest(cast(:keys as bigint[])) as l(id)
  left join lateral (
    select array_agg(r.id) as ids, count(*) as runs,
           string_agg(distinct concat_ws(' ', r.document, r.document_version), ', ') as documents,
           count(*) filter (where r.document is null) as undocumented,
           count(*) filter (where exists (
             select from routing_step s where s.work_order_id = r.work_order_id and s.seq = r.seq and s.environment)
             and not exists (select from operation_environment x where x.operation_run_id = r.id)) as unread
      from operation_run r where r.lot_id = l.id {run_then}
  ) w on true
  left join lateral (
    select string_agg(distinct p.name, ', ') as people, count(distinct x.operation_run_id) as runs
      from operation_person x join person p on p.id = x.person_id where x.operation_run_id = any(w.ids)
  ) m on w.ids is not null
  left join lateral (
    select string_agg(distinct e.equipment_no, ', ') as machines,
           string_agg(distinct e.equipment_no, ', ') filter (
             where e.needs_calibration and x.calibration_id is not null and c.due_at <= r.finished_at) as uncalibrated
      from operation_equipment x join equipment e on e.id = x.equipment_id
      join operation_run r on r.id = x.operation_run_id left join calibration c on c.id = x.calibration_id
     where x.operation_run_id = any(w.ids)
  ) q on w.ids is not null
  left join lateral (
    select count(*) as outside from operation_parameter x
     where x.operation_run_id = any(w.ids) and (x.value < x.lower or x.value > x.upper)
  ) p on w.ids is not null
  left join lateral (
    select count(*) as readings, count(*) filter (where v.value < v.lower or v.value > v.upper) as outside
      from operation_environment x join environment_reading v on v.id = x.environment_reading_id
     where x.operation_run_id = any(w.ids)
  ) v on w.ids is not null
  left join lateral (
    select n.inspection_no, {verdict} as status from inspection n where n.lot_id = l.id {inspection_then}
     order by n.id desc limit 1
  ) i on true
"""
WORK = text(_WORK.format(alive="e.superseded_at is null", run_then="", verdict="n.status", inspection_then=""))
WORK_THEN = text(
    _WORK.format(
        alive="e.recorded_at <= :as_of and (e.superseded_at is null or e.superseded_at > :as_of)",
        run_then="and r.recorded_at <= :as_of",
        verdict="case when n.decided_at <= :as_of then n.status else 'open' end",
        inspection_then="and n.opened_at <= :as_of",
    )
)

_ISSUES = """
select h.lot_id, 'hold', to_char(h.placed_at at time zone 'UTC', 'YYYY-MM-DD'), h.reason from hold h
 where h.lot_id = any(cast(:keys as bigint[])) and {held}
union all
select n.lot_id, 'nonconformance', n.nonconformance_no, n.title from nonconformance n
 where n.lot_id = any(cast(:keys as bigint[])) and {nonconforming}
union all
select i.lot_id, 'inspection', i.inspection_no, i.stage from inspection i
 where i.lot_id = any(cast(:keys as bigint[])) and {inspecting}
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
