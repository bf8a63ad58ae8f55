"""Inspection entry: limits and samples, what is saved and what was typed, the verdict that the limits give (REQ 27-30).

Typed values are saved before they are signed: the signature is over saved results only, as they are shown.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from models.inspection.acts import item_no
from models.inspection.messages import MeasuredValue
from models.inspection.queries import sheet as queries_page_task
from models.inspection.queries.sheet import Measured, Sheet
from models.inspection.rules import inspection as rules
from models.kernel.refusal import Refusal
from models.kernel.text import Text
from models.kernel.time.reported import since_clocks
from models.kernel.typed import number as typed_number
from models.lot.store import lots
from models.plant.queries import choices as queries_page_choices
from models.trace.rules.as_of import NO_MOMENT
from ui.drift.sampling import sampled
from ui.frame.form.lines import moment
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Fact, FieldKind, FormField, Option
from ui.inspection.page import CharacteristicRow, InspectionPage, Verdict
from ui.supplier.severity import sampled as switched
from ui.task.view.desk import Desk, Typed
from ui.task.view.signing import blocked, lines, panel
from ui.task.view.task import answers, draft, fields, head, outcomes, reason

GAUGE = "gauge."
MEASURED_AT, LATE_REASON = "told.measured_at", "told.late_reason"


def inspection_page(desk: Desk, sheet: Sheet) -> InspectionPage:
    """The sheet with its signature, which is offered when every sample has a saved result.

    Who decides about a failed batch sees the same sheet, to read: nobody decides without what was measured.
    """
    words = desk.visit.words
    measuring = desk.stage.kind == "inspection"
    stop: Refusal | None = None
    verdict = ""
    if measuring and not desk.done:
        try:
            limits = [row.limits for row in sheet.rows]
            gone = lots.expired(desk.session, desk.decision.subject)
            number = item_no(desk.session, desk.decision.subject)
            verdict = rules.verdict(limits, _passed(sheet), number, sheet.stage, expired=gone)
        except Refusal as refusal:
            stop = refusal
    other = {"accepted": "failed", "failed": "accepted"}.get(verdict, "")
    forbidden = (
        {other: words("inspection.by_limits", verdict=words(f"inspection.verdict_{verdict}"))} if verdict else {}
    )
    saved = any(row.samples for row in sheet.rows)
    asked = not desk.done and (bool(verdict) or not measuring)
    why = None if desk.done else blocked(desk)
    return InspectionPage(
        head=head(desk),
        facts=_facts(desk, sheet),
        sampling=words("inspection.sampling", plan=sheet.plan, n=len(sheet.rows)) if sheet.plan else words("inspection.no_plan"),
        rows=tuple(_row(desk, row) for row in sheet.rows),
        fields=() if desk.done else (*((*_gauges(desk, sheet), *_told(desk)) if measuring else ()), *fields(desk)),
        outcomes=outcomes(desk, forbidden, verdict) if asked and (why is None or desk.refusal) else None,
        reason=_reason(desk, measuring=measuring, saved=saved, why=why),
        signature=None if desk.done else panel(desk, why or stop),
        refusal=desk.refusal,
        draft=draft(desk),
        command_key=desk.typed.key,
        done=desk.done,
        read_only=desk.done or not measuring or why is not None,
        can_save=measuring and not desk.done and why is None,
        answers=answers(desk) if desk.done else (),
        signatures=lines(desk) if desk.done else (),
    )  # fmt: skip


def _reason(desk: Desk, *, measuring: bool, saved: bool, why: Refusal | None) -> FormField | None:
    if desk.done or (why is not None and desk.refusal is None):
        return None
    if not measuring:
        return reason(desk)
    return reason(desk, desk.visit.words("inspection.reason_help")) if saved else None


def changes(sheet: Sheet, typed: Typed) -> tuple[MeasuredValue, ...]:
    """The typed values that differ from what is saved; INS-020 when one isn't a number."""
    found, wrong = [], 0
    for row in sheet.rows:
        gauge = typed[f"{GAUGE}{row.equipment_kind}"] if row.equipment_kind else ""
        for number in range(1, row.limits.sample_size + 1):
            text = typed[f"{row.limits.seq}.{number}"].strip()
            if not text:
                continue
            value, passed = typed_number(text), None
            if row.limits.kind == "attribute":
                value, passed = None, text == "pass"
            elif value is None:
                wrong += 1
                continue
            if _same(row, number, value, gauge, passed=passed):
                continue
            found.append(
                MeasuredValue(
                    characteristic=row.limits.seq,
                    sample_no=number,
                    value=value,
                    passed=passed,
                    equipment_no=gauge or None,
                    reason=typed["reason"] or None if number in row.samples else None,
                )
            )
    if wrong:
        raise rules.NOT_A_NUMBER(count=wrong)
    return tuple(found)


