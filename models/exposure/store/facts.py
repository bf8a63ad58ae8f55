"""What took part in the events of a thing while a window was open: a fixed number of statements, however much it was.

Four kinds of events: operations (with the loads they ran in), measurements, goods lying in a room, and facts that name a
person.  Each statement begins at the thing by index and brings every participant of its events; what an event says about
a thing is the rule's business (`models.exposure.rules.exposure`).  A link that a later one supersedes is not counted.  Serves
requirements 20, 62.
"""

# ruff: noqa: S608 - statements are put together from our own column names; every value is a parameter

from typing import Any

from sqlalchemy import TextClause, text
from sqlmodel import Session

from models.exposure.rules.exposure import Found, FoundLot, Sort, Subject
from models.exposure.rules.window import Window
from models.exposure.rules.words import RECORDED_BY_THE_RUN
from models.genealogy.store.alive import ALIVE
from models.kernel.store.days import EXPIRES

_SINCE, _UNTIL = "cast(:since as timestamptz)", "cast(:until as timestamptz)"
_IN = f"{{0}} >= {_SINCE} and {{0}} < {_UNTIL}"
PERSON = "coalesce((select a.login from account a where a.person_id = p.id order by a.id limit 1), p.public_id::text)"
"""What a person goes by: the first login, for names are not unique."""

_LOT_RUNS = f"""
select o.id from operation_run o where o.lot_id = :key
union select e.operation_run_id from genealogy_edge e where e.parent_lot_id = :key and {ALIVE}
union select e.operation_run_id from genealogy_edge e where e.child_lot_id = :key and {ALIVE}
"""
_ROOM_RUNS = """
select o.id from operation_run o where o.location_id = :key
union select v.operation_run_id from environment_reading g
  join operation_environment v on v.environment_reading_id = g.id where g.location_id = :key
"""
_RUNS_OF: dict[Sort, str] = {
    Sort.LOT: _LOT_RUNS,
    Sort.EQUIPMENT: "select q.operation_run_id from operation_equipment q where q.equipment_id = :key",
    Sort.PERSON: "select q.operation_run_id from operation_person q where q.person_id = :key",
    Sort.LOCATION: _ROOM_RUNS,
    Sort.LOAD: "select o.id from operation_run o where o.load_no = :number",
}
_RUNS = f"""
with run as materialized (
  select r.id, r.lot_id, r.location_id, r.work_order_id, r.seq, r.load_no, r.started_at, r.finished_at
    from operation_run r where r.id in ({{of}})
     and r.started_at < {_UNTIL} and (r.started_at >= {_SINCE} or r.finished_at > {_SINCE})
), part (run, sort, key, number, name, role, quantity, uom) as (
  select r.id, 'lot', l.id, l.lot_no, i.name, 'made', cast(null as numeric), cast(null as text)
    from run r join lot l on l.id = r.lot_id join item i on i.id = l.item_id
  union all
  select r.id, 'lot', l.id, l.lot_no, i.name,
         case e.kind when 'consume' then 'consumed' when 'processed-in-load' then 'load' else e.kind end,
         sum(e.quantity), e.uom
    from run r join genealogy_edge e on e.operation_run_id = r.id join lot l on l.id = e.parent_lot_id
    join item i on i.id = l.item_id where {ALIVE} group by r.id, l.id, l.lot_no, i.name, e.kind, e.uom
  union all
  select r.id, 'lot', l.id, l.lot_no, i.name,
         case e.kind when 'processed-in-load' then 'load' else 'came_out' end, sum(e.quantity), e.uom
    from run r join genealogy_edge e on e.operation_run_id = r.id and e.child_lot_id <> r.lot_id
    join lot l on l.id = e.child_lot_id join item i on i.id = l.item_id
   where {ALIVE} group by r.id, l.id, l.lot_no, i.name, e.kind, e.uom
  union all
  select r.id, 'person', p.id, {PERSON}, p.name, 'performed', null, null
    from run r join operation_person q on q.operation_run_id = r.id join person p on p.id = q.person_id
  union all
  select r.id, 'equipment', m.id, m.equipment_no, m.name, 'used', null, null
    from run r join operation_equipment q on q.operation_run_id = r.id join equipment m on m.id = q.equipment_id
  union all
  select x.id, 'location', p.id, p.code, p.name, 'room', null, null from (
    select r.id, r.location_id from run r
    union select r.id, g.location_id from run r join operation_environment v on v.operation_run_id = r.id
      join environment_reading g on g.id = v.environment_reading_id) x join location p on p.id = x.location_id
  union all
  select r.id, 'load', 0, r.load_no, null, 'cycle', null, null from run r where r.load_no is not null
)
select 'operation', r.id, cast(r.seq as text), t.title_zh, t.title_en, w.work_order_no, r.load_no,
       r.started_at, r.finished_at, x.sort, x.key, x.number, x.name, x.role, x.quantity, x.uom
  from part x join run r on r.id = x.run join work_order w on w.id = r.work_order_id
  left join routing_step t on t.work_order_id = r.work_order_id and t.seq = r.seq
"""

