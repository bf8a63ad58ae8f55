"""The load that an operation ran in, held against the other batches that were in it (requirement 62)."""

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.store.act import zone
from models.load.rules import Ran, check_load
from models.lot.rules.lot import check_number

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('load ' || :load, 0))")
RAN = text("""
select l.lot_no, r.started_at, r.finished_at, coalesce(array_agg(m.equipment_no) filter (where m.id is not null), '{}')
  from operation_run r join lot l on l.id = r.lot_id left join operation_equipment q on q.operation_run_id = r.id
  left join equipment m on m.id = q.equipment_id where r.load_no = :load
 group by r.id, l.lot_no, r.started_at, r.finished_at order by r.id
""")


def join(session: Session, load: str, here: Ran) -> None:
    """Refuse what can't be one load; two batches that begin a load at once wait for each other."""
    check_number(load)
    session.connection().execute(ONE_AT_A_TIME, {"load": load})
    rows = session.connection().execute(RAN, {"load": load})
    others = [Ran(lot, begun, ended, frozenset(machines)) for lot, begun, ended, machines in rows]
    check_load(load, here, others, zone(session))
