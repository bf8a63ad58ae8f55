"""What the page of one task needs beside the task: the sheet of an inspection, and who signed which step.

The sheet of a decided inspection is what was signed: after the verdict nothing can be added (INS-007).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import Session, select

from models.inspection.rules.inspection import Limits
from models.inspection.store import inspections
from models.inspection.store.limits import limits
from models.inspection.tables import Inspection, InspectionPlan
from models.kernel.store.english_names import SIGNER
from models.lot.tables import Lot

RESULTS = text(
    "select distinct on (c.seq, r.sample_no) c.seq, r.sample_no, r.value, r.text_value, r.passed, r.recorded_at, said(p.name, p.name_en) as who,"
    " e.equipment_no, r.reason, count(*) over (partition by c.seq, r.sample_no) as times"
    " from inspection_result r join characteristic c on c.id = r.characteristic_id"
    " left join person p on p.id = r.recorded_by_id left join equipment e on e.id = r.equipment_id"
    " where r.inspection_id = :id order by c.seq, r.sample_no, r.id desc"
)
SIGNATURES = text(
    f"select {SIGNER} as name, said(b.name, b.name_en) as behalf, s.meaning, s.outcome, s.signed_at as at, s.digest, t.stage, t.role,"  # noqa: S608 - our own words
    " t.public_id as task, t.reason, t.form from signature s join human_task t on t.id = s.task_id"
    " left join person b on b.id = s.on_behalf_of_id where s.run_id = :run order by s.id"
)
MINE = text(
    "select 1 from human_task t where t.public_id = :id and t.status = 'done' and t.done_by_id = :person"
    " and (cast(:outcome as text) is null or t.outcome = :outcome)"
    " and (cast(:reason as text) is null or btrim(coalesce(t.reason, '')) = btrim(:reason))"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest result of one sample; `told` are its digits as they were entered, `times` counts the corrections."""

    value: Decimal | None
    told: str
    passed: bool
    who: str
    at: datetime
    equipment_no: str
    reason: str
    times: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One characteristic and what has been recorded of it, by sample number."""

    limits: Limits
    unit: str
    equipment_kind: str
    samples: dict[int, Sample]


@dataclass(frozen=True, slots=True)
class Sheet:
    """An inspection as it stands; `number` is empty before the first result."""

    number: str
    plan: str
    status: str
    stage: str
    rows: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature of a run, with the step it belongs to and what was answered there."""

    name: str
    on_behalf_of: str
    meaning: str
    outcome: str
    at: datetime
    digest: str
    stage: str
    role: str
    task: UUID
    reason: str
    form: dict[str, Any]


def sheet(session: Session, process: str, lot: Lot, number: str | None = None) -> Sheet:
    """The inspection of that number, else the newest one of the lot; before the first result, the plan alone."""
    stage = inspections.STAGE_OF[process]
    row = session.exec(select(Inspection).where(Inspection.inspection_no == number)).first() if number else None
    row = row or inspections.last_inspection(session, process, lot)
    if row is not None and row.status != "open" and number is None:
        row = None  # the next one has not begun
    plan = (
        session.get(InspectionPlan, row.plan_id) if row and row.plan_id else inspections.plan_for(session, lot, stage)
    )
    found: dict[int, dict[int, Sample]] = {}
    if row is not None:
        for one in session.connection().execute(RESULTS, {"id": row.id}):
            found.setdefault(one.seq, {})[one.sample_no] = _sample(one)
    return Sheet(
        number=row.inspection_no if row else "",
        plan=f"{plan.code} v{plan.version} {_title(session, plan)}" if plan else "",
        status=row.status if row else "open",
        stage=stage,
        rows=tuple(
            Measured(limits(one, lot), one.unit or "", one.equipment_kind or "", found.get(one.seq, {}))
            for one in inspections.characteristics(session, plan.id if plan else None)
        ),
    )


def _title(session: Session, plan: InspectionPlan) -> str:
    """In the language that the session reads for."""
    return str(session.exec(select(func.said(plan.title, plan.title_en))).one())


def signatures(session: Session, run_id: int) -> tuple[Signed, ...]:
    """Every signature of a run, oldest first."""
    rows = session.connection().execute(SIGNATURES, {"run": run_id})
    return tuple(
        Signed(
            name=row.name,
            on_behalf_of=row.behalf or "",
            meaning=row.meaning,
            outcome=row.outcome,
            at=row.at,
            digest=row.digest,
            stage=row.stage,
            role=row.role,
            task=row.task,
            reason=row.reason or "",
            form=row.form,
        )
        for row in rows
    )


def done_by(
    session: Session, task_id: UUID, person_id: int, outcome: str | None = None, reason: str | None = None
) -> bool:
    """Whether this very person completed the task: then a second press changes nothing and is no error.

    Where an outcome or a reason is given, it must be the one recorded: who said something else in another window is told.
    """
    given = {"id": task_id, "person": person_id, "outcome": outcome, "reason": reason}
    found = session.connection().execute(MINE, given)
    return found.one_or_none() is not None


def _sample(row: Any) -> Sample:
    return Sample(
        value=row.value,
        told=row.text_value or "",
        passed=row.passed,
        who=row.who or "",
        at=row.recorded_at,
        equipment_no=row.equipment_no or "",
        reason=row.reason or "",
        times=row.times,
    )
