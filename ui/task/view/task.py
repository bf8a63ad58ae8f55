"""Any step of any definition as a page: its head, its form as typed, its signature, and what was recorded.

Requirements 58 and 89.  Release and inspection build on the same parts (`views_release`, `views_inspection`).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.lot.store import open_holds
from models.nonconformance import kind as nonconformance
from models.process.acts import preview as previewing
from models.process.acts import task_detail
from models.process.form.form import FORM, REASON, FieldProblem, read_form
from models.process.queries import inbox_page as queries_page_inbox
from models.process.queries.views import TaskView
from models.process.store import named_answers
from models.pull import store as pulls
from models.recall.store import duties as recall_duties
from models.reshape import kind as reshape
from ui.attachment.view import lines as file_lines
from ui.frame.parts import (
    Amount,
    Draft,
    Fact,
    FormField,
    Link,
    LotRef,
    Option,
    RecallBand,
    lot_href,
)
from ui.frame.parts import Deadline as Due
from ui.frame.status import mark
from ui.frame.visit import Visit
from ui.inbox.view import is_batch, is_drill, place_words, why
from ui.lot.mark import lot_mark
from ui.notice.view.receivers import naming_facts
from ui.recall.view.band import band
from ui.recall.view.list import href as recall_href
from ui.subject import shown
from ui.task.form import Sheet
from ui.task.page import TaskHead, TaskPage
from ui.task.view import record
from ui.task.view.desk import Desk, Typed
from ui.task.view.signing import blocked, form_answers, lines, panel

FEW = 200
REASON_MISSING = {"REL-002", "PRC-003", "PUL-003", "RCL-007"}


def _title(desk: Desk) -> str:
    """What is to be done: of one of many what its plan calls it, since its step is called the same for all; why it is here names the step."""
    planned = desk.decision.ctx.run.state.facts.get("item.title")
    return str(planned) if planned else desk.task.stage_title.say(desk.language)


def head(desk: Desk) -> TaskHead:
    """What it is, whose it is, until when, why it is here."""
    task, stage, words = desk.task, desk.stage, desk.visit.words
    mine = task.mine and task.status == "open"
    colleagues = queries_page_inbox.holders(desk.session, [task.role]).get(task.role, ()) if mine else ()
    assignee = task.assignee or ""
    if task.status == "done":
        assignee = (
            f"{task.done_by} ({words('inbox.acting_for', who=task.on_behalf_of)})"
            if task.on_behalf_of
            else task.done_by or ""
        )
    return TaskHead(
        id=str(task.id),
        title=_title(desk),
        process=f"{task.process_title.say(desk.language)} v{task.definition_version}",
        process_href=f"/runs/{task.run}" if task.run else "",
        why=why(task, words),
        mark=mark("task", _state(task)),
        lot=_lot(task) if is_batch(task) or task.lot_no != task.number else None,
        subject=_subject(desk),
        recall=Link(label=task.recall_no, href=recall_href(task.recall_no)) if task.recall_no else None,
        band=_band(desk),
        drill=is_drill(task),
        deadline=Due(due=task.due_at, done=desk.done) if task.due_at else None,
        assignee=assignee,
        law=stage.law or "",
        can_claim=task.can_claim and task.assignee is None,
        can_release=mine,
        delegates=tuple(
            Option(value=one.login, label=one.name) for one in colleagues if one.login != desk.visit.principal.login
        ),
    )  # fmt: skip


def _band(desk: Desk) -> RecallBand | None:
    """RECALL across the page, where a recall holds the batch of the task and it isn't the recall's own."""
    task = desk.task
    if task.recall_no is not None or not task.held:
        return None
    return band(desk.visit.words, open_holds.open_on(desk.session, task.lot_no))


def _lot(task: TaskView) -> LotRef:
    amount = Amount(value=task.quantity, unit=task.uom)
    return LotRef(lot_no=task.lot_no, mark=lot_mark(task.lot_status, held=task.held), item=task.item, amount=amount)


def _subject(desk: Desk) -> Link | None:
    """What it is about, where that is neither a batch nor a recall."""
    task = desk.task
    if is_batch(task) or task.recall_no is not None:
        return None
    named = " ".join((shown.kind_name(desk.visit.words, task.subject_kind), task.number))
    return Link(label=named, href=shown.href(task.subject_kind, task.number, task.subject))


def _state(task: TaskView) -> str:
    """The task's own state: the lot's, held or not, stands beside it."""
    if task.status != "open":
        return task.status
    return "claimed" if task.assignee else "open"


def task_page(desk: Desk) -> TaskPage:
    """The page of a step without a page of its own."""
    stage, task = desk.stage, desk.task
    return TaskPage(
        head=head(desk),
        facts=_facts(desk),
        fields=() if desk.done else fields(desk),
        outcomes=outcomes(desk) if stage.outcomes and not desk.done else None,
        reason=reason(desk) if stage.outcomes and not desk.done else None,
        signature=panel(desk) if stage.signature and not desk.done else None,
        refusal=desk.refusal,
        blocked=blocked(desk) if not stage.signature and not desk.done else None,
        draft=draft(desk),
        command_key=desk.typed.key,
        done=desk.done,
        answers=answers(desk) if task.status == "done" else (),
        signatures=lines(desk) if desk.done else (),
        record=()
        if is_batch(task) or task.recall_no or task.record == nonconformance.RECORD.name
        else record.rows(desk),
    )


def fields(desk: Desk) -> tuple[FormField, ...]:
    """The questions of the step with what was typed and, after a refusal, what is wrong with each."""
    wrong = {one.field: one.refusal.sentence(desk.language) for one in _problems(desk)}
    sheet = Sheet(
        desk.visit.words,
        desk.zone,
        desk.session,
        desk.task.uom or "",
        desk.typed.values,
        wrong,
        desk.visit.principal.uuid,
        desk.visit.request.app.state.settings.attachment_mb,
    )
    return sheet.fields(desk.stage, but=REASON)


def _problems(desk: Desk) -> tuple[FieldProblem, ...]:
    """What is wrong with each answer of a refused form, by itself or because the record has no such thing."""
    if desk.refusal is None or desk.refusal.code != FORM.code:
        return ()
    given = {
        **desk.typed.answers(desk.stage, desk.zone),
        **({REASON: desk.typed[REASON]} if desk.stage.outcomes else {}),
    }
    clean, problems = read_form(desk.stage, given, desk.stage.outcome(desk.outcome), desk.decision.ctx.run.state.facts)
    return problems or named_answers.settle(desk.session, desk.stage, clean, given)


def outcomes(desk: Desk, blocked_ones: Mapping[str, str] | None = None, value: str = "") -> FormField:
    """The ways to decide; one that the record forbids is shown with the reason and can't be taken."""
    language, known = desk.language, blocked_ones or {}
    chosen = desk.typed["outcome"] or value
    hint = desk.visit.words("task.reason_needed")
    return FormField(
        key="outcome",
        label=desk.visit.words("task.decision"),
        kind="choice",
        required=True,
        value="" if chosen in known else chosen,
        options=tuple(
            Option(
                value=one.key,
                label=one.title.say(language),
                hint=hint if one.reason_required else "",
                blocked=known.get(one.key, ""),
            )
            for one in desk.stage.outcomes
        ),
    )