def _same(row: Measured, number: int, value: Decimal | None, gauge: str, *, passed: bool | None) -> bool:
    """Whether that is what is saved: the same answer or digits, measured with the same gauge."""
    known = row.samples.get(number)
    if known is None or (gauge and gauge != known.equipment_no):
        return False
    if passed is not None or value is None:
        return known.passed == passed
    return known.value == value and known.told in {"", f"{value:f}"}


def _passed(sheet: Sheet) -> dict[tuple[int, int], bool]:
    return {(row.limits.seq, number): one.passed for row in sheet.rows for number, one in row.samples.items()}


def _row(desk: Desk, row: Measured) -> CharacteristicRow:
    limits, words, zh = row.limits, desk.visit.words, desk.language == "zh"
    attribute = limits.kind == "attribute"
    texts = tuple(_shown(desk, row, number) for number in range(1, limits.sample_size + 1))
    used = sorted({one.equipment_no for one in row.samples.values() if one.equipment_no})
    corrected = sum(one.times > 1 for one in row.samples.values())
    wrong = "" if attribute else _wrong(texts, words)
    return CharacteristicRow(
        key=str(limits.seq),
        title=limits.zh if zh else limits.en,
        method=words("inspection.corrected", n=corrected) if corrected else "",
        lower="" if limits.lower is None else f"{_plain(limits.lower):f}",
        upper="" if limits.upper is None else f"{_plain(limits.upper):f}",
        unit=row.unit,
        samples=limits.sample_size,
        accept=limits.accept,
        values=texts,
        options=_answers(words) if attribute else (),
        verdict=_verdict(row, texts),
        equipment=" ".join(used),
        error=wrong,
    )


def _shown(desk: Desk, row: Measured, number: int) -> str:
    name = f"{row.limits.seq}.{number}"
    if name in desk.typed.values and not desk.done:
        typed = desk.typed[name]
        if typed or number not in row.samples:
            return typed
    saved = row.samples.get(number)
    if saved is None:
        return ""
    if row.limits.kind == "attribute":
        return "pass" if saved.passed else "fail"
    return saved.told or ("" if saved.value is None else f"{_plain(saved.value):f}")


def _wrong(texts: tuple[str, ...], words: Words) -> str:
    bad = [text for text in texts if text.strip() and typed_number(text) is None]
    return words("inspection.not_a_number", what=words("list.comma").join(bad)) if bad else ""


def _verdict(row: Measured, texts: tuple[str, ...]) -> Verdict:
    bad = filled = 0
    for text in texts:
        if not text.strip():
            continue
        filled += 1
        try:
            good = rules.passes(row.limits, typed_number(text), text == "pass")
        except Refusal:
            good = False
        bad += not good
    if bad > row.limits.accept:
        return "fail"
    if filled == len(texts):
        return "pass"
    return "partial" if filled else "pending"


