"""What a person is told after a step: what they did, what came of it, and who goes on (requirements 58, 87)."""

from uuid import UUID

from sqlmodel import Session

from models.definition.document import Stage
from models.person.rules.known_roles import role_name
from models.process.queries import inbox as queries_tasks
from models.process.queries import subject
from models.process.queries.views import TaskView
from models.process.store import runs
from models.recall.store import recalls
from ui.frame.i18n import Words
from ui.frame.status import mark
from ui.frame.visit import Visit
from ui.inbox.view import is_batch
from ui.lot.mark import lot_mark
from ui.recall.view.list import href


def done(visit: Visit, session: Session, task_id: UUID) -> tuple[str, str]:
    """Where to go on, and what to say there."""
    words, one = visit.words, queries_tasks.one(session, visit.principal, task_id)
    row = queries_tasks.row(session, task_id)
    stage = runs.load(session, row.run_id).definition.find(row.stage)
    if one.recall_no:
        recall = recalls.get(session, one.recall_no)
        tasks = queries_tasks.of_subject(session, visit.principal, recall.subject_id)
        state = words("recall.is", status=words(mark("recall", one.lot_status).key))
    else:
        found = queries_tasks.open_about(session, visit.principal, row.subject_id, subject.MOST)
        tasks = tuple(sorted(found, key=lambda each: each.opened_at))
        held = lot_mark(one.lot_status, held=one.held) if is_batch(one) else None
        state = words("task.lot_is", status=words(held.key)) if held is not None else ""
    said = [
        _did(words, one, stage),
        *([state] if state else []),
        *_then(words, [each for each in tasks if each.status == "open"]),
    ]
    return href(one.recall_no) if one.recall_no and one.place is None else "/inbox", (
        "。" if words.language == "zh" else ". "
    ).join(said)


def _did(words: Words, one: TaskView, stage: Stage | None) -> str:
    step = one.stage_title.say(words.language)
    outcome = stage.outcome(one.outcome) if stage else None
    if outcome is None:
        return words("task.did_plain", step=step, lot=one.lot_no)
    return words("task.did", step=step, lot=one.lot_no, outcome=outcome.title.say(words.language))


def _then(words: Words, following: list[TaskView]) -> list[str]:
    if not following:
        return []
    steps = [
        words("task.then_step", step=each.stage_title.say(words.language), role=role_name(each.role, words.language))
        for each in following
        if each.place is None or each.place.kind in {"deadline", "receivers"}
    ]
    errands = sum(each.place is not None and each.place.kind not in {"deadline", "receivers"} for each in following)
    if errands:
        steps.append(words("pull.then", n=errands))
    return [words("task.then", steps=words("list.comma").join(steps))]
