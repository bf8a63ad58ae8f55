"""What forms offer: items, partners, locations, people and machines, each in one statement.

Only what may be chosen is offered; the rule that refuses the rest is asked again when the form comes in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlmodel import Session

MOST = 500
"""More than a person can choose from; the form takes typed numbers too."""

ITEMS = text("""
select i.item_no, said(i.name, i.name_en) as name, i.kind, i.uom from item i
 where i.active and i.kind = any(cast(:kinds as text[])) order by i.item_no limit :n
""")
SUPPLIERS = text("""
select s.supplier_no, said(s.name, s.name_en) as name, s.status from supplier s where not s.is_manufacturer or s.status <> 'approved'
 order by s.supplier_no limit :n
""")
CUSTOMERS = text(
    "select c.customer_no, said(c.name, c.name_en) as name, c.contact from customer c order by c.customer_no limit :n"
)
LOCATIONS = text("select p.code, said(p.name, p.name_en) as name, p.kind from location p order by p.code limit :n")
PEOPLE = text("""
select a.login, said(p.name, p.name_en) as name, coalesce(array_agg(q.code) filter (
         where q.valid_from <= now() and (q.valid_until is null or q.valid_until > now())), '{}') as skills,
       not p.active as gone
  from person p
  join lateral (select * from account c where c.person_id = p.id and c.disabled = not p.active order by c.id limit 1) a on true
  join role_grant g on g.person_id = p.id and g.role = 'operator' and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())
  left join qualification q on q.person_id = p.id
 where p.kind = 'human' and (p.active or exists (
         select from audit_event e where e.table_name = 'person' and e.row_id = p.id and e.after ->> 'active' = 'false'
            and e.at > now() - interval '30 days'))
 group by a.login, p.name, p.name_en, p.id, p.active order by p.active desc, p.id limit :n
""")
MACHINES = text("""
select e.equipment_no, said(e.name, e.name_en) as name, e.kind, e.status, e.needs_calibration, c.due_at, c.result,
       exists (select from equipment_block b where b.equipment_id = e.id and b.lifted_at is null) as blocked,
       exists (select from breakdown d where d.equipment_id = e.id and d.status <> 'back') as broken
  from equipment e
  left join lateral (select * from calibration k where k.equipment_id = e.id order by k.performed_at desc limit 1) c
    on true
 order by e.equipment_no limit :n
""")


@dataclass(frozen=True)
class Machine:
    """A machine with its newest calibration."""

    equipment_no: str
    name: str
    kind: str
    status: str
    needs_calibration: bool
    due_at: datetime | None
    result: str | None
    blocked: bool = False
    broken: bool = False


def _ask(session: Session, query: Any, **given: Any) -> tuple[Row[Any], ...]:
    return tuple(session.connection().execute(query, {"n": MOST, **given}).all())


def items(session: Session, *kinds: str) -> tuple[Row[Any], ...]:
    """Active items of these kinds."""
    return _ask(session, ITEMS, kinds=list(kinds))


def suppliers(session: Session) -> tuple[Row[Any], ...]:
    """Suppliers, with their status."""
    return _ask(session, SUPPLIERS)


def customers(session: Session) -> tuple[Row[Any], ...]:
    """Customers."""
    return _ask(session, CUSTOMERS)


def locations(session: Session) -> tuple[Row[Any], ...]:
    """Places."""
    return _ask(session, LOCATIONS)


def operators(session: Session) -> tuple[Row[Any], ...]:
    """People who may work at an operation, with the skills that hold now; last who left of late, for what is told late."""
    return _ask(session, PEOPLE)


def machines(session: Session) -> tuple[Machine, ...]:
    """Machines with their newest calibration."""
    return tuple(Machine(**row._mapping) for row in _ask(session, MACHINES))  # noqa: SLF001 - SQLAlchemy's public name


def skills(session: Session) -> tuple[str, ...]:
    """Skills that somebody has proven, for the routing editor."""
    query = text("select distinct q.code from qualification q order by q.code limit :n")
    return tuple(row.code for row in _ask(session, query))


def equipment_kinds(session: Session) -> tuple[str, ...]:
    """Kinds of machines there are."""
    query = text("select distinct e.kind from equipment e order by e.kind limit :n")
    return tuple(row.kind for row in _ask(session, query))


def usual_readings(session: Session, location: str) -> tuple[Row[Any], ...]:
    """What was last measured in a room, with its limits: the next reading is of the same kind."""
    query = text(
        "select distinct on (v.quantity) v.quantity as name, v.unit, v.lower, v.upper from environment_reading v"
        " join location p on p.id = v.location_id where p.code = :location"
        " and v.measured_at > now() - interval '90 days' order by v.quantity, v.measured_at desc limit :n"
    )
    return _ask(session, query, location=location)


def usual_parameters(session: Session, item_no: str, seq: int) -> tuple[Row[Any], ...]:
    """What was recorded the last time this operation was done on this item."""
    query = text(
        "select x.name, x.unit, x.lower, x.upper from operation_parameter x where x.operation_run_id = ("
        " select r.id from operation_run r join work_order w on w.id = r.work_order_id"
        " join item i on i.id = w.item_id where i.item_no = :item and r.seq = :seq order by r.id desc limit 1)"
        " order by x.id limit :n"
    )
    return _ask(session, query, item=item_no, seq=seq)
