"""What a failed incoming inspection leaves in the record, as tests of it need to know: read whole, by the number of its lot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from sqlalchemy import Engine, func, text
from sqlmodel import select

from models.definition import store as definitions
from models.definition.document import as_data
from models.definition.tables import DefinitionVersion
from models.definition.yaml_text import parse_yaml
from models.item.tables import Item
from models.kernel.store.act import act
from models.partner.tables import Supplier
from tests.support.definitions import FOLDER
from tests.support.plant.plant import SETUP, Plant, approve

LEFT = text("""
with l as (select * from lot where lot_no = :lot), n as (select c.* from nonconformance c join l on l.id = c.lot_id),
     w as (select s.* from sampling_severity s join l on (s.supplier_id, s.item_id) = (l.supplier_id, l.item_id)),
     k as (select distinct c.* from capa c join process_run r on r.subject_id = c.subject_id join run_link t on t.run_id = r.id and t.role = 'cause'
             join n on n.subject_id = t.subject_id),
     a as (select distinct d.* from drift_alert d join drift_signal g on g.alert_id = d.id join drift_point p on p.id = g.point_id join l on l.id = p.lot_id),
     f as (select x.* from fact x where x.subject_id in (select subject_id from l union select subject_id from n union select subject_id from k union select subject_id from a))
select jsonb_build_object(
  'verdict', (select jsonb_agg(i.status order by i.id) from inspection i join l on l.id = i.lot_id where i.status <> 'open'),
  'signatures', (select count(*) from signature s join l on l.id = s.lot_id),
  'lot', (select status from l),
  'task', (select jsonb_agg(t.stage order by t.id) from human_task t join l on l.id = t.lot_id where t.status = 'open'),
  'nonconformances', (select jsonb_agg(jsonb_build_array(n.severity, n.status, coalesce(n.owner_id, b.owner_id) is not null or t.role is not null, t.due_at is not null))
                        from n join subject b on b.id = n.subject_id join process_run r on r.id = n.run_id join human_task t on t.run_id = r.id and t.status = 'open'),
  'capas', (select jsonb_agg(jsonb_build_array(k.status, exists (select from human_task t where t.subject_id = k.subject_id and t.due_at is not null))) from k),
  'points', (select count(*) from drift_point p join l on l.id = p.lot_id),
  'alerts', (select count(*) from a),
  'sampling', (select jsonb_agg(jsonb_build_array(p.severity, p.then_severity)) from sampling_lot p join l on l.id = p.lot_id),
  'severity', (select severity from w),
  'facts', (select jsonb_agg(f.name order by f.name) from f where f.name not like 'lot.%'),
  'causes', (select jsonb_agg(c.code order by c.id) from cause c join f on f.id = c.fact_id where c.run_id is not null))
""")


def left(plant: Plant, lot: str) -> dict[str, Any]:
    """All of it."""
    return read(plant.engine, lot)


def read(engine: Engine, lot: str) -> dict[str, Any]:
    """The same, where there is no more of a plant than its database."""
    with engine.connect() as connection:
        found: dict[str, Any] = connection.execute(LEFT, {"lot": lot}).scalar_one()
        return found


def graver(engine: Engine) -> int:
    """The process owners want a CAPA for every nonconformance that isn't minor: another version of its definition, in force from now on; its key."""
    data = as_data(parse_yaml((FOLDER / "capa.yaml").read_text(encoding="utf-8")))
    data["triggers"][0]["when"] = {"op": "ne", "fact": "nonconformance.opened.severity", "value": "minor"}
    with act(engine, SETUP) as session:
        newest = session.exec(select(func.max(DefinitionVersion.version)).where(DefinitionVersion.key == "capa")).one()
        data["version"] = int(newest or 0) + 1
        return definitions.ship(session, yaml.safe_dump(data, allow_unicode=True)).id


@contextmanager
def every_failure_a_capa(engine: Engine) -> Iterator[None]:
    """The same for the length of a block."""
    key = graver(engine)
    try:
        yield
    finally:
        with act(engine, SETUP) as session:
            row = session.get_one(DefinitionVersion, key)
            row.status = "superseded"
            session.add(row)


def goods(engine: Engine, name: str) -> dict[str, Any]:
    """An item and a supplier of their own, on whom the plant relies; as a receipt names them."""
    item, supplier = f"ROD-{name}", f"S-{name}"
    with act(engine, SETUP) as session:
        session.add(Item(item_no=item, name=f"棒料 {name}", kind="raw"))
        session.add(Supplier(supplier_no=supplier, name=f"供方 {name}"))
        session.flush()
        approve(session, supplier, item)
    return {"item_no": item, "supplier_no": supplier}
