"""One task with its form, the draft, and the record that a signature would be over (DESIGN 7.1)."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.store.act import now
from models.person.rules.auth import Principal
from models.process.acts.complete import shown_record
from models.process.context import Ctx
from models.process.queries import inbox as queries_tasks
from models.process.queries.reading import task_view
from models.process.queries.views import TaskDetail
from models.process.store import runs, signing
from models.process.store.runs import NOBODY

DRAFT = text("select form, saved_at from task_draft where task_id = :task and person_id = :person")
OTHERS = text(
    "select said(p.name, p.name_en) as name from role_grant g join person p on p.id = g.person_id"
    " where g.role = :role and p.active and p.id <> :me and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())"
    " order by p.name"
)
SIGNED = text(
    "select s.digest, r.canonical from signature s join signed_record r on r.digest = s.digest where s.task_id = :id"
)


def detail(session: Session, principal: Principal, task_id: UUID) -> TaskDetail:
    """Everything one person needs to do or to read one task.

    An open task shows the record as it is now; a signed one shows it byte for byte as it was signed.
    """
    row = queries_tasks.row(session, task_id)
    run = runs.load(session, row.run_id)
    stage = run.definition.stage(row.stage)
    connection = session.connection()
    draft = connection.execute(DRAFT, {"task": row.id, "person": principal.person_id}).one_or_none()
    others = connection.execute(OTHERS, {"role": row.role, "me": principal.person_id}).scalars().all()
    record, digest = None, None
    if stage.signature is not None and row.status == "open":
        record = shown_record(Ctx(session, run, NOBODY, now(session), stage=stage))
        digest = signing.digest(record)
    elif row.status == "done":
        kept = connection.execute(SIGNED, {"id": row.id}).one_or_none()
        record, digest = (kept.canonical, kept.digest) if kept else (None, None)
    return TaskDetail(
        task=task_view(principal, row, run.definition, runs.groups(session, run)),
        definition=stage,
        others=tuple(others),
        form=row.form,
        reason=row.reason,
        draft=draft.form if draft else None,
        draft_saved_at=draft.saved_at if draft else None,
        digest=digest,
        record=record,
    )
