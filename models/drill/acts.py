"""A drill begins by its schedule: the plan draws what it is about, the rest is the drill that people know."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

from models.drill.messages import PlanDrill
from models.drill.rules.pick import Candidate, pick, why
from models.kernel.store.act import zone
from models.kernel.time import moments
from models.process.messages.process import Receipt
from models.recall.acts import recall as recalling
from models.recall.messages.begin import OpenRecall
from models.recall.store import recalls

CANDIDATES = text("""
select l.lot_no, sum(n.quantity - n.returned) as outstanding, count(distinct h.customer_id) as customers,
       i.implantable is distinct from false as implantable,
       exists (select from recall_lot r join recall_scope s on s.id = r.scope_id join recall c on c.id = s.recall_id
                where r.lot_id = l.id and c.mode = 'drill' and c.opened_at > :since) as drilled_lately
  from lot l join item i on i.id = l.item_id join shipment_line n on n.lot_id = l.id
  join shipment h on h.id = n.shipment_id and h.status <> 'cancelled'
 group by l.id, l.lot_no, i.implantable having sum(n.quantity - n.returned) > 0
""")
OPEN = text("select recall_no from recall where mode = 'drill' and cause = 'schedule' and status = 'open' limit 1")


def plan(session: Session, command: PlanDrill, now: datetime) -> Receipt:
    """Draw a batch and open a drill on it; none while the last scheduled one is open, none where nothing was shipped."""
    waiting = session.connection().execute(OPEN).scalar()
    if waiting is not None:
        return Receipt(act="plan_drill", at=now, data={"open": waiting})
    local = moments.local(now, zone(session))
    rows = session.connection().execute(CANDIDATES, {"since": local.replace(year=local.year - 1, day=1)}).all()
    candidates = [Candidate(*row) for row in rows]
    chosen = pick(candidates, command.seed)
    if chosen is None:
        return Receipt(act="plan_drill", at=now, data={"open": None})
    month = moments.month(now, zone(session))
    opening = OpenRecall(
        command_id=command.command_id,
        by=command.by,
        recall_no=recalls.next_number(session, "drill", local.year),
        mode="drill",
        identifiers=(chosen.lot_no,),
        title=f"计划召回演练 {month} / Planned recall drill {month}",
        reason=why(chosen, candidates, command.seed),
        cause="schedule",
    )
    return recalling.begin(session, opening, now)


ACTS = {"plan_drill": plan}
