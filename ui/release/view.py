"""Release on one screen: the batch record judged, exceptions first, and what the person may decide (REQ 32, 34-38, 88).

A closed task shows the record that was signed, read back from its canonical text, judged as of the moment it was done.
"""

from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote

from pydantic import ValidationError

from models.lot.queries import one as queries_lot
from models.lot.rules.open_hold import why
from models.process.queries import inbox as queries_tasks
from models.process.queries.views import TaskView
from models.process.sign.sign import FIRST_VOID
from models.release.kind import assessed, record_of
from models.release.rules import evidence
from models.release.rules.batch_record import BatchRecord
from models.release.rules.evidence import Assessment, ExceptionItem, Factor
from models.release.rules.evidence import Mark as Judged
from ui.frame.parts import (
    Amount,
    Balance,
    Cell,
    CellState,
    EvidenceLine,
    LotRef,
    Matrix,
    MatrixRow,
    OpenItem,
    RaisedException,
    TimelineEntry,
    lot_href,
)
from ui.frame.rows import day, titles
from ui.lot.mark import lot_mark
from ui.lot.view.timeline import timeline
from ui.release.page import Counted, InspectionSummary, ReleasePage
from ui.task.view.desk import Desk
from ui.task.view.signing import form_answers, lines, panel
from ui.task.view.task import draft, fields, head, outcomes, reason

STATES: dict[Judged, CellState] = {
    Judged.PASSED: "passed",
    Judged.EXCEPTION: "exception",
    Judged.NOT_APPLICABLE: "na",
    Judged.NOT_CHECKED: "unchecked",
    Judged.NOT_JUDGED: "unjudged",
    Judged.MIGRATED: "migrated",
    Judged.NOT_RECORDED: "missing",
}


def release_page(desk: Desk) -> ReleasePage:
    """The page."""
    record, judged = _record(desk)
    words, zh = desk.visit.words, desk.language == "zh"
    tasks = queries_tasks.concerning(desk.session, desk.visit.principal, "lot", desk.task.lot_no)
    behind = {one.stage: f"/tasks/{one.id}" for one in tasks if one.status == "done"}
    links = _Links(record, behind)
    void = FIRST_VOID() if desk.decision.first_is_void and not desk.done else None
    forbidden: dict[str, str] = {}
    if judged.blocking:
        forbidden["release"] = words("release.not_yet", n=len(judged.blocking))
    if void is not None:
        forbidden["release"] = words("release.void_short")
    return ReleasePage(
        head=head(desk),
        amount=Amount(value=record.quantity, unit=record.uom),
        expiry=day(record.expires_on, record.expiry_precision),
        exceptions=tuple(_exception(one, zh=zh, links=links, record=record) for one in judged.exceptions),
        points=judged.open_points,
        matrix=_matrix(judged, zh=zh, links=links),
        open_items=tuple(_open_items(desk, record)),
        ancestors=record.ancestors,
        balances=tuple(_balances(desk, record)),
        inspections=tuple(_inspections(desk, record, behind)),
        timeline=_timeline(desk, tasks, record),
        parents=tuple(
            LotRef(
                lot_no=one.lot_no,
                mark=lot_mark(one.status, held=one.held),
                item=one.item,
                amount=Amount(value=one.quantity, unit=one.uom) if one.quantity is not None else None,
            )
            for one in record.parents
        ),
        more=(
            Counted(label=words("lot.trace_back"), n=record.ancestors, href=f"/trace/{quote(record.lot_no, safe='')}?direction=backward"),
            Counted(label=words("release.signed_text"), href=f"/tasks/{desk.task.id}/record"),
        ),
        decision=outcomes(desk, forbidden),
        reason=reason(desk, words("release.reason_help")),
        signature=panel(desk),
        fields=() if desk.done else fields(desk),
        answers=form_answers(desk) if desk.done else (),
        work_order=record.work_order or "",
        work_order_href=f"/work-orders/{quote(record.work_order or '', safe='')}",
        refusal=desk.refusal,
        void=void,
        draft=draft(desk),
        command_key=desk.typed.key,
        done=desk.done,
        signatures=lines(desk) if desk.done else (),
        said=desk.detail.reason or "" if desk.done else "",
    )  # fmt: skip


def _record(desk: Desk) -> tuple[BatchRecord, Assessment]:
    """The record and its judgement: as it is now, or as it was signed."""
    found = desk.decision
    if desk.task.status == "done" and desk.task.done_at is not None and found.canonical:
        try:
            signed, judged = evidence.as_signed(found.canonical)
        except ValidationError:
            pass  # signed by an older version of the record's shape: the text itself is one link away
        else:
            # a signature of form 1 carries no judgement: it is judged as of its moment
            return signed, judged or evidence.assess(signed, desk.task.done_at)
    return record_of(found.ctx), assessed(found.ctx)


class _Links:
    """Where the record behind a piece of evidence is."""

    def __init__(self, record: BatchRecord, behind: Mapping[str, str]) -> None:
        self.order = f"/work-orders/{quote(record.work_order, safe='')}" if record.work_order else None
        self.behind = behind
        self.lots = [one.lot_no for one in record.parents] + [one.lot_no for one in record.ancestor_issues]
        self.lots += [one.lot_no for one in record.bound if one.depth]
        self.own = lot_href(record.lot_no)

    def of(self, stage: str, code: str, text: str) -> str | None:
        """The page of the lot that the text names, of the order, the inspection or the packing."""
        named = next((no for no in sorted(self.lots, key=len, reverse=True) if no in text), None)
        if named is not None:
            return lot_href(named)
        if code.startswith("EV-LOT"):
            return self.own
        if stage.startswith("op"):
            return self.order
        return self.behind.get({"label": "packaging", "inspection": "inspect"}.get(stage, stage))