_INSPECTIONS_OF: dict[Sort, str] = {
    Sort.LOT: "n.lot_id = :key",
    Sort.EQUIPMENT: "v.equipment_id = :key",
    Sort.PERSON: "v.recorded_by_id = :key",
}
# a value is an instant; those of one inspection by one person with one gauge are told together
_INSPECTIONS = f"""
with event as materialized (
  select row_number() over (order by n.id, v.recorded_by_id, v.equipment_id) as id, n.inspection_no, n.lot_id,
         v.recorded_by_id, v.equipment_id, min(v.recorded_at) as starts_at, max(v.recorded_at) as ends_at
    from inspection_result v join inspection n on n.id = v.inspection_id
   where {{of}} and {_IN.format("v.recorded_at")} group by n.id, n.inspection_no, n.lot_id, v.recorded_by_id, v.equipment_id
)
select 'inspection', v.id, v.inspection_no, null, null, null, null, v.starts_at, v.ends_at,
       x.sort, x.key, x.number, x.name, x.role, null, null from event v cross join lateral (
  select 'lot' as sort, l.id as key, l.lot_no as number, i.name, 'inspected' as role
    from lot l join item i on i.id = l.item_id where l.id = v.lot_id
  union all select 'person', p.id, {PERSON}, p.name, 'measured' from person p where p.id = v.recorded_by_id
  union all select 'equipment', m.id, m.equipment_no, m.name, 'gauge' from equipment m where m.id = v.equipment_id) x
"""

_FACTS = f"""
select 'fact', f.id, f.fact, null, null, null, null, f.at, f.at, x.sort, x.key, x.number, x.name, x.role, null, null
  from lot_fact f cross join lateral (
  select 'lot' as sort, l.id as key, l.lot_no as number, i.name, 'subject' as role
    from lot l join item i on i.id = l.item_id where l.id = f.lot_id
  union all select 'person', p.id, {PERSON}, p.name, 'recorded' from person p where p.id = f.person_id) x
 where {{of}} and {_IN.format("f.at")} and f.person_id is not null
   and f.fact like 'lot.%' and f.fact <> all (cast(:said_by_the_run as text[]))
"""
_FACTS_OF: dict[Sort, str] = {Sort.LOT: "f.lot_id = :key", Sort.PERSON: "f.person_id = :key"}

