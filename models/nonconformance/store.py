"""Deviations and nonconformances in the record: opened by whatever act finds one, closed by its own signed decision.

`open_deviation` is for every act that finds work not done as it should be: it writes the row, asks the QA approvers for a
decision and tells the batch, all in the transaction of the act.  While a row is open its batch is not released (`EV-LOT-2`,
and a wall of the database).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.tables import Outbox
from models.lot.store import lots
from models.lot.tables import Lot
from models.nonconformance import rules
from models.nonconformance.tables import Nonconformance
from models.person.tables import Account, Person
from models.process import numbering
from models.process.fact import tell as facts
from models.process.messages.process import By
from models.process.store import runs, signing
from models.process.tables.process import ProcessRun

NUMBERED = "nonconformance"
UNDECIDED = text("""
select n.id from nonconformance n join lot l on l.id = n.lot_id
 where n.status = 'open' and n.run_id is null order by n.id
""")


def open_deviation(
    session: Session,
    lot: Lot,
    found: rules.Finding,
    by: By,
    now: datetime,
    *,
    happened_at: datetime | None = None,
    operation_run_id: int | None = None,
    inspection_id: int | None = None,
    said: str | None = None,
) -> Nonconformance:
    """Open a deviation of a locked lot, or answer the one that the same finding has opened before, decided or not.

    `said` is what the recorder says about it: it is kept and cures nothing.
    """
    known = session.exec(
        select(Nonconformance).where(
            Nonconformance.lot_id == lot.id, Nonconformance.code == found.code, Nonconformance.about == found.about
        )
    ).first()
    if known is not None:
        return known
    row = Nonconformance(
        nonconformance_no=_number(session, lot, found.kind),
        lot_id=lot.id,
        kind=found.kind,
        code=found.code,
        about=found.about,
        title=found.zh,
        title_en=found.en,
        value=found.value or None,
        limit_text=found.limit or None,
        said=(said or "").strip() or None,
        inspection_id=inspection_id,
        operation_run_id=operation_run_id,
        opened_by_id=by.person_id or None,
        opened_at=now,
        happened_at=happened_at or now,
    )
    _ask(session, lot, row, by, now)
    told = {"number": row.nonconformance_no, "zh": found.zh, "en": found.en}
    lots.note(session, lot.id, f"{found.kind}.opened", by.person_id or None, told)
    lots.publish(session, lot.id, f"{found.kind}.opened", {"number": row.nonconformance_no, "lot": lot.lot_no})
    return row


def _number(session: Session, lot: Lot, kind: str) -> str:
    """`DV-<lot>-<n>` or `NC-<lot>-<n>`, both counted together within the batch."""
    prefix = {"deviation": "DV", "nonconformance": "NC"}[kind]
    return f"{prefix}-{lot.lot_no}-{numbering.take(session, NUMBERED, scope=lot.lot_no)}"


def _ask(session: Session, lot: Lot, row: Nonconformance, by: By, now: datetime) -> None:
    """Ask for the decision: a run with its task, which the dispatcher gives its workflow."""
    run = runs.begin(session, rules.PROCESS, lot, by, now)
    row.run_id = run.row.id
    session.add(row)
    session.flush()
    session.add(Outbox(fact="process.begun", lot_id=lot.id, payload={"run": run.row.id, "lot": lot.lot_no}))
    session.flush()


def ask_for_open(session: Session, by: By, now: datetime) -> int:
    """Ask for the decisions on rows from before there was such a process; answers how many."""
    keys = session.connection().execute(UNDECIDED).scalars().all()
    for key in keys:
        row = session.get_one(Nonconformance, key)
        lot = lots.lock_by_key(session, row.lot_id)
        _ask(session, lot, row, by, now)
    return len(keys)


def open_numbers(session: Session, lot_id: int) -> tuple[str, ...]:
    """The numbers of what is open on a lot."""
    return tuple(
        session.exec(
            select(Nonconformance.nonconformance_no)
            .where(Nonconformance.lot_id == lot_id, Nonconformance.status == "open")
            .order_by(col(Nonconformance.id))
        ).all()
    )


def rejected(session: Session, lot_id: int) -> tuple[str, ...]:
    """The numbers of what was decided against the lot, today or in the words of before."""
    against = [
        word for word in (rules.REJECT, *rules.OLD_DECISIONS) if rules.OLD_DECISIONS.get(word, word) == rules.REJECT
    ]
    return tuple(
        session.exec(
            select(Nonconformance.nonconformance_no)
            .where(Nonconformance.lot_id == lot_id, col(Nonconformance.disposition).in_(against))
            .order_by(col(Nonconformance.id))
        ).all()
    )


def of_run(session: Session, run_id: int, *, lock: bool = False) -> Nonconformance:
    """The row behind a run of the process."""
    query = select(Nonconformance).where(Nonconformance.run_id == run_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True) if lock else query).one()


def record(session: Session, row: ProcessRun, lot: Lot) -> str:
    """What the decision is over: what happened to which batch, who told it, and what they said."""
    one = of_run(session, row.id)
    teller = session.get(Person, one.opened_by_id) if one.opened_by_id else None
    return signing.canonical(
        {
            "record": rules.PROCESS,
            "number": one.nonconformance_no,
            "kind": one.kind,
            "lot_no": lot.lot_no,
            "quantity": f"{lot.quantity.normalize():f}",
            "uom": lot.uom,
            "rule": one.code or "",
            "zh": one.title,
            "en": one.title_en or one.title,
            "value": one.value or "",
            "limit": one.limit_text or "",
            "said": one.said or "",
            "told_by": teller.name if teller else "",
            "happened_at": (one.happened_at or one.opened_at).isoformat(),
            "opened_at": one.opened_at.isoformat(),
        }
    )


def check(session: Session, row: ProcessRun, outcome: str | None, form: dict[str, Any], by: By) -> int:
    """Refuse a decision without cause or owner; answers who owns it."""
    one = of_run(session, row.id)
    rules.check_decision(one.nonconformance_no, outcome, form)
    login = str(form.get("owner") or "").strip()
    if not login:
        return by.person_id
    owner = session.exec(
        select(Person).join(Account, col(Account.person_id) == col(Person.id)).where(Account.login == login)
    ).first()
    if owner is None or not owner.active:
        raise rules.NO_OWNER(owner=login)
    return owner.id


def decided(
    session: Session,
    row: ProcessRun,
    lot: Lot,
    outcome: str,
    form: dict[str, Any],
    reason: str | None,
    by: By,
    now: datetime,
) -> dict[str, Any]:
    """The decision is signed: the row is closed with cause, owner and reason."""
    owner = check(session, row, outcome, form, by)
    one = of_run(session, row.id, lock=True)
    one.status, one.disposition, one.closed_at = "closed", outcome, now
    one.cause, one.owner_id = str(form["cause"]).strip(), owner
    one.decided_by_id, one.decision_reason = by.person_id, (reason or "").strip()
    session.add(one)
    session.flush()
    data = {"number": one.nonconformance_no, "outcome": outcome}
    lots.note(session, lot.id, f"{one.kind}.decided", by.person_id, data)
    facts.tell(session, lot, f"{one.kind}.decided", by, now, data, once=one.nonconformance_no, run=row.id, held=True)
    return data