def _gauges(desk: Desk, sheet: Sheet) -> tuple[FormField, ...]:
    """With which gauge each kind of value was measured; what is wrong with one today is said, and refused of what is measured today."""
    kinds = list(dict.fromkeys(row.equipment_kind for row in sheet.rows if row.equipment_kind))
    if not kinds:
        return ()
    words, now = desk.visit.words, desk.visit.now
    machines = queries_page_choices.machines(desk.session)
    found = []
    for kind in kinds:
        options = []
        for one in machines:
            if one.kind != kind:
                continue
            late = one.needs_calibration and (one.due_at is None or one.due_at <= now or one.result == "failed")
            why = words("inspection.gauge_late") if late else ""
            why = words("inspection.gauge_blocked") if one.blocked else why
            why = words("inspection.gauge_out") if one.status != "in_service" else why
            options.append(Option(value=one.equipment_no, label=f"{one.equipment_no} {one.name}", hint=why))
        used = next((s.equipment_no for row in sheet.rows if row.equipment_kind == kind for s in row.samples.values() if s.equipment_no), "")  # fmt: skip
        title = rules.GAUGES.get(kind, Text(kind, kind)).say(desk.language)
        found.append(
            FormField(
                key=f"{GAUGE}{kind}",
                label=words("inspection.gauge", kind=title),
                kind="choice",
                value=desk.typed[f"{GAUGE}{kind}"] or used,
                options=tuple(options),
            )
        )
    return tuple(found)


def _told(desk: Desk) -> tuple[FormField, ...]:
    """When the values were measured, where that was before, and why they come late."""
    words = desk.visit.words

    def asked(key: str, name: str, kind: FieldKind) -> FormField:
        label, said = words(f"inspection.{name}"), words(f"inspection.{name}_help")
        return FormField(key=key, label=label, kind=kind, value=desk.typed[key], help=said)

    return (asked(MEASURED_AT, "measured_at", "datetime"), asked(LATE_REASON, "late_reason", "text"))


def measured_at(typed: Typed, zone: str) -> datetime | None:
    """When the typed values were measured, if that is told; TRC-010 for what is no time, TIM-001 for one before clocks."""
    text = typed[MEASURED_AT].strip()
    if not text:
        return None
    try:
        return since_clocks(datetime.fromisoformat(moment(text, zone)))
    except ValueError:
        raise NO_MOMENT(text=text[:40]) from None


def _facts(desk: Desk, sheet: Sheet) -> tuple[Fact, ...]:
    task, words = desk.task, desk.visit.words
    facts = [Fact(label=words("lot.quantity"), amount=Amount(value=task.quantity, unit=task.uom))]
    if task.supplier_lot_no:
        facts.append(Fact(label=words("lot.supplier_lot"), text=task.supplier_lot_no, code=True))
    if sheet.number:
        facts.append(Fact(label=words("inspection.number"), text=sheet.number, code=True))
    if sheet.stage == "incoming":
        facts += switched(words, desk.session, desk.decision.subject)
        facts += sampled(words, desk.session, desk.decision.subject)
    people = sorted({one.who for row in sheet.rows for one in row.samples.values() if one.who})
    if people:
        facts.append(Fact(label=words("inspection.recorded_by"), text=words("list.comma").join(people)))
    return tuple(facts)


def _answers(words: Words) -> tuple[Option, ...]:
    return (
        Option(value="pass", label=words("status.verdict_pass")),
        Option(value="fail", label=words("status.verdict_fail")),
    )


def _plain(value: Decimal) -> Decimal:
    """12.05, not 12.050000: the column's scale says nothing about the measurement."""
    whole = value.normalize()
    return whole.quantize(Decimal(1)) if whole == whole.to_integral_value() else whole


def sheet_of(desk: Desk) -> Sheet:
    """The sheet of this task's inspection: of a closed task the one that was signed, of a disposition what failed."""
    number: str | None = None
    if (desk.done or desk.stage.kind != "inspection") and desk.decision.canonical:
        import json

        signed: Mapping[str, object] = json.loads(desk.decision.canonical)
        number = str(signed.get("inspection_no") or "") or None
    return queries_page_task.sheet(desk.session, desk.decision.ctx.run.kind.family, desk.decision.subject, number)
