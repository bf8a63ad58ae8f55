"""What the master asks for: the order's frozen routing and bill, the item's flags.  What isn't there is *not recorded*.

Nothing that is asked for and missing is ever "–" (STANDARDS L 21, 22, 25): a batch of which no material, person, machine,
document or environment is recorded is not clean.  What the master doesn't ask for is not applicable, and the cell says so.
"""

from datetime import datetime, timedelta

from models.kernel.typed import says_nothing
from models.release.rules.batch_record import BatchRecord, Operation, Reading
from models.release.rules.matrix import Book, ExceptionItem, Factor, Mark, missing, named

MADE = frozenset({"in_process", "finished", "packaged"})
FRESH = timedelta(hours=1)
"""A reading says something of work from so long before it began until so long after it ended."""


def fresh(measured_at: datetime, started_at: datetime, finished_at: datetime) -> bool:
    """Whether a reading belongs to the work: last year's doesn't."""
    return started_at - FRESH <= measured_at <= finished_at + FRESH


def fresh_readings(operation: Operation) -> tuple[Reading, ...]:
    """The readings that were taken around the work."""
    return tuple(
        one for one in operation.readings if fresh(one.measured_at, operation.started_at, operation.finished_at)
    )


def judge_batch(book: Book, record: BatchRecord, operations: list[Operation]) -> None:
    """What is asked for of the batch as a whole: work, materials by the bill, the environment of implants."""
    if record.kind not in MADE:
        return
    if not operations:
        book.fault(
            missing(
                "EV-METHOD-12",
                Factor.METHOD,
                "inspection",
                "没有任何生产工序记录",
                "no production operation is recorded",
            )
        )
    _bill(book, record)
    if record.implantable and operations and not any(fresh_readings(one) for one in operations):
        book.fault(
            missing(
                "EV-ENVIRONMENT-2",
                Factor.ENVIRONMENT,
                f"op{operations[-1].seq}",
                "植入物没有任何生产环境记录",
                "no work environment is recorded for this implantable device",
                about="environment",
            )
        )


def _bill(book: Book, record: BatchRecord) -> None:
    stage = "incoming"
    uncounted = tuple(sorted({one.lot_no for one in record.parents if one.quantity is None}))
    if uncounted:
        zh = f"{named(uncounted, zh=True)} 投了多少没有记录"
        en = f"how much of {named(uncounted, zh=False)} went in is not recorded"
        book.fault(
            missing("EV-MATERIAL-14", Factor.MATERIAL, stage, zh, en, value=str(len(uncounted))).model_copy(
                update={"lots": uncounted}
            )
        )
    if not record.parents:
        book.fault(missing("EV-MATERIAL-5", Factor.MATERIAL, stage, "没有记录投料", "no consumption recorded"))
    if record.bill is None:
        # an order from before orders froze their bill
        if record.parents:
            zh, en = (
                "订单没有冻结物料清单，投料未核对",
                "the order froze no bill of material; consumption was not checked",
            )
            book.say(Factor.MATERIAL, stage, Mark.NOT_CHECKED, zh, en)
        return
    if not record.bill:
        zh, en = ("订单没有物料清单，投料无法核对", "the order has no bill of material to check consumption against")
        book.fault(missing("EV-MATERIAL-7", Factor.MATERIAL, stage, zh, en))
        return
    asked = {one.item_no for one in record.bill}
    for parent in record.parents:
        if parent.item_no and parent.item_no not in asked:
            book.fault(
                ExceptionItem(
                    code="EV-MATERIAL-8",
                    factor=Factor.MATERIAL,
                    stage=stage,
                    zh=f"投料批 {parent.lot_no}（{parent.item_no}）不在订单的物料清单中",
                    en=f"batch {parent.lot_no} ({parent.item_no}) is not on the order's bill of material",
                    value=parent.item_no,
                    limit=", ".join(sorted(asked)),
                    about=parent.lot_no,
                )
            )
    used = {parent.item_no for parent in record.parents}
    for line in record.bill:
        if not line.optional and line.item_no not in used and record.parents:
            zh, en = (
                f"物料清单要求的 {line.item_no} 没有投料记录",
                f"no consumption of {line.item_no} is recorded, which the bill asks for",
            )
            book.fault(missing("EV-MATERIAL-9", Factor.MATERIAL, stage, zh, en, about=line.item_no))


