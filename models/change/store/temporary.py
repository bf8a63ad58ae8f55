"""A temporary change in the record: it goes back by itself at its end, is extended by a signature, and what is still under way pauses (REQ 46, 47)."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from models.change import rules
from models.change.rules import temporary
from models.change.rules.temporary import End, Why
from models.change.store import changes
from models.change.tables import Change, ChangeBatch, ChangeExtension
from models.kernel.tables import Outbox
from models.kernel.time.moments import day_begins, plant_day
from models.lot.store import lots
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.messages.timer import Timer
from models.process.store import runs
from models.process.tables.process import ProcessRun
from models.process.time import clock

ENDED, EXTENDED, NEAR = "change.ended", "change.extended", "change.end_near"
END, REMINDER = 2, 1
"""Levels of its two moments: when it is over, and when its owner is asked before."""
STAGE = "change.end"
UNDER_WAY = text("""
with made as (
  insert into change_lock (change_id, lot_id, step, seq, locked_at)
  select :change, s.lot_id, s.step, s.seq, :now from change_pauses(:change, null) s where change_runs_so(:change, s.lot_id) order by s.lot_id
  on conflict (change_id, lot_id) do nothing
  returning lot_id, step, seq)
insert into lot_fact (lot_id, fact, at, person_id, data)
select lot_id, 'lot.paused', :now, :person, jsonb_build_object('change', cast(:number as text), 'step', step, 'seq', seq) from made
returning lot_id
""")
COUNTING = text("select pg_advisory_xact_lock(hashtext('change.counts'))")
"""Whoever makes a batch of a number has it when their transaction ends (`change_counts` in the database)."""
TOLD = text("select exists (select from fact f where f.subject_id = :subject and f.name = :name and f.once = :once)")


def ending(session: Session, end: End) -> dict[str, Any]:
    """The end of a request, as its row keeps it."""
    return {"ends_on": end.day, "ends_at": _ends_at(session, end.day), "most_batches": end.batches}


def _ends_at(session: Session, day: date | None) -> datetime | None:
    return None if day is None else day_begins(day + timedelta(days=1), lots.site_zone(session))


def end_of(row: Change) -> End:
    """Until when it is."""
    return End(row.ends_on, row.most_batches)


def made(session: Session, row: Change) -> int:
    """How many batches of its number are made."""
    query = select(func.count()).select_from(ChangeBatch).where(ChangeBatch.change_id == row.id)
    return int(session.exec(query).one())


def over(session: Session, row: Change, now: datetime) -> Why | None:
    """What has ended it, whether it has gone back already or not."""
    if row.ended_by is not None:
        return Why(row.ended_by)
    return temporary.over(row.ends_at, row.most_batches, made(session, row), now)


def count_alone(session: Session) -> None:
    """Nobody takes a place in a number meanwhile."""
    session.connection().execute(COUNTING)


def extensions(session: Session, row: Change) -> int:
    """How often it was extended."""
    query = select(func.count()).select_from(ChangeExtension).where(ChangeExtension.change_id == row.id)
    return int(session.exec(query).one())


def begun(session: Session, row: Change, by: By, now: datetime) -> None:
    """It is in effect: whoever owns it is asked before its end what becomes of it."""
    running = select(ProcessRun.id).where(
        ProcessRun.subject_id == row.subject_id,
        ProcessRun.status == "running",
        col(ProcessRun.workflow_id).startswith(f"{rules.ENDING}/"),
    )
    if session.exec(running.limit(1)).first() is None:
        run = runs.begin(session, rules.ENDING, row, by, now, facts=known(session, row))
        session.add(Outbox(fact="process.begun", payload={"run": run.row.id}))
    session.flush()


def known(session: Session, row: Change) -> dict[str, str]:
    """When its owner is asked, by the calendar of the site; nothing where no day ends it."""
    if row.ends_on is None:
        return {}
    asked = temporary.remind_on(row.ends_on, clock.site(session).works)
    return {"item.task_on": asked.isoformat(), "item.due": row.ends_on.isoformat()}


def timers(session: Session, row: Change) -> list[Timer]:
    """The moments that are still to come: of its number both are there as soon as the batch is made with which they come."""
    return [
        Timer(stage=STAGE, at=at, level=level, to_role="", deadline=row.id)
        for level in (REMINDER, END)
        if (at := moment(session, row, level)) is not None
    ]


def moment(session: Session, row: Change, level: int) -> datetime | None:
    """When that moment comes; None where it won't, has been, or nobody knows yet."""
    if not row.temporary or row.status != "approved" or row.effective_at is None or row.ended_at is not None:
        return None
    if level == REMINDER:
        if row.most_batches is None or _told(session, row):
            return None
        place = temporary.near(row.most_batches)
        return row.effective_at if place == 0 else _made_at(session, row, place)
    used_up = None if row.most_batches is None else _made_at(session, row, row.most_batches)
    return used_up or row.ends_at


