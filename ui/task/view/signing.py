"""Signing on the page of a task: what it means, who has signed already and what they answered, and why somebody can't."""

from collections.abc import Mapping
from typing import Any

from models.definition.document import Definition, Stage
from models.inspection.queries import sheet as queries_page_task
from models.kernel.refusal import Refusal
from models.person.rules.known_roles import role_name
from models.process import kinds
from models.process.acts import preview as previewing
from models.process.queries.views import Blocked
from models.process.sign.sign import WRONG_PASSWORD
from ui.frame.parts import Fact, SignatureLine, SignaturePanel
from ui.frame.status import decided
from ui.task.form import Said
from ui.task.view.desk import Desk


def panel(desk: Desk, blocked_by: Refusal | None = None) -> SignaturePanel:
    """What the person is about to sign, or why they can't."""
    signature = desk.stage.signature
    left = None
    if desk.refusal is not None and desk.refusal.code == WRONG_PASSWORD.code:
        left = int(desk.refusal.params.get("left", "0"))
    return SignaturePanel(
        meaning=signature.title.say(desk.language) if signature else "",
        digest=desk.decision.digest,
        signed=lines(desk),
        blocked=blocked_by or blocked(desk),
        attempts_left=left,
    )


def blocked(desk: Desk) -> Refusal | None:
    """Why this person can't do it: what completing would say, whether or not they stand in for somebody."""
    return _as_refusal(desk.task.blocked) or desk.decision.why_not


def lines(desk: Desk) -> tuple[SignatureLine, ...]:
    """The signatures of the run, with the meaning in words (21 CFR 11.50), and what was answered at other steps."""
    found = queries_page_task.signatures(desk.session, desk.decision.task.run_id)
    return tuple(line(desk.decision.definition, one, desk) for one in found)


def _step(found: previewing.Decision, one: queries_page_task.Signed) -> Stage:
    return found.definition.stage(one.stage)


def _void(desk: Desk, one: queries_page_task.Signed) -> bool:
    """Whether the record has changed since this signature released it."""
    found = desk.decision
    return (
        not desk.done
        and found.first_is_void
        and kinds.positive(_step(found, one), one.outcome)
        and one.digest != found.digest
    )


def line(definition: Definition, one: queries_page_task.Signed, desk: Desk) -> SignatureLine:
    """One signature as it is shown."""
    stage = definition.find(one.stage)
    meaning = stage.signature.title.say(desk.language) if stage and stage.signature else one.meaning
    outcome = stage.outcome(one.outcome) if stage else None
    said = f"{meaning} · {outcome.title.say(desk.language)}" if outcome else meaning
    if _void(desk, one):
        said = f"{said} · {desk.visit.words('release.void')}"
    behalf = f" ({desk.visit.words('inbox.acting_for', who=one.on_behalf_of)})" if one.on_behalf_of else ""
    return SignatureLine(
        who=one.name + behalf,
        at=one.at,
        meaning=said,
        digest=one.digest,
        role=role_name(one.role, desk.language),
        reason=one.reason,
        answers=answered(desk, stage, one.form) if stage and one.task != desk.task.id else (),
        tone="hold" if _void(desk, one) else decided(one.outcome),
    )


def form_answers(desk: Desk) -> tuple[Fact, ...]:
    """What was answered to the questions of the step."""
    return answered(desk, desk.stage, desk.detail.form)


def answered(desk: Desk, stage: Stage, form: Mapping[str, Any]) -> tuple[Fact, ...]:
    """What was answered to the questions of a step, in the words of the process."""
    if not stage.form:  # most signatures ask for nothing: then nothing is looked up either
        return ()
    shown = Said.of(desk.visit.words, desk.zone, desk.session, desk.task.uom or "", stage, form)
    return tuple(shown.fact(one, form[one.key]) for one in stage.form if form.get(one.key) is not None)


def _as_refusal(found: Blocked | None) -> Refusal | None:
    if found is None:
        return None
    return Refusal(found.code, found.clause, found.zh, found.en, found.status, dict(found.params))
