"""Review by exception: from the batch record to the matrix of man, machine, material, method, environment by stage.

Every exception names its rule, value and limit; blocking ones keep the lot from release, the others need a reason.
Serves REQUIREMENTS 15, 21, 25, 28, 32, 34; ISO 13485 8.2.6.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time import moments
from models.lot.rules.open_hold import HoldKind, kind_of, why
from models.release.rules import balance as evidence_balance
from models.release.rules import deviations as evidence_deviations
from models.release.rules import expiry as evidence_expiry
from models.release.rules import late_entries as evidence_late
from models.release.rules import master as evidence_master
from models.release.rules import migrated as evidence_migrated
from models.release.rules.batch_record import BatchRecord, Inspection, Machine, Operation, Parameter, Reading
from models.release.rules.matrix import Assessment, Book, Cell, ExceptionItem, Factor, Mark, OpenPoints, block, missing

__all__ = [
    "Assessment",
    "Cell",
    "ExceptionItem",
    "Factor",
    "Mark",
    "OpenPoints",
    "as_signed",
    "assess",
    "check_release",
    "judged",
]

BLOCKED = Kind(
    "REL-001",
    "ISO 13485 8.2.6",
    "不能放行：{zh}",
    "It can't be released: {en}",
)
NOT_JUDGED = Kind(
    "REL-003",
    "DESIGN 2.5",
    "此待办不涉及批次的证据。",
    "This task is not about the evidence of a batch.",
    404,
)
REASON = Kind(
    "REL-002",
    "ISO 13485 8.2.6",
    "有 {count} 项例外、迁入、未检查或未判定，放行必须写明理由。",
    "{count} point(s) stand out, are migrated, unchecked or not judged; releasing needs a reason.",
    422,
)


def assess(record: BatchRecord, now: datetime) -> Assessment:
    """The evidence matrix of a batch record as of `now`."""
    book = Book()
    stages: list[tuple[str, str, str]] = [("incoming", "来料", "Material")]
    _material(book, record)
    evidence_migrated.judge(book, record)
    evidence_expiry.judge(book, record, now)
    evidence_late.judge(book, record)
    runs = _last_runs(record.operations)
    evidence_master.judge_batch(book, record, runs)
    for operation in runs:
        key = f"op{operation.seq}"
        stages.append((key, operation.title_zh, operation.title_en))
        known = str(operation.seq) in record.planned
        _operation(book, key, operation, record.zone, planned=known)
        evidence_master.judge_operation(book, key, operation, implantable=record.implantable, planned=known)
    done = {f"{one.seq}" for one in record.operations}
    for planned in record.planned:
        if planned not in done:
            book.fault(
                block(
                    "EV-METHOD-2",
                    Factor.METHOD,
                    "inspection",
                    f"工序 {planned} 未完成",
                    f"operation {planned} not done",
                )
            )
    stages.append(("inspection", "检验", "Inspection"))
    _inspections(book, record)
    if record.kind in {"finished", "packaged"}:
        stages.append(("label", "标签", "Label"))
        _labels(book, record)
    _lot(book, record)
    order = {factor: place for place, factor in enumerate(Factor)}
    found = evidence_deviations.weigh(book.exceptions, record)
    exceptions = sorted(
        found, key=lambda one: (not one.missing, not one.blocking, order[one.factor], one.stage, one.code)
    )
    return Assessment(stages=tuple(stages), cells=tuple(book.cells.values()), exceptions=tuple(exceptions))


def judged(record: BatchRecord, assessment: Assessment) -> dict[str, Any]:
    """The record that is signed: what there is, how these rules judge it, and the exceptions that a release accepts.

    The same for both signers; a change of any of it, or of the rules, voids the first signature (21 CFR 11.70).
    """
    accepted = [f"{one.code} {one.stage} {one.value}".strip() for one in assessment.exceptions if not one.blocking]
    judgement = {"clean": assessment.clean, **assessment.model_dump(mode="json")}
    return {**record.model_dump(mode="json"), "assessment": judgement, "accepted": accepted}


def as_signed(text: str) -> tuple[BatchRecord, Assessment | None]:
    """A signed record read back, with its judgement where it carries one (form 2 of signatures).

    Raises `ValidationError` for the shape of an older version.
    """
    said = json.loads(text)
    said.pop("accepted", None)
    judgement = said.pop("assessment", None)
    record = BatchRecord.model_validate_json(json.dumps(said))
    if judgement is None:
        return record, None
    kept = {key: value for key, value in judgement.items() if key in Assessment.model_fields}
    return record, Assessment.model_validate_json(json.dumps(kept))


def check_release(assessment: Assessment, reason: str | None) -> None:
    """Refuse a release that something blocks, or that has exceptions and no reason."""
    blocking = assessment.blocking
    if blocking:
        raise BLOCKED(zh="；".join(one.zh for one in blocking), en="; ".join(one.en for one in blocking))
    if not assessment.clean and not (reason or "").strip():
        raise REASON(count=assessment.open_points.total)


def _last_runs(operations: Iterable[Operation]) -> list[Operation]:
    """The last run of each operation; reworked ones stay in the record, the newest counts."""
    newest: dict[int, Operation] = {}
    for operation in operations:
        known = newest.get(operation.seq)
        if known is None or operation.run_no >= known.run_no:
            newest[operation.seq] = operation
    return [newest[seq] for seq in sorted(newest)]


def _material(book: Book, record: BatchRecord) -> None:
    stage = "incoming"
    for parent in record.parents:
        if parent.held:
            book.fault(
                block(
                    "EV-MATERIAL-1",
                    Factor.MATERIAL,
                    stage,
                    f"投料批 {parent.lot_no} 已冻结",
                    f"consumed batch {parent.lot_no} is on hold",
                )
            )
        elif parent.status != "released":
            book.fault(
                block(
                    "EV-MATERIAL-2",
                    Factor.MATERIAL,
                    stage,
                    f"投料批 {parent.lot_no} 未处于放行状态",
                    f"consumed batch {parent.lot_no} is not released",
                )
            )
        elif not evidence_migrated.concerns(record, parent):
            book.say(Factor.MATERIAL, stage, Mark.PASSED, f"{parent.lot_no} 已放行", f"{parent.lot_no} released")
    for issue in record.ancestor_issues:
        zh = f"上游批 {issue.lot_no}（{issue.depth} 级）有未关闭的{'冻结' if issue.kind == 'hold' else '不合格'} {issue.number}"
        en = f"upstream batch {issue.lot_no} (level {issue.depth}) has an open {issue.kind} {issue.number}"
        if not any(parent.lot_no == issue.lot_no and parent.held and issue.kind == "hold" for parent in record.parents):
            book.fault(block("EV-MATERIAL-3", Factor.MATERIAL, stage, zh, en))
    _bound(book, record)


def _bound(book: Book, record: BatchRecord) -> None:
    """What the goods are part of and nobody has finished: released all the same only with a reason (REQUIREMENTS 34).

    It doesn't keep the batch: what is wrong with goods is said by nonconformances and holds, which do; a CAPA may go on for a year
    to show that it has helped.
    """
    for one in record.bound:
        own = one.depth == 0
        zh = "本批" if own else f"上游批 {one.lot_no}（{one.depth} 级）"
        en = "this batch" if own else f"upstream batch {one.lot_no} (level {one.depth})"
        book.fault(
            ExceptionItem(
                code="EV-LOT-11" if own else "EV-MATERIAL-16",
                factor=Factor.MATERIAL,
                stage="incoming",
                zh=f"{zh}有未关闭的{one.zh} {one.number}",
                en=f"{en} has an open {one.en} {one.number}",
                about=one.number if own else f"{one.lot_no}/{one.number}",
            )
        )


def _operation(book: Book, stage: str, operation: Operation, zone: str, *, planned: bool) -> None:
    for person in operation.people:
        if not planned:
            said = Text(
                f"{person.name}（没有这道工序的资格要求）",
                f"{person.name} (no qualification is known for this step)",
            )
            book.say(Factor.MAN, stage, Mark.NOT_CHECKED, *said)
        elif person.needed is None:
            book.say(Factor.MAN, stage, Mark.PASSED, person.name, person.name)
        elif person.qualification is None:
            book.fault(
                ExceptionItem(
                    code="EV-MAN-1",
                    factor=Factor.MAN,
                    stage=stage,
                    zh=f"{person.name} 当时没有资格「{person.needed}」",
                    en=f"{person.name} held no qualification “{person.needed}”",
                    about=f"{operation.run_no}/{person.name}",
                )
            )
        else:
            book.say(
                Factor.MAN,
                stage,
                Mark.PASSED,
                f"{person.name} · {person.qualification}",
                f"{person.name} · {person.qualification}",
            )
    _recorder(book, stage, operation)
    for machine in operation.machines:
        _machine(book, stage, machine, operation, zone)
    run = operation.run_no
    for parameter in operation.parameters:
        _value(book, Factor.METHOD, stage, parameter.name, parameter, run)
    evidence_master.judge_document(book, stage, operation)
    for reading in evidence_master.fresh_readings(operation):
        _value(book, Factor.ENVIRONMENT, stage, reading.quantity, reading, run)
    if operation.consumed:
        lots = ", ".join(operation.consumed)
        book.say(Factor.MATERIAL, stage, Mark.PASSED, f"投料 {lots}", f"consumed {lots}")


def _recorder(book: Book, stage: str, operation: Operation) -> None:
    """An act by proxy: who wrote it down stands beside who did it (21 CFR 11.10(e), 11.50)."""
    if operation.recorded_by and operation.recorded_by not in {one.name for one in operation.people}:
        said = Text(f"由 {operation.recorded_by} 代为记录", f"recorded by {operation.recorded_by}")
        book.say(Factor.MAN, stage, Mark.PASSED, *said)
    if not operation.people:
        book.fault(missing("EV-MAN-2", Factor.MAN, stage, "没有记录操作人", "no person recorded"))


def _machine(book: Book, stage: str, machine: Machine, operation: Operation, zone: str) -> None:
    at = operation.finished_at
    if not machine.needs_calibration:
        book.say(Factor.MACHINE, stage, Mark.PASSED, machine.equipment_no, machine.equipment_no)
    elif machine.due_at is None:
        zh, en = (f"设备 {machine.equipment_no} 没有校准记录", f"no calibration of {machine.equipment_no} is recorded")
        book.fault(missing("EV-MACHINE-2", Factor.MACHINE, stage, zh, en, about=machine.equipment_no))
    elif at >= machine.due_at:
        book.fault(
            ExceptionItem(
                code="EV-MACHINE-1",
                factor=Factor.MACHINE,
                stage=stage,
                value=moments.day(at, zone),
                limit=moments.day(machine.due_at, zone),
                zh=f"设备 {machine.equipment_no} 使用时校准已到期",
                en=f"calibration of {machine.equipment_no} had run out when it was used",
                about=f"{operation.run_no}/{machine.equipment_no}",
            )
        )
    else:
        day = moments.day(machine.due_at, zone)
        book.say(
            Factor.MACHINE,
            stage,
            Mark.PASSED,
            f"{machine.equipment_no} 校准至 {day}",
            f"{machine.equipment_no} calibrated until {day}",
        )


def _value(book: Book, factor: Factor, stage: str, name: str, told: Parameter | Reading, run: int) -> None:
    value, lower, upper, unit = told.value, told.lower, told.upper, told.unit or ""
    english = told.name_en or name
    if value is None:
        words = told.text if isinstance(told, Parameter) else None
        if words:
            said = Text(f"{name} {words}（没有可比对的限值，未判定）", f"{english} {words} (nothing to judge it by)")
            book.say(factor, stage, Mark.NOT_JUDGED, *said)
        return
    text = f"{value:f} {unit}".strip()
    limit = f"{_plain(lower)}…{_plain(upper)} {unit}".strip()
    if (lower is not None and value < lower) or (upper is not None and value > upper):
        book.fault(
            ExceptionItem(
                code=f"EV-{factor.upper()}-9",
                factor=factor,
                stage=stage,
                value=text,
                limit=limit,
                zh=f"{name} 超限",
                en=f"{english} out of limits",
                about=f"{run}/{name}",
            )
        )
    elif lower is None and upper is None:
        said = Text(f"{name} {text}（没有限值，未判定）", f"{english} {text} (no limits: not judged)")
        book.say(factor, stage, Mark.NOT_JUDGED, *said)
    else:
        book.say(factor, stage, Mark.PASSED, f"{name} {text}（{limit}）", f"{english} {text} ({limit})")


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _inspections(book: Book, record: BatchRecord) -> None:
    stage = "inspection"
    final = [one for one in record.inspections if one.stage == "final"]
    if not final:
        book.fault(block("EV-METHOD-1", Factor.METHOD, stage, "没有成品检验", "there is no final inspection"))
        return
    # of the goods under an earlier number only what this lot was not inspected for itself
    own = [one for one in final if one.inherited_from is None]
    last = max(own, key=lambda one: one.revision) if own else final[-1]
    if last.status == "accepted" and not last.results:
        # from before a verdict needed a plan, or from elsewhere
        book.fault(
            block(
                "EV-METHOD-6",
                Factor.METHOD,
                stage,
                f"检验 {last.inspection_no} 没有检验计划，什么也没有测量",
                f"inspection {last.inspection_no} had no inspection plan; nothing was measured",
                value="0",
                limit="≥ 1",
            )
        )
    elif last.status != "accepted":
        book.fault(
            block(
                "EV-METHOD-3",
                Factor.METHOD,
                stage,
                f"检验 {last.inspection_no} 未合格",
                f"inspection {last.inspection_no} is not accepted",
            )
        )
    elif evidence_migrated.inspected_elsewhere(record, last.inspection_no):
        said = Text(f"{last.inspection_no} 在旧系统合格", f"{last.inspection_no} was accepted in the earlier system")
        book.say(Factor.METHOD, stage, Mark.MIGRATED, *said)
        _inspectors(book, stage, last, implantable=record.implantable)
    else:
        book.say(Factor.METHOD, stage, Mark.PASSED, f"{last.inspection_no} 合格", f"{last.inspection_no} accepted")
        _inspectors(book, stage, last, implantable=record.implantable)
    for one in final:
        if one is not last and one.status == "failed":
            _earlier(book, stage, one)
    if len(final) > 1:
        book.fault(
            ExceptionItem(
                code="EV-METHOD-4",
                factor=Factor.METHOD,
                stage=stage,
                value=str(len(final)),
                limit="1",
                zh=f"检验重复了 {len(final)} 次",
                en=f"inspected {len(final)} times",
            )
        )


def _inspectors(book: Book, stage: str, last: Inspection, *, implantable: bool) -> None:
    """Who inspected; of an implant whoever measured is named with every value (ISO 13485 8.2.6; STANDARDS L 22)."""
    if last.inspector is None:
        book.fault(missing("EV-MAN-4", Factor.MAN, stage, "没有记录检验员", "no inspector recorded"))
    else:
        book.say(Factor.MAN, stage, Mark.PASSED, last.inspector, last.inspector)
    unnamed = sum(one.unnamed for one in last.results)
    if implantable and unnamed:
        zh = f"植入物检验 {last.inspection_no} 有 {unnamed} 个值没有写明检验员"
        en = f"{unnamed} value(s) of inspection {last.inspection_no} of this implant name no inspector"
        book.fault(missing("EV-MAN-3", Factor.MAN, stage, zh, en, about=last.inspection_no))


def _earlier(book: Book, stage: str, failed: Inspection) -> None:
    """An inspection that failed stays in sight, with what failed, whatever passed later."""
    zh = "、".join(f"{one.name_zh} {'/'.join(one.values)}" for one in failed.results if one.failed)
    en = ", ".join(f"{one.name_en} {'/'.join(one.values)}" for one in failed.results if one.failed)
    book.fault(
        ExceptionItem(
            code="EV-METHOD-13",
            factor=Factor.METHOD,
            stage=stage,
            zh=f"先前检验 {failed.inspection_no} 不合格：{zh}",
            en=f"earlier inspection {failed.inspection_no} failed: {en}",
            about=failed.inspection_no,
        )
    )


def _labels(book: Book, record: BatchRecord) -> None:
    if record.labels is None:
        book.fault(missing("EV-METHOD-8", Factor.METHOD, "label", "没有标签核对", "labels not reconciled"))
        return
    evidence_balance.labels(book, record.labels)


def _parts(book: Book, record: BatchRecord) -> None:
    """What is held at a place doesn't go with the rest: whoever releases the rest says why it may go without it."""
    for part in record.parts:
        book.fault(
            ExceptionItem(
                code="EV-LOT-12",
                factor=Factor.MATERIAL,
                stage="inspection",
                zh=f"{part.place} 有 {part.quantity} {record.uom} 仍被冻结（{part.reason}），不随本批其余部分放行",
                en=f"{part.quantity} {record.uom} at {part.place} stay held ({part.reason}); the rest is released without them",
            )
        )


def _lot(book: Book, record: BatchRecord) -> None:
    _parts(book, record)
    for hold in record.holds:
        if hold.lifted_at is None and kind_of(hold.cause) is HoldKind.RELEASE:
            # the decision now asked for is what opens it
            day = moments.day(hold.placed_at, record.zone)
            book.fault(
                ExceptionItem(
                    code="EV-LOT-10",
                    factor=Factor.METHOD,
                    stage="inspection",
                    zh=f"先前的放行决定（{day}，{hold.placed_by}）冻结了本批",
                    en=f"an earlier release decision ({day}, {hold.placed_by}) holds this batch",
                )
            )
        elif hold.lifted_at is None:
            zh, en = why(hold.cause, hold.reason)
            book.fault(
                block(
                    "EV-LOT-1",
                    Factor.MATERIAL,
                    "inspection",
                    f"本批已冻结（{zh}）",
                    f"this batch is on hold ({en})",
                )
            )
    for number in record.nonconformances:
        book.fault(
            block(
                "EV-LOT-2",
                Factor.METHOD,
                "inspection",
                f"本批有未关闭的不合格 {number}",
                f"this batch has an open nonconformance {number}",
            ).model_copy(update={"about": number})
        )
    evidence_balance.judge(book, record)