def judge_document(book: Book, stage: str, operation: Operation) -> None:
    """By which document in which version it was done; one without the other doesn't say how (ISO 13485 4.2.4, 7.5.1)."""
    if says_nothing(operation.document):
        book.fault(missing("EV-METHOD-7", Factor.METHOD, stage, "没有记录作业文件版本", "no document version recorded"))
    elif says_nothing(operation.document_version):
        zh = f"没有记录 {operation.document} 的版本"
        en = f"the version of {operation.document} is not recorded"
        book.fault(missing("EV-METHOD-21", Factor.METHOD, stage, zh, en, about=operation.document or ""))
    else:
        method = f"{operation.document} {operation.document_version}"
        book.say(Factor.METHOD, stage, Mark.PASSED, method, method)


def judge_operation(book: Book, stage: str, operation: Operation, *, implantable: bool, planned: bool) -> None:
    """What the order's step asks for of one operation; of one that the order doesn't have nobody can say what was asked."""
    if not planned:
        zh, en = (
            "订单没有这道工序，无从核对要求",
            "the order has no such step; what it asks for could not be checked",
        )
        book.say(Factor.METHOD, stage, Mark.NOT_CHECKED, zh, en)
    _machine(book, stage, operation)
    _method(book, stage, operation)
    _environment(book, stage, operation, implantable=implantable)


def _machine(book: Book, stage: str, operation: Operation) -> None:
    kind = operation.equipment_kind
    if kind is not None and not any(one.kind == kind for one in operation.machines):
        zh, en = (f"工序要求设备「{kind}」，没有记录", f"the step asks for a “{kind}”; none is recorded")
        book.fault(missing("EV-MACHINE-3", Factor.MACHINE, stage, zh, en, about=kind))
    elif kind is None and not operation.machines:
        book.say(
            Factor.MACHINE, stage, Mark.NOT_APPLICABLE, "订单的工序不要求设备", "the order's step asks for no machine"
        )


def _method(book: Book, stage: str, operation: Operation) -> None:
    told = {one.name for one in operation.parameters if one.value is not None}
    english = dict(operation.asked_english)
    for name in operation.asked_parameters:
        if name not in told:
            zh, en = (f"参数「{name}」没有记录", f"parameter “{english.get(name, name)}” is not recorded")
            book.fault(missing("EV-METHOD-10", Factor.METHOD, stage, zh, en, about=name))


def _environment(book: Book, stage: str, operation: Operation, *, implantable: bool) -> None:
    told = {one.quantity for one in fresh_readings(operation)}
    english = dict(operation.asked_english)
    for one in operation.readings:
        if one.quantity not in told:
            zh = f"环境记录「{one.quantity}」不是在作业前后一小时内测得的，不算数"
            en = f"the reading “{one.name_en or one.quantity}” was not taken within an hour of the work and doesn't count"
            book.fault(
                missing(
                    "EV-ENVIRONMENT-3",
                    Factor.ENVIRONMENT,
                    stage,
                    zh,
                    en,
                    about=one.quantity,
                    value=one.measured_at.isoformat(timespec="minutes"),
                )
            )
    for name in operation.asked_readings:
        if name not in told:
            zh, en = (f"环境「{name}」没有记录", f"no reading of “{english.get(name, name)}” is recorded")
            book.fault(missing("EV-ENVIRONMENT-1", Factor.ENVIRONMENT, stage, zh, en, about=name))
    if operation.environment_needed and not told and not operation.asked_readings:
        book.fault(missing("EV-ENVIRONMENT-1", Factor.ENVIRONMENT, stage, "没有环境记录", "no environment reading"))
    if operation.asked_room and operation.room != operation.asked_room:
        book.fault(
            ExceptionItem(
                code="EV-ENVIRONMENT-4",
                factor=Factor.ENVIRONMENT,
                stage=stage,
                zh=f"工序须在 {operation.asked_room} 进行，记录的是 {operation.room or '未写明'}",
                en=f"the step belongs in {operation.asked_room}; recorded is {operation.room or 'no room'}",
                value=operation.room or "",
                limit=operation.asked_room,
                about=f"{operation.run_no}/room",
            )
        )
    if not (operation.environment_needed or operation.asked_readings or operation.readings or implantable):
        zh, en = ("订单的工序不要求环境记录", "the order's step asks for no environment reading")
        book.say(Factor.ENVIRONMENT, stage, Mark.NOT_APPLICABLE, zh, en)
