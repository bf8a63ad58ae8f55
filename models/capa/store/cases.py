"""The case of a CAPA: made by a trigger or by hand, tied to what it is for, closed when it has been shown to help."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from models.capa import rules
from models.capa.tables import Capa
from models.definition.condition import Scalar
from models.kernel.tables import Outbox
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import store as nonconformances
from models.nonconformance.tables import Nonconformance
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs

NUMBERED = "capa"
OPENED, MEASURED, EXTENDED, CLOSED = "capa.opened", "capa.measured", "capa.extended", "capa.closed"
CAUSE = "cause"
"""The role of what it is for in the links of its run."""
TAKERS = text("""
select distinct r.subject_id
  from run_link k join process_run r on r.id = k.run_id join capa c on c.subject_id = r.subject_id
 where k.role = :role and k.subject_id = any(cast(:alike as bigint[])) and c.status = 'open'
 order by r.subject_id
""")
TIED = text("""
select s.number from run_link k join subject s on s.id = k.subject_id
 where k.run_id = :run and k.role = :role order by s.number
""")
CARRIED_OUT = text("""
select r.state #>> '{facts,item.title}' as title, r.state #>> '{facts,item.due}' as due, t.outcome, t.form, t.done_at, p.name as who
  from process_run r join human_task t on t.run_id = r.id join person p on p.id = t.done_by_id
 where r.parent_id = :run and t.status = 'done' order by t.id
""")
TIED_OPEN = text("""
select n.nonconformance_no
  from run_link k join nonconformance n on n.subject_id = k.subject_id
 where k.run_id = :run and k.role = :role and n.status = 'open'
 order by n.nonconformance_no
""")


def lock(session: Session, key: int) -> Capa:
    """The row of a subject, locked against everybody else."""
    query = select(Capa).where(Capa.subject_id == key)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def new(session: Session, by: By, now: datetime, **said: Any) -> Capa:
    """Put a case on record, with the next number of the year, and say so."""
    year = plant_day(now, lots.site_zone(session)).year
    row = Capa(capa_no=f"CAPA-{year}-{numbering.take(session, NUMBERED, year=year):04d}", opened_at=now, **said)
    session.add(row)
    session.flush()
    session.refresh(row)
    told = {"number": row.capa_no, "source": row.source}
    facts.tell(session, row, OPENED, by, now, told, once=row.capa_no, held=True)
    return row


def make(session: Session, fact: str, about: Any, values: Mapping[str, Scalar], now: datetime) -> Capa:
    """A case for what a trigger was told of: a finding, or something else that has a number and a title."""
    del values
    if isinstance(about, Nonconformance):
        lot = session.get_one(Lot, about.lot_id) if about.lot_id is not None else None
        return new(
            session,
            runs.NOBODY,
            now,
            title=about.title,
            title_en=about.title_en,
            source=fact.partition(".")[0],
            item_id=lot.item_id if lot else about.item_id,
            supplier_id=lot.supplier_id if lot else about.supplier_id,
        )
    title = str(getattr(about, "title", None) or fact)
    return new(session, runs.NOBODY, now, title=title, source=fact.partition(".")[0])


def begin(session: Session, row: Capa, by: By, now: datetime, tied: Collection[int] = ()) -> None:
    """Begin the process of a case that somebody opened by hand, tied to what it is for."""
    run = runs.begin(session, rules.PROCESS, row, by, now)
    for subject in sorted(tied):
        runs.link(session, run.row.id, subject, CAUSE)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()


def takes(session: Session, about: Any) -> Sequence[int]:
    """The open cases that are for findings of the same cause already; what was not confirmed is of none."""
    if not isinstance(about, Nonconformance):
        return ()
    like = nonconformances.alike(session, about)
    if about.subject_id not in like:
        return ()
    return session.connection().execute(TAKERS, {"role": CAUSE, "alike": list(like)}).scalars().all()


def ties(session: Session, about: Any) -> Collection[int]:
    """What belongs to a case with what began it: the findings of one cause, each within thirty days of the next."""
    if not isinstance(about, Nonconformance):
        return (int(about.subject_id),)
    return {about.subject_id, *nonconformances.belonging(session, about)}


def tied(session: Session, run: int) -> tuple[str, ...]:
    """The numbers of what it is for."""
    return tuple(session.connection().execute(TIED, {"run": run, "role": CAUSE}).scalars())


def carried_out(session: Session, run: int) -> list[dict[str, Any]]:
    """What was done for each action, in every round: by whom and when, with what they say and the digests of their files."""
    rows = session.connection().execute(CARRIED_OUT, {"run": run})
    return [
        {
            "action": one.title or "",
            "due": one.due or "",
            "outcome": one.outcome,
            "form": one.form,
            "who": one.who,
            "at": one.done_at.isoformat(),
        }
        for one in rows
    ]


def open_findings(session: Session, run: int) -> tuple[str, ...]:
    """The numbers of findings that it is for and nobody has decided on."""
    return tuple(session.connection().execute(TIED_OPEN, {"run": run, "role": CAUSE}).scalars())


def settle(session: Session, row: Capa, run: int, status: str, by: By, now: datetime) -> dict[str, Any]:
    """The case is closed, or withdrawn because no action is needed."""
    row.status, row.closed_at = status, now
    session.add(row)
    session.flush()
    said = {"number": row.capa_no, "outcome": status}
    facts.tell(session, row, CLOSED, by, now, said, once=row.capa_no, run=run, held=True)
    return {"number": row.capa_no, "status": status}
