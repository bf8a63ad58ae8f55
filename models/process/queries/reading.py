"""From a row of the record to what a person reads about a task, with the answer to "why can't I?" (REQ 89)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.definition import store as definitions
from models.definition.document import Definition, Stage, Text
from models.definition.tables import DefinitionVersion
from models.kernel.refusal import Refusal
from models.kernel.time.moments import printed
from models.person.rules.auth import Principal
from models.process import kinds
from models.process import task as tasks
from models.process.queries.views import Blocked, Place, SignedBy, TaskView
from models.process.task import TaskFacts


def definitions_of(session: Session, ids: set[int]) -> dict[int, Definition]:
    """The definitions of some runs, in one statement; each text is verified and parsed once per process."""
    if not ids:
        return {}
    rows = session.exec(select(DefinitionVersion).where(col(DefinitionVersion.id).in_(ids))).all()
    return {row.id: definitions.read(row) for row in rows}


def facts(row: Any, stage: Stage | None = None) -> TaskFacts:
    """What the rules need to know."""
    return TaskFacts(
        status=row.status,
        role=row.role,
        assignee_id=row.assignee_id,
        assignee_name=row.assignee or "",
        done_by=row.done_by or "",
        done_at=row.done_at.isoformat(timespec="minutes") if row.done_at else "",
        outcome=stage.outcome_words(row.outcome) if stage else (row.outcome or "",) * 2,
    )


def task_view(
    principal: Principal, row: Any, definition: Definition, groups: Mapping[str, frozenset[str]] | None = None
) -> TaskView:
    """The task as this person sees it.  `groups` are the lot's people where they are known (one task's own page)."""
    stage = definition.find(row.stage)
    acting, blocked = None, None
    try:
        acting = tasks.acting_for(principal, facts(row, stage))
        if stage is not None:
            people = {principal.person_id} | ({acting.person_id} if acting else set())
            tasks.check_other_people(people, definition, stage, row.performers or {}, groups, row.everyone)
    except Refusal as refusal:
        blocked = Blocked(**refusal.as_dict())
    mine = row.assignee_id == principal.person_id
    return TaskView(
        id=row.public_id,
        process=row.process,
        process_title=definition.title,
        stage=row.stage,
        stage_title=stage.title if stage else Text(zh=row.stage, en=row.stage),
        definition_version=definition.version,
        workflow_id=row.workflow_id,
        kind=row.kind,
        role=row.role,
        rank=row.rank,
        status=row.status,
        recall_no=row.recall_no,
        place=Place(kind=row.place_kind, code=row.place, title=row.place_title) if row.place_kind else None,
        lot_no=row.lot_no,
        number=row.number,
        lot_status=row.lot_status,
        held=row.held,
        item_no=row.item_no,
        item=row.item,
        quantity=row.quantity,
        uom=row.uom,
        supplier_lot_no=row.supplier_lot_no,
        expires_on=printed(row.expires_on, row.expiry_precision),
        expiry_precision=row.expiry_precision,
        assignee=row.assignee,
        assignee_id=row.assignee_public,
        claimed_at=row.claimed_at,
        pick_up_by=row.pick_up_by,
        due_at=row.due_at,
        overdue=bool(row.overdue),
        escalation_level=row.escalation_level,
        escalated_to=row.escalated_to,
        opened_at=row.opened_at,
        done_at=row.done_at,
        done_by=row.done_by,
        on_behalf_of=row.on_behalf_of,
        outcome=row.outcome,
        signatures=tuple(_signed(one) for one in row.signed),
        mine=mine,
        can_claim=blocked is None and not mine and row.status == "open",
        acting_for=acting.name if acting else None,
        blocked=blocked,
        record=kinds.record_name(definition, stage) if stage else None,
        run=row.run_key,
        subject=row.about_key,
        subject_kind=row.about_kind,
        second=bool(stage and kinds.joined(definition, stage)),
    )


def _signed(one: dict[str, Any]) -> SignedBy:
    return SignedBy(
        person=UUID(one["person"]),
        name=one["name"],
        on_behalf_of=one["behalf"],
        meaning=one["meaning"],
        outcome=one["outcome"],
        at=datetime.fromisoformat(one["at"]),
        digest=one["digest"],
        statement=one["statement"],
        reason=one["reason"],
    )
