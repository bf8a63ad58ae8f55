"""Faults that no typed reason cures: each is a deviation that the release must see decided (ISO 13485 8.3; STANDARDS N 42-47).

Out of limits, wrong material, wrong room, an unqualified person, an overdue machine.  While nobody has decided, they block; decided as
acceptable or not confirmed they stay visible and need a reason; "must be reworked" blocks until work was done again.
"""

from models.kernel.text import Text
from models.nonconformance.rules import SETTLED, WORKED_ON, Finding
from models.release.rules.batch_record import BatchRecord, Deviation
from models.release.rules.matrix import ExceptionItem, Factor, block

DEVIATES = frozenset(
    {
        "EV-MAN-1",
        "EV-MAN-3",
        "EV-MACHINE-1",
        "EV-MATERIAL-8",
        "EV-MATERIAL-10",
        "EV-METHOD-9",
        "EV-ENVIRONMENT-2",
        "EV-ENVIRONMENT-4",
        "EV-ENVIRONMENT-9",
    }
)
"""Rules whose exceptions open a deviation."""
WORDS = {
    "accept": Text("可以接受", "acceptable"),
    "accepted": Text("可以接受", "acceptable"),
    "unfounded": Text("不成立", "not confirmed"),
    "rework": Text("须返工", "must be reworked"),
    "sort": Text("须挑选", "must be sorted"),
    "return": Text("退回供应商", "back to the supplier"),
    "scrap": Text("报废", "scrap"),
    "reject": Text("不可接受", "not acceptable"),
    "rejected": Text("不可接受", "not acceptable"),
}


def about(item: ExceptionItem) -> str:
    """What tells this finding from others of its rule in the batch."""
    return f"{item.stage}/{item.about}"


def undecided(exceptions: tuple[ExceptionItem, ...], record: BatchRecord) -> tuple[Finding, ...]:
    """The deviations that these exceptions open and nobody has opened yet.

    What is missing is one only when production has ended: until then it may still be recorded.
    """
    known = {(one.code, one.about) for one in record.deviations}
    return tuple(
        Finding(item.code, about(item), item.zh, item.en, item.value, item.limit)
        for item in exceptions
        if item.code in DEVIATES
        and not (item.missing and record.status == "in_process")
        and (item.code, about(item)) not in known
    )


def weigh(exceptions: list[ExceptionItem], record: BatchRecord) -> list[ExceptionItem]:
    """The same exceptions with what was decided on them, and what was decided on anything else of the batch."""
    by_finding = {(one.code, one.about): one for one in record.deviations}
    weighed: list[ExceptionItem] = []
    seen: set[str] = set()
    for item in exceptions:
        if item.code not in DEVIATES:
            weighed.append(item)
            continue
        found = by_finding.get((item.code, about(item)))
        if found is not None:
            seen.add(found.number)
        weighed.append(_weighed(item, found, record))
    weighed = [item for item in weighed if item.code != "EV-LOT-2" or item.about not in seen]
    return weighed + [_alone(one, record) for one in record.deviations if one.outcome and one.number not in seen]


def _weighed(item: ExceptionItem, found: Deviation | None, record: BatchRecord) -> ExceptionItem:
    if found is None:
        return item.model_copy(update={"blocking": True})
    zh, en = _said(found)
    return item.model_copy(
        update={"blocking": not _settled(found, record), "zh": f"{item.zh}（{zh}）", "en": f"{item.en} ({en})"}
    )


def _alone(one: Deviation, record: BatchRecord) -> ExceptionItem:
    zh, en = _said(one)
    item = block("EV-LOT-5", Factor.METHOD, "inspection", f"{zh}：{one.zh}", f"{en}: {one.en}")
    return item.model_copy(update={"blocking": not _settled(one, record)})


def _said(one: Deviation) -> Text:
    if not one.outcome:
        return Text(f"{one.number} 待决定", f"{one.number} waits for its decision")
    zh, en = WORDS.get(one.outcome, (one.outcome, one.outcome))
    who = f"，{one.decided_by}" if one.decided_by else ""
    return Text(f"{one.number} {zh}{who}", f"{one.number} {en}{f', {one.decided_by}' if one.decided_by else ''}")


def _settled(one: Deviation, record: BatchRecord) -> bool:
    """Whether the decision lets the batch go: as it is, or once it was worked on again."""
    if one.outcome in WORKED_ON:
        return one.decided_at is not None and any(run.finished_at > one.decided_at for run in record.operations)
    return one.outcome in SETTLED or one.outcome == "accepted"