# Goods lie in a place from a movement that finds none there until one that leaves none.  What is taken from where nobody
# put it (an import knows no arrival) was there at that instant.
# Through a main store pass all lots of a plant: those that neither lay there as the window opened nor moved while it was
# open are left aside before anything is put in order.
_STAYS = f"""
with passed as materialized (
  select m.id, m.lot_id, m.to_location_id as place, m.quantity as change, m.at from stock_movement m where {{to}}
  union all
  select m.id, m.lot_id, m.from_location_id, - m.quantity, m.at from stock_movement m where {{out}}
), present as (
  select p.lot_id, p.place from passed p where p.at < {_UNTIL} group by p.lot_id, p.place
  having bool_or(p.at >= {_SINCE}) or sum(p.change) > 0
), moved as (
  select p.* from passed p join present using (lot_id, place)
), running as (
  select m.*, sum(m.change) over turn as there from moved m
  window turn as (partition by m.lot_id, m.place order by m.at, m.id, m.change desc rows unbounded preceding)
), stay as (
  select r.*, count(*) filter (where r.there - r.change <= 0) over turn as number from running r
  window turn as (partition by r.lot_id, r.place order by r.at, r.id, r.change desc rows unbounded preceding)
), whole as (
  select s.lot_id, s.place, min(s.id) as id, min(s.at) as starts_at,
         case when bool_or(s.there <= 0) then max(s.at) end as ends_at, max(greatest(s.there, abs(s.change))) as most
    from stay s group by s.lot_id, s.place, s.number
)
select 'stay', s.id, 'stay', null, null, null, null, s.starts_at, s.ends_at, x.sort, x.key, x.number, x.name, x.role,
       s.most, l.uom
  from whole s join lot l on l.id = s.lot_id join item i on i.id = l.item_id join location p on p.id = s.place
 cross join lateral (values {{who}}) x (sort, key, number, name, role)
 where s.starts_at < {_UNTIL} and (s.ends_at is null or s.starts_at >= {_SINCE} or s.ends_at > {_SINCE})
"""
_STAYS_OF: dict[Sort, str] = {
    Sort.LOT: _STAYS.format(
        to="m.lot_id = :key and m.to_location_id is not null",
        out="m.lot_id = :key and m.from_location_id is not null",
        who="('location', p.id, p.code, p.name, 'place')",
    ),
    Sort.LOCATION: _STAYS.format(
        to="m.to_location_id = :key", out="m.from_location_id = :key", who="('lot', l.id, l.lot_no, i.name, 'lay')"
    ),
}

# lots that a history links as one load without saying which operation that was
_LINKS = f"""
select 'link', e.id, 'link', null, null, null, null, e.at, e.at, 'lot', l.id, l.lot_no, i.name, 'load', null, null
  from genealogy_edge e join lot l on l.id = {{other}} join item i on i.id = l.item_id
 where {{here}} = :key and e.kind = 'processed-in-load' and e.operation_run_id is null and {ALIVE} and {_IN.format("e.at")}
"""
_LOADED = "\nunion all\n".join(
    _LINKS.format(here=f"e.{here}_lot_id", other=f"e.{other}_lot_id")
    for here, other in (("parent", "child"), ("child", "parent"))
)

LOTS = text(f"""
select l.lot_no, i.item_no, i.name, l.status,
       exists (select from hold h where h.lot_id = l.id and h.lifted_at is null), {EXPIRES}
  from unnest(cast(:keys as bigint[])) k (id) join lot l on l.id = k.id join item i on i.id = l.item_id
""")
"""Joined and not `= any(…)`: a plan that reads the whole table would hold each lot against the list, key by key."""


def _statements(sort: Sort) -> list[TextClause]:
    asked = [_RUNS.format(of=_RUNS_OF[sort])]
    if sort in _INSPECTIONS_OF:
        asked.append(_INSPECTIONS.format(of=_INSPECTIONS_OF[sort]))
    if sort in _FACTS_OF:
        asked.append(_FACTS.format(of=_FACTS_OF[sort]))
    if sort in _STAYS_OF:
        asked.append(_STAYS_OF[sort])
    if sort is Sort.LOT:
        asked.append(_LOADED)
    return [text(one) for one in asked]


STATEMENTS = {sort: _statements(sort) for sort in Sort}


ROOM = text("select set_config('work_mem', '64MB', true), set_config('statement_timeout', '5min', true)")
"""A whole answer about a main store puts a million movements in order."""


def participants(session: Session, subject: Subject, open_: Window) -> list[Found]:
    """Every participant of every event of the thing in the window; at most six statements."""
    given: dict[str, Any] = {
        "key": subject.key,
        "number": subject.number,
        "since": "-infinity" if open_.since is None else open_.since.isoformat(),
        "until": "infinity" if open_.until is None else open_.until.isoformat(),
        "said_by_the_run": list(RECORDED_BY_THE_RUN),
    }
    connection, found = session.connection(), list[Found]()
    connection.execute(ROOM)
    for statement in STATEMENTS[subject.sort]:
        wanted = {name: value for name, value in given.items() if f":{name}" in statement.text}
        found += map(Found._make, connection.execute(statement, wanted))
    return found


def lots(session: Session, found: list[Found]) -> list[FoundLot]:
    """The lots among them, as they stand now; one statement."""
    keys = {one.key for one in found if one.sort == Sort.LOT}
    asked = {"keys": "{" + ",".join(map(str, sorted(keys))) + "}"}
    return [*map(FoundLot._make, session.connection().execute(LOTS, asked))]
