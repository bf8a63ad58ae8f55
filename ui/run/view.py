"""The page of a run from what was read; it names no process, so a new one needs no line here."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup
from sqlmodel import Session

from models.definition.document import Definition
from models.inspection.queries import sheet as queries_page_task
from models.person.rules.known_roles import role_name
from models.process.messages.timer import Timer
from models.process.queries.run import Kin, RunDetail
from models.process.queries.views import TaskView
from models.process.run import Run
from ui.attachment import view as views_attachment
from ui.definition import view as views_definition
from ui.definition.picture import picture
from ui.fact import view as facts
from ui.frame.i18n import Words
from ui.frame.parts import Deadline, Fact, Link, SignatureLine
from ui.frame.status import decided, mark
from ui.inbox.view import place_of, task_mark
from ui.run.page import FileRow, KinRow, MomentRow, RunPage, StepRow
from ui.subject import shown
from ui.task.form import digests_of


def page(words: Words, session: Session, found: RunDetail, now: datetime) -> RunPage:
    """The page."""
    run, definition = found.run, found.run.definition
    return RunPage(
        title=definition.title.say(words.language),
        kind=run.about.title.say(words.language),
        number=run.row.workflow_id,
        subject=Link(label=run.number, href=shown.href(run.about.key, run.number, found.subject)),
        mark=mark("run", run.row.status),
        facts=_facts(words, found),
        picture=Markup(picture(definition, words.language, _states(run, found.tasks, now))),  # noqa: S704 - our own drawing, its texts are escaped
        steps=tuple(_step(words, one, definition) for one in found.tasks),
        kin=tuple(_kin(words, one) for one in found.kin),
        moments=tuple(_moment(words, definition, one) for one in found.timers),
        signatures=tuple(_line(words, definition, one) for one in queries_page_task.signatures(session, run.row.id)),
        files=_files(words, session, found),
        told=facts.rows(words, found.facts),
        facts_href=facts.href(found.subject),
    )


def _files(words: Words, session: Session, found: RunDetail) -> tuple[FileRow, ...]:
    """The files that the steps recorded, each under the name that whoever did the step gave it."""
    held = [
        (stage, form, by)
        for key, form, by in found.forms
        if (stage := found.run.definition.find(key)) is not None and digests_of(stage, form)
    ]
    rows: list[FileRow] = []
    for stage, form, by in held:
        digests, title = digests_of(stage, form), stage.title.say(words.language)
        kept = views_attachment.lines(session, digests, by)
        rows += (FileRow(step=title, file=kept[one]) for one in digests if one in kept)
    return tuple(rows)


def href(key: object) -> str:
    """The address of a run's page."""
    return f"/runs/{key}"


def _facts(words: Words, found: RunDetail) -> tuple[Fact, ...]:
    run = found.run
    definition, row = run.definition, run.row
    title = f"{definition.title.say(words.language)} v{definition.version}"
    facts = [
        Fact(
            label=words("run.about"),
            text=f"{shown.kind_name(words, run.about.key)} {run.number}",
            href=f"/subjects/{found.subject}",
        ),
        Fact(
            label=words("definition.process"),
            text=title,
            href=views_definition.href(definition.key, definition.version),
        ),
        Fact(label=words("run.started"), moment=row.started_at),
    ]
    if row.ended_at is not None:
        facts.append(Fact(label=words("run.ended"), moment=row.ended_at))
        facts.append(Fact(label=words("run.result"), text=_result(words, definition, row.result)))
    return tuple(facts)


def _result(words: Words, definition: Definition, result: str | None) -> str:
    """How it ended, by the title of its end."""
    end = next((one for one in definition.stages if one.result == result), None)
    return end.title.say(words.language) if end is not None else words("run.is_cancelled")


def _states(run: Run, tasks: Sequence[TaskView], now: datetime) -> dict[str, str | None]:
    """Which boxes of the picture are done, open or late."""
    ends = [one.key for one in run.definition.stages if one.result is not None and one.result == run.row.result]
    states: dict[str, str | None] = dict.fromkeys([*run.state.outcomes, *run.state.many, *ends], "done")
    late = {one.stage for one in tasks if one.status == "open" and one.due_at is not None and one.due_at < now}
    for one in run.state.open:
        states[one.key] = "late" if one.key in late else "open"
    return states


def _step(words: Words, one: TaskView, definition: Definition) -> StepRow:
    stage, language = definition.find(one.stage), words.language
    outcome = stage.outcome(one.outcome) if stage is not None else None
    who = one.done_by or one.assignee or role_name(one.role, language)
    return StepRow(
        title=one.stage_title.say(language),
        href=place_of(one),
        mark=task_mark(one),
        who=f"{who} ({words('inbox.acting_for', who=one.on_behalf_of)})" if one.on_behalf_of else who,
        outcome=outcome.title.say(language) if outcome is not None else "",
        reason=one.signatures[-1].reason or "" if one.status == "done" and one.signatures else "",
        at=one.done_at or one.opened_at,
        deadline=Deadline(due=one.due_at, done=one.status != "open") if one.due_at else None,
        escalated=words("inbox.escalated", role=role_name(one.escalated_to, language)) if one.escalated_to else "",
    )


def _kin(words: Words, one: Kin) -> KinRow:
    return KinRow(
        title=one.zh if words.language == "zh" else one.en,
        href=href(one.id),
        number=one.workflow_id,
        mark=mark("run", one.status),
        above=one.above,
    )


def _moment(words: Words, definition: Definition, one: Timer) -> MomentRow:
    stage = definition.find(one.stage)
    step = stage.title.say(words.language) if stage is not None else one.stage
    key = "run.wait_over" if one.kind == "until" else "run.tells"
    return MomentRow(at=one.at, what=words(key, step=step, role=role_name(one.to_role, words.language)))


def _line(words: Words, definition: Definition, one: queries_page_task.Signed) -> SignatureLine:
    stage = definition.find(one.stage)
    meaning = stage.signature.title.say(words.language) if stage and stage.signature else one.meaning
    outcome = stage.outcome(one.outcome) if stage else None
    return SignatureLine(
        who=f"{one.name} ({words('inbox.acting_for', who=one.on_behalf_of)})" if one.on_behalf_of else one.name,
        at=one.at,
        meaning=f"{meaning} · {outcome.title.say(words.language)}" if outcome else meaning,
        digest=one.digest,
        role=role_name(one.role, words.language),
        reason=one.reason,
        tone=decided(one.outcome),
    )
