"""A request to a supplier: raised, sent, answered, reviewed, ended; each in the transaction of an act."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.tables import Outbox
from models.kernel.time.moments import day_ends, plant_day
from models.lot.store import lots
from models.partner.tables import Supplier
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.scar import rules
from models.scar.messages import AnswerScar
from models.scar.rules import Door
from models.scar.tables import Scar, ScarAnswer, ScarReview, ScarRound

NUMBERED = "scar"
RAISED, SENT, ANSWERED, ENDED = "scar.raised", "scar.sent", "scar.answered", "scar.ended"
LOT, CAUSE, CAPA = "lot", "cause", "capa"
"""What it is about, in the links of its run."""
ROUNDS = text("""
select r.id, r.public_id, r.round, r.note, r.answer_by, r.sent_at, r.expires_at, a.id as answer, a.name, a.containment, a.cause, a.correction,
       a.prevention, a.done_on, coalesce(a.files, '{}') as files, a.address, a.answered_at, v.verdict, v.reason, v.reviewed_at
  from scar_round r left join scar_answer a on a.round_id = r.id left join scar_review v on v.answer_id = a.id
 where r.scar_id = :scar order by r.round
""")
TIED = text("""
select k.role, s.number from run_link k join subject s on s.id = k.subject_id join process_run r on r.id = k.run_id
 where r.subject_id = :subject order by k.role, s.number
""")


def lock(session: Session, key: int) -> Scar:
    """The row of a subject, locked against everybody else."""
    query = select(Scar).where(Scar.subject_id == key)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def raise_(session: Session, by: By, now: datetime, tied: Mapping[str, list[int]], **said: Any) -> Scar:
    """Put it on record and begin its process, tied to what it is about."""
    year = plant_day(now, lots.site_zone(session)).year
    number = f"SCAR-{year}-{numbering.take(session, NUMBERED, year=year):04d}"
    row = Scar(scar_no=number, opened_by_id=by.person_id, opened_at=now, **said)
    session.add(row)
    session.flush()
    session.refresh(row)
    run = runs.begin(session, rules.PROCESS, row, by, now)
    for role, subjects in tied.items():
        for subject in sorted(subjects):
            runs.link(session, run.row.id, subject, role)
    session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()
    _tell(session, row, RAISED, by, now)
    return row


def send(
    session: Session, row: Scar, due: date, until: date, note: str, run: int, by: By, now: datetime
) -> dict[str, Any]:
    """A round begins; its link ends when the last day has ended at the plant."""
    last = session.exec(
        select(ScarRound.round).where(ScarRound.scar_id == row.id).order_by(col(ScarRound.round).desc())
    ).first()
    made = ScarRound(
        scar_id=row.id,
        round=(last or 0) + 1,
        note=note.strip(),
        answer_by=due,
        expires_at=day_ends(until, lots.site_zone(session)),
        sent_by_id=by.person_id,
        sent_at=now,
    )
    session.add(made)
    session.flush()
    _tell(session, row, SENT, by, now, run=run)
    return {"number": row.scar_no, "round": made.round}


def rounds(session: Session, row: Scar) -> list[Any]:
    """Every round with its answer and what was decided, the oldest first."""
    return list(session.connection().execute(ROUNDS, {"scar": row.id}).all())


def tied(session: Session, row: Scar) -> list[tuple[str, str]]:
    """What it is about: by which role, of which number."""
    return [(one.role, one.number) for one in session.connection().execute(TIED, {"subject": row.subject_id})]


def waiting(session: Session, row: Scar) -> ScarAnswer | None:
    """The newest answer, where nobody has decided on it yet."""
    query = (
        select(ScarAnswer)
        .join(ScarRound, col(ScarRound.id) == ScarAnswer.round_id)
        .where(ScarRound.scar_id == row.id)
        .order_by(col(ScarRound.round).desc())
    )
    found = session.exec(query).first()
    if found is None or session.exec(select(ScarReview.id).where(ScarReview.answer_id == found.id)).first() is not None:
        return None
    return found


def door(session: Session, at: ScarRound, row: Scar) -> Door:
    """What the link of a round leads to now."""
    newest = session.exec(
        select(ScarRound.id).where(ScarRound.scar_id == row.id).order_by(col(ScarRound.round).desc())
    ).first()
    answered = session.exec(select(ScarAnswer.id).where(ScarAnswer.round_id == at.id)).first()
    return Door(
        expires_at=at.expires_at,
        answered=answered is not None,
        newest=newest == at.id,
        open=row.status == "open",
    )


def supplier_actor(session: Session, row: Scar) -> str:
    """As whom the audit trail has what comes through a link."""
    return f"supplier:{session.get_one(Supplier, row.supplier_id).supplier_no}"


def answer(session: Session, row: Scar, at: ScarRound, command: AnswerScar, now: datetime) -> ScarAnswer:
    """Keep what the supplier said; the process goes on."""
    made = ScarAnswer(
        round_id=at.id,
        name=command.name.strip(),
        containment=command.containment.strip(),
        cause=command.cause.strip(),
        correction=command.correction.strip(),
        prevention=command.prevention.strip(),
        done_on=command.done_on,
        files=list(dict.fromkeys(command.files)),
        address=command.address,
        answered_at=now,
    )
    session.add(made)
    session.flush()
    _tell(session, row, ANSWERED, command.by, now, once=f"{row.scar_no}/{at.round}")
    return made


def review(session: Session, given: ScarAnswer, verdict: str, reason: str, by: By, now: datetime) -> None:
    """What a signature says of an answer."""
    session.add(
        ScarReview(
            answer_id=given.id, verdict=verdict, reason=reason.strip(), reviewed_by_id=by.person_id, reviewed_at=now
        )
    )
    session.flush()


def end(session: Session, row: Scar, status: str, reason: str | None, by: By, now: datetime) -> dict[str, Any]:
    """Closed, or withdrawn; no link of it is in force any more."""
    row.status, row.ended_at, row.end_reason = status, now, reason
    session.add(row)
    session.flush()
    _tell(session, row, ENDED, by, now)
    return {"number": row.scar_no, "status": status}


def stop(session: Session, row: Scar, reason: str, now: datetime) -> None:
    """Its process ends with it, whatever it waits for."""
    keys = session.exec(
        select(ProcessRun.id).where(ProcessRun.subject_id == row.subject_id, ProcessRun.status == "running")
    ).all()
    for key in keys:
        runs.cancel(session, runs.load(session, key, lock=True), reason, now)
        session.add(Outbox(fact="process.cancelled", payload={"run": key}))
    session.flush()


def _tell(
    session: Session, row: Scar, name: str, by: By, now: datetime, *, run: int | None = None, once: str | None = None
) -> None:
    supplier = session.get_one(Supplier, row.supplier_id).supplier_no
    said = {"number": row.scar_no, "supplier": supplier}
    facts.tell(session, row, name, by, now, said, run=run, once=once, held=True)