def _made_at(session: Session, row: Change, place: int) -> datetime | None:
    query = select(ChangeBatch.made_at).where(ChangeBatch.change_id == row.id, ChangeBatch.place == place)
    return session.exec(query).first()


def _once(row: Change) -> str:
    return f"{row.change_no}/{row.most_batches}"


def _told(session: Session, row: Change) -> bool:
    asked = {"subject": row.subject_id, "name": NEAR, "once": _once(row)}
    return bool(session.connection().execute(TOLD, asked).scalar_one())


def remind(session: Session, row: Change, by: By, now: datetime) -> bool:
    """Its number is nearly made: whoever owns it is asked what becomes of it."""
    told = {"number": row.change_no, "made": made(session, row)}
    facts.tell(session, row, NEAR, by, now, told, once=_once(row), held=True)
    return True


def go_back(session: Session, row: Change, why: Why, by: By, now: datetime, run: int | None = None) -> dict[str, Any]:
    """The old way is effective again; what ran so, is under way and nobody has decided on pauses, where no number says that it goes on.

    Whoever makes a batch at this instant is waited for, and what they have made ran so or didn't.
    """
    changes.alone(session, row)
    ended = over(session, row, now)
    if why is Why.HAND and ended is not None:
        raise temporary.ENDED(number=row.change_no)
    why = ended or why  # its number may have been made while we waited
    if why is Why.HAND:
        row.ends_at = now
    paused = changes.said_of_many(session, UNDER_WAY, row, by, now) if why is not Why.NUMBER else 0
    row.ended_at, row.ended_by = now, why.value
    session.add(row)
    session.flush()
    _ask_no_more(session, row, run, now)
    left = len(changes.paused(session, row))
    told = {"number": row.change_no, "by": why.value, "paused": paused, "left": left}
    facts.tell(session, row, ENDED, by, now, told, once=row.change_no, run=run, held=True)
    return {"number": row.change_no, "ended_by": why.value, "paused": paused}


def _ask_no_more(session: Session, row: Change, run: int | None, now: datetime) -> None:
    """Nobody is asked any more what becomes of it."""
    query = (
        select(ProcessRun.id)
        .where(
            ProcessRun.subject_id == row.subject_id,
            ProcessRun.status == "running",
            col(ProcessRun.workflow_id).startswith(f"{rules.ENDING}/"),
            ProcessRun.id != (run or 0),
        )
        .order_by(col(ProcessRun.id))
    )
    for key in session.exec(query).all():
        runs.cancel(session, runs.load(session, key, lock=True), ENDED, now)
        session.add(Outbox(fact="process.cancelled", payload={"run": key}))
    session.flush()


def extend(
    session: Session, row: Change, new: End, asked_by: int, reason: str, run: int, by: By, now: datetime
) -> dict[str, Any]:
    """It has another end from now on, by the signature of whoever has just signed; the workflow that follows it looks at the record again."""
    was = end_of(row)
    number = extensions(session, row) + 1
    session.add(
        ChangeExtension(
            change_id=row.id,
            number=number,
            from_day=was.day,
            to_day=new.day,
            from_batches=was.batches,
            to_batches=new.batches,
            reason=reason,
            asked_by_id=asked_by,
            approved_by_id=by.person_id,
            approved_at=now,
        )
    )
    session.flush()
    row.ends_on, row.ends_at, row.most_batches = new.day, _ends_at(session, new.day), new.batches
    session.add(row)
    session.flush()
    told = {
        "number": row.change_no,
        "extension": number,
        "until": new.day.isoformat() if new.day else "",
        "batches": new.batches or 0,
    }
    facts.tell(session, row, EXTENDED, by, now, told, once=f"{row.change_no}/{number}", run=run, held=True)
    main = select(ProcessRun.id).where(
        ProcessRun.subject_id == row.subject_id,
        ProcessRun.status == "running",
        col(ProcessRun.workflow_id).startswith(f"{rules.TEMPORARY}/"),
    )
    for key in session.exec(main).all():
        following = runs.load(session, key, lock=True).row
        following.version += 1  # its moments are others now
        session.add(following)
        session.add(Outbox(fact="process.changed", payload={"run": key}))
    session.flush()
    return {"number": row.change_no, "extension": number, "item.task_on": "", "item.due": "", **known(session, row)}


def plant_today(session: Session, now: datetime) -> date:
    """The day of the plant."""
    return plant_day(now, lots.site_zone(session))