def reason(desk: Desk, help_text: str = "") -> FormField:
    """The reason of a decision, kept as typed."""
    wrong = next((one.refusal.sentence(desk.language) for one in _problems(desk) if one.field == REASON), "")
    if desk.refusal is not None and desk.refusal.code in REASON_MISSING:
        wrong = desk.refusal.sentence(desk.language)
    return FormField(
        key=REASON,
        label=desk.visit.words("task.reason"),
        kind="long_text",
        value=desk.typed[REASON],
        help=help_text,
        error=wrong,
    )


def draft(desk: Desk) -> Draft:
    """Where half-typed text is kept: in the browser at once, at the server a moment later."""
    return Draft(
        key=f"task-{desk.task.id}", save_href=f"/tasks/{desk.task.id}/draft", saved_at=desk.detail.draft_saved_at
    )


def answers(desk: Desk) -> tuple[Fact, ...]:
    """What was recorded when it was completed."""
    words, said = desk.visit.words, [*form_answers(desk)]
    if outcome := desk.stage.outcome(desk.task.outcome):
        said.insert(0, Fact(label=words("task.decision"), text=outcome.title.say(desk.language)))
    if desk.detail.reason:
        said.append(Fact(label=words("task.reason"), text=desk.detail.reason))
    if desk.task.done_at:
        said.append(Fact(label=words("task.done_at"), moment=desk.task.done_at))
    return tuple(said)


def find(
    visit: Visit, session: Session, task_id: UUID, typed: Typed | None = None, refusal: Refusal | None = None
) -> Desk:
    """Read everything about a task that this person may read."""
    from models.kernel.store.act import now

    detail = task_detail.detail(session, visit.principal, task_id)
    absent = next((one for one in visit.principal.stands_in_for if one.name == detail.task.acting_for), None)
    decision = previewing.decision(session, task_id, visit.by(absent), now(session))
    shown = typed or Typed.kept(detail.draft)
    return Desk(visit, session, detail, decision, shown, refusal, shown["outcome"])


def _proposal(desk: Desk) -> tuple[Fact, ...]:
    """What a partial disposition is about: the numbers that the signature is over."""
    said, words = json.loads(desk.decision.canonical or "{}"), desk.visit.words
    if not said:
        return ()
    uom = str(said["uom"])
    serials = " ".join(said["serials"])
    facts = [
        Fact(label=words("reshape.rejected"), amount=Amount(value=Decimal(said["rejected"]), unit=uom)),
        Fact(label=words("reshape.kept"), amount=Amount(value=Decimal(said["kept"]), unit=uom)),
        Fact(label=words("reshape.rejected_lot"), text=said["rejected_lot_no"], code=True),
        Fact(label=words("reshape.reason"), text=said["reason"]),
        Fact(label=words("reshape.proposed_by"), text=said["proposed_by"]),
    ]
    return (*facts, Fact(label=words("shipment.serials"), text=serials, code=True)) if serials else tuple(facts)


