"""Who placed a hold, what a held batch may still go through, and who lets go of it (REQUIREMENTS 5, 74; ISO 13485 8.3.1).

Holds and recalls are the strongest word in the plant.  A hold belongs to whoever placed it: a person of quality, the
decision of a release, the opening of a recall (a precaution until its scope is approved) or the recall itself.
"""

from collections.abc import Collection
from enum import StrEnum

from models.kernel.refusal import Kind
from models.lot.rules.open_hold import CAUSES, HoldKind, OpenHold
from models.person.rules.auth import forbidden
from models.person.rules.roles import Permission


class Scope(StrEnum):
    """How far an act of quality reaches: the batches that it names, or these with everything that was made of them."""

    LOT = "lot"
    PARTS = "parts"


UNKNOWN = Kind("HLD-003", "DESIGN 2.5", "找不到该冻结记录。", "There is no such hold.", 404)

PAIR = 2

OF_RECALL = Kind(
    "HLD-005",
    "21 CFR 7.46, 7.55; 医疗器械召回管理办法; ISO 13485 8.3.3",
    "批次 {lot} 由召回 {recall} 冻结，只能由该召回的决定解除：由召回协调员和质量人员两人签名，或随召回撤销。",
    "Batch {lot} is held by recall {recall}; only a decision of that recall opens it: signed by a recall coordinator and by"
    " quality, two people, or the recall is withdrawn.",
)
OF_CONTAINMENT = Kind(
    "HLD-006",
    "21 CFR 7.46; 医疗器械召回管理办法; ISO 13485 8.3.3",
    "批次 {lot} 因召回 {recall} 发起而预防性冻结；召回范围的批准会确认或解除它，不能单独解除。",
    "Batch {lot} is held as a precaution since recall {recall} was opened; the approval of its scope confirms or releases it,"
    " nobody alone does.",
)
OF_RELEASE = Kind(
    "HLD-007",
    "ISO 13485 8.2.6, 8.3.1; 医疗器械生产质量管理规范 (放行)",
    "批次 {lot} 由放行决定冻结，只能由新的、两人签名的放行决定解除；请在批次页上重新提交放行决定。",
    "Batch {lot} is held by a release decision; only a newer release decision of two people opens it: ask for one on the"
    " batch's page.",
)
NOTHING_TO_DECIDE = Kind(
    "HLD-008",
    "ISO 13485 8.2.6",
    "批次 {lot} 没有等待新决定的放行冻结，或新的放行已经开始。",
    "No hold of a release decision waits for a newer decision on batch {lot}, or the newer one has begun.",
)
PROCESS_ONLY = Kind(
    "HLD-009",
    "ISO 13485 8.3.1",
    "冻结原因「{cause}」只能由流程写入。",
    "The cause “{cause}” of a hold is written by a process only.",
    422,
)


WITHDRAWN_ALONE = Kind(
    "HLD-010",
    "21 CFR 7.46; 医疗器械召回管理办法; ISO 13485 8.3.3",
    "召回 {recall} 冻结着批次，撤销须由两人签名：先冻结（签署）范围，再由质量经理在批准步骤中撤销。",
    "Recall {recall} holds batches, so withdrawing it takes two signatures: freeze the scope, then let the quality manager"
    " withdraw it at its approval.",
)
UNKNOWN_ACT = Kind("HLD-011", "DESIGN 2.5", "找不到该冻结决定。", "There is no such act of holding.", 404)
ALL_LIFTED = Kind(
    "HLD-012",
    "DESIGN 6",
    "该冻结决定所冻结的批次都已解除冻结。",
    "All that this act held is free of it already.",
)


def check_lift(lot_no: str, hold: OpenHold, may: Collection[Permission]) -> None:
    """Refuse to lift what only a process may lift; a recall's hold is opened by two of its people, one after the other."""
    match hold.kind:
        case HoldKind.RELEASE:
            raise OF_RELEASE(lot=lot_no)
        case HoldKind.CONTAINMENT:
            raise OF_CONTAINMENT(lot=lot_no, recall=hold.recall_no or "–")
        case HoldKind.RECALL if not {Permission.LOT_LIFT, Permission.RECALL_RUN}.intersection(may):
            raise OF_RECALL(lot=lot_no, recall=hold.recall_no or "–")
        case HoldKind.QUALITY if Permission.LOT_LIFT not in may:
            raise forbidden(Permission.LOT_LIFT)
        case _:
            return


def check_recall_pair(
    lot_no: str, hold: OpenHold, first: Collection[Permission], second: Collection[Permission]
) -> None:
    """Of the two people behind a recall's decision one runs recalls and the other decides about quality."""
    for one, other in ((first, second), (second, first)):
        if Permission.RECALL_RUN in one and Permission.LOT_LIFT in other:
            return
    raise OF_RECALL(lot=lot_no, recall=hold.recall_no or "–")


def check_withdrawal(recall_no: str, signers: int, *, holding: bool) -> None:
    """Refuse to withdraw a recall that holds goods without two people behind it."""
    if holding and signers < PAIR:
        raise WITHDRAWN_ALONE(recall=recall_no)


def check_placed_by_a_person(cause: str) -> None:
    """Refuse a cause that stands for a process."""
    if cause in CAUSES:
        raise PROCESS_ONLY(cause=cause)