def _exception(one: ExceptionItem, *, zh: bool, links: _Links, record: BatchRecord) -> RaisedException:
    text = one.zh if zh else one.en
    href = links.of(one.stage, one.code, one.zh)
    depth = next((issue.depth for issue in record.ancestor_issues if issue.number and issue.number in one.zh), None)
    return RaisedException(
        key=one.factor.value,
        line=EvidenceLine(text=text, value=one.value, limit=one.limit, href=href, rule=one.code),
        depth=depth,
        blocking=one.blocking,
        missing=one.missing,
        migrated=one.migrated,
        lots=tuple((no, lot_href(no)) for no in one.lots) if len(one.lots) > 1 else (),
    )


def _matrix(judged: Assessment, *, zh: bool, links: _Links) -> Matrix:
    stages = tuple(title_zh if zh else title_en for _, title_zh, title_en in judged.stages)
    rows = []
    for factor in Factor:
        cells = []
        for stage, _, _ in judged.stages:
            found = judged.cell(factor, stage)
            texts = found.zh if zh else found.en
            cells.append(
                Cell(
                    state=STATES[found.mark],
                    lines=tuple(
                        EvidenceLine(text=text, href=links.of(stage, "", said))
                        for text, said in zip(texts, found.zh, strict=False)
                        if text
                    ),
                )
            )
        rows.append(MatrixRow(key=factor.value, cells=tuple(cells)))
    return Matrix(stages=stages, rows=tuple(rows))


def _open_items(desk: Desk, record: BatchRecord) -> list[OpenItem]:
    words = desk.visit.words
    named = titles(words, record.deviations)
    found = [
        OpenItem(
            kind=words.known(f"release.kind_{one.kind}", one.kind),
            number=one.number,
            text=named.get(one.number, one.title),
            lot_no=one.lot_no,
            depth=one.depth,
            href=lot_href(one.lot_no),
        )
        for one in record.ancestor_issues
    ]
    found += [
        OpenItem(
            kind=one.zh if words.language == "zh" else one.en,
            number=one.number,
            text=one.title if words.language == "zh" else one.title_en,
            lot_no=one.lot_no,
            depth=one.depth,
            href=f"/subjects/{one.subject}",
        )
        for one in record.bound
    ]
    own = [
        ("hold", "", why(hold.cause, hold.reason).say(words.language))
        for hold in record.holds
        if hold.lifted_at is None
    ]
    own += [("nonconformance", number, "") for number in record.nonconformances]
    return [
        OpenItem(
            kind=words(f"release.kind_{kind}"),
            number=number,
            text=text,
            lot_no=record.lot_no,
            depth=0,
            href=lot_href(record.lot_no),
        )
        for kind, number, text in own
    ] + found


def _balances(desk: Desk, record: BatchRecord) -> list[Balance]:
    words, counted = desk.visit.words, record.balance
    parts = [
        (words(f"release.balance_{name}"), value)
        for name, value in (
            ("stock", counted.stock),
            ("consumed", counted.consumed),
            ("shipped", counted.shipped),
            ("scrapped", counted.scrapped),
            ("samples", counted.samples),
            ("reshaped", counted.reshaped),
        )
        if value or name == "stock"
    ]
    found = [Balance(label=words("m.material"), total=counted.made, parts=tuple(parts), unit=record.uom)]
    found += _independent(desk, record)
    if record.labels is not None:
        labels = record.labels
        used = tuple(
            (words(f"release.labels_{name}"), Decimal(getattr(labels, name)))
            for name in ("applied", "scrapped", "samples", "left")
            if getattr(labels, name) or name in {"applied", "scrapped"}
        )
        found.append(
            Balance(
                label=words("m.label"), total=Decimal(labels.printed), parts=used, unit=words("release.labels_unit")
            )
        )
    return found


def _independent(desk: Desk, record: BatchRecord) -> list[Balance]:
    """What the order put in against what is said of it, and each component against the bill of material."""
    words, counted = desk.visit.words, record.balance
    found = []
    if counted.ordered is not None:
        names = ("operation_scrap", "decided_scrap", "samples", "consumed", "shipped", "reshaped", "stock")
        parts = [(words(f"release.balance_{name}"), getattr(counted, name)) for name in names]
        used = tuple((label, value) for label, value in parts if value)
        found.append(Balance(label=words("release.ordered"), total=counted.ordered, parts=used, unit=record.uom))
    found += [
        Balance(
            label=words("release.by_bill", item=one.item),
            total=one.expected,
            parts=((words("release.balance_consumed"), one.consumed),),
            unit=one.uom,
        )
        for one in record.materials
    ]
    return found


def _inspections(desk: Desk, record: BatchRecord, behind: Mapping[str, str]) -> list[InspectionSummary]:
    words = desk.visit.words
    return [
        InspectionSummary(
            title=f"{words(f'release.inspection_{one.stage}')} {one.inspection_no}",
            passed=sum(result.failed == 0 for result in one.results),
            failed=sum(result.failed > 0 for result in one.results),
            not_entered=0 if one.status != "open" else 1,
            who=one.inspector or "",
            at=one.decided_at,
            href=behind.get("inspect", lot_href(record.lot_no)) if one.stage == "final" else lot_href(record.lot_no),
        )
        for one in record.inspections
    ]


def _timeline(desk: Desk, tasks: tuple[TaskView, ...], record: BatchRecord) -> tuple[TimelineEntry, ...]:
    found = queries_lot.timeline(desk.session, desk.task.lot_no, limit=500)
    titles = {(one.process, one.stage): one.stage_title for one in tasks}
    operations = {one.seq: one.title_zh if desk.language == "zh" else one.title_en for one in record.operations}
    return timeline(desk.visit.words, found.items, desk.task.uom, titles, operations)