def _wrong(desk: Desk) -> tuple[Fact, ...]:
    """What a deviation or nonconformance is about: what the decision's signature is over."""
    said, words = json.loads(desk.decision.canonical or "{}"), desk.visit.words
    if not said:
        return ()
    found = [
        Fact(label=words("nonconformance.number"), text=said["number"], code=True),
        Fact(label=words("nonconformance.what"), text=said["zh" if desk.language == "zh" else "en"]),
    ]
    measured = {"value": words("nonconformance.value"), "limit": words("nonconformance.limit")}
    found += [Fact(label=label, text=said[key]) for key, label in measured.items() if said[key]]
    if said["quantity"]:
        found.append(
            Fact(label=words("lot.quantity"), amount=Amount(value=Decimal(said["quantity"]), unit=said["uom"]))
        )
    if "severity" in said:
        found.append(Fact(label=words("nonconformance.severity"), text=words(f"status.severity_{said['severity']}")))
        found.append(Fact(label=words("nonconformance.source"), text=words(f"nonconformance.source_{said['source']}")))
    if said.get("set_apart"):
        set_apart = Amount(value=Decimal(said["set_apart"]), unit=said["set_apart_uom"])
        found.append(Fact(label=words("nonconformance.quantity"), amount=set_apart))
    if said.get("place"):
        found.append(Fact(label=words("nonconformance.place"), text=said["place"], code=True))
    if kept := file_lines(desk.session, said.get("files", ())):
        found.append(Fact(label=words("nonconformance.files"), files=tuple(kept.values())))
    found.append(Fact(label=words("nonconformance.happened"), moment=datetime.fromisoformat(said["happened_at"])))
    if said["told_by"]:
        found.append(Fact(label=words("nonconformance.told_by"), text=said["told_by"]))
    if said["said"]:
        found.append(Fact(label=words("nonconformance.said"), text=said["said"]))
    return tuple(found)


def _facts(desk: Desk) -> tuple[Fact, ...]:
    if desk.task.record == nonconformance.RECORD.name:
        return _wrong(desk)
    return _of_work(desk) if desk.task.recall_no or is_batch(desk.task) else ()


def _of_work(desk: Desk) -> tuple[Fact, ...]:
    """What a batch or recall says beside its number."""
    task, words = desk.task, desk.visit.words
    if task.place is not None and task.place.kind == "deadline":
        return _duty(desk)
    if task.place is not None and task.place.kind == "receivers":
        recall = Link(label=task.recall_no or "", href=recall_href(task.recall_no or ""))
        return naming_facts(words, desk.session, desk.decision.task.run_id, recall)
    if task.place is not None:
        return errand(desk)
    if task.record == reshape.RECORD.name:
        return _proposal(desk)
    facts = [Fact(label=words("lot.quantity"), amount=Amount(value=task.quantity, unit=task.uom))]
    if task.expires_on:
        facts.append(Fact(label=words("lot.expiry"), text=str(task.expires_on)))
    if task.supplier_lot_no:
        facts.append(
            Fact(label=words("lot.supplier_lot"), text=task.supplier_lot_no, code=True, href=lot_href(task.lot_no))
        )
    return tuple(facts)


def _duty(desk: Desk) -> tuple[Fact, ...]:
    """Which deadline, how it was computed, whether it was missed, and where its report is recorded."""
    task, words = desk.task, desk.visit.words
    clock = recall_duties.of_run(desk.session, desk.decision.task.run_id)
    found = [
        Fact(label=words("recall.clocks"), text=place_words(task, words)),
        Fact(label=words("recall.duty_basis"), text=clock.zh if desk.language == "zh" else clock.en),
    ]
    if clock.missed_at is not None and clock.met_at is None:
        found.append(Fact(label=words("recall.clock_late"), text=words("recall.duty_missed")))
    if not desk.done and task.recall_no:
        report = Link(label=words("follow.file"), href=f"{recall_href(task.recall_no)}/reports/new")
        page = Link(label=task.recall_no, href=recall_href(task.recall_no))
        found.append(Fact(label=words("recall.duty_meet"), text=words("recall.duty_help"), links=(report, page)))
    return tuple(found)


def errand(desk: Desk) -> tuple[Fact, ...]:
    """Where to go, for which lots, how many of each."""
    task, words = desk.task, desk.visit.words
    pull = pulls.of_task(desk.session, desk.decision.task.run_id)
    unit = words.known(f"unit.{pull.uom.lower()}", pull.uom)
    return (
        Fact(label=words("pull.place"), text=place_words(task, words)),
        Fact(label=words("pull.expected"), amount=Amount(value=pull.quantity, unit=pull.uom)),
        Fact(
            label=words("trace.title_lots", n=len(pull.lines)),
            text=words("pull.more" if task.recall_no else "pull.more_held", n=len(pull.lines) - FEW)
            if len(pull.lines) > FEW
            else "",
            links=tuple(
                Link(label=f"{line['lot_no']} · {line['quantity']} {unit}", href=lot_href(line["lot_no"]))
                for line in pull.lines[:FEW]
            ),
        ),
    )
