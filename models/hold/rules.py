"""Who placed a hold, what a held batch may still go through, and who lets go of it (REQUIREMENTS 5, 74; ISO 13485 8.3.1).

Holds and recalls are the strongest word in the plant.  A hold belongs to whoever placed it: a person of quality, the
decision of a release, the opening of a recall (a precaution until its scope is approved) or the recall itself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.kernel.refusal import Kind
from models.kernel.units.quantity import plain
from models.lot.rules.open_hold import CAUSES, HoldKind, OpenHold
from models.person.rules.auth import forbidden
from models.person.rules.roles import Permission


class Scope(StrEnum):
    """How far an act of quality reaches: the batches that it names, these with everything made of them, or so much of one at a place."""

    LOT = "lot"
    PARTS = "parts"
    PLACE = "place"


@dataclass(frozen=True)
class There:
    """How much of a batch lies at a place, and what of that is packed in units or held already."""

    lot_no: str
    uom: str
    place: str
    quantity: Decimal
    packed: Decimal
    held: Decimal
    wholly: bool
    """Whether all of the batch is held."""

    @property
    def free(self) -> Decimal:
        """What can be held there."""
        return self.quantity - self.packed - self.held


@dataclass(frozen=True)
class Promise:
    """So much of a batch is promised to a customer by a planned shipment."""

    shipment_no: str
    customer: str
    customer_en: str | None
    quantity: Decimal


@dataclass(frozen=True)
class Broken:
    """A promise that what is left free of the batch can't keep, and how much is lacking."""

    promise: Promise
    lacking: Decimal

    def as_record(self, uom: str) -> dict[str, str | None]:
        """As the act keeps it."""
        one = self.promise
        return {
            "shipment_no": one.shipment_no,
            "customer": one.customer,
            "customer_en": one.customer_en,
            "quantity": plain(one.quantity),
            "lacking": plain(self.lacking),
            "uom": uom,
        }


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


ONE_PLACE = Kind(
    "HLD-013",
    "ISO 13485 8.3.1",
    "冻结一定数量须写明一个批次、一个库位和数量；冻结整批时不写。",
    "A hold of a quantity names one batch, one place and how much; a hold of whole batches names neither place nor quantity.",
    422,
)
NO_STOCK = Kind(
    "HLD-014",
    "ISO 13485 8.3.1",
    "批次 {lot} 在库位 {place} 没有库存，不能在那里冻结。",
    "Nothing of batch {lot} lies at {place}, so nothing can be held there.",
)
TOO_MUCH = Kind(
    "HLD-015",
    "ISO 13485 8.3.1",
    "批次 {lot} 在 {place} 可冻结的只有 {free} {uom}，不够 {wanted} {uom}（在库 {there}，已冻结 {held}，已装箱 {packed}；装箱的请先取出）。",
    "Only {free} {uom} of batch {lot} at {place} can be held, not {wanted} {uom}: {there} lie there, {held} are held already, {packed} are"
    " packed (take these out first).",
)
WHOLLY = Kind(
    "HLD-016",
    "ISO 13485 8.3.1",
    "批次 {lot} 整批都已冻结，不必再冻结其中一部分。",
    "All of batch {lot} is held already; no part of it need be.",
)
NOT_SO_MUCH = Kind(
    "HLD-017",
    "DESIGN 5",
    "冻结数量必须大于 0。",
    "The quantity to be held must be more than 0.",
    422,
)
BY_PARTS = Kind(
    "HLD-020",
    "ISO 13485 8.3.1",
    "该冻结决定冻结的是一定数量，请逐项解除。",
    "This act holds a quantity at a place; lift what it holds there.",
)


def check_reach(scope: Scope, lots: int, place: str | None, quantity: Decimal | None) -> None:
    """Refuse an act that says too little of what it holds, or too much."""
    part = scope is Scope.PLACE
    if part != bool(place) or part != (quantity is not None) or (part and lots != 1):
        raise ONE_PLACE()
    if quantity is not None and (not quantity.is_finite() or quantity <= 0):
        raise NOT_SO_MUCH()


def check_part(there: There, wanted: Decimal) -> None:
    """Refuse to hold what doesn't lie there, what is packed, and what is held already."""
    if there.wholly:
        raise WHOLLY(lot=there.lot_no)
    if there.quantity <= 0:
        raise NO_STOCK(lot=there.lot_no, place=there.place)
    if wanted > there.free:
        raise TOO_MUCH(
            lot=there.lot_no,
            place=there.place,
            uom=there.uom,
            free=plain(max(there.free, Decimal(0))),
            wanted=plain(wanted),
            there=plain(there.quantity),
            held=plain(there.held),
            packed=plain(there.packed),
        )


def broken(promises: Iterable[Promise], free: Decimal) -> tuple[Broken, ...]:
    """The promises that what is left free can't keep: the earliest is served first, and so long as anything is left."""
    found, left = [], max(free, Decimal(0))
    for one in promises:
        served = min(one.quantity, left)
        left -= served
        if served < one.quantity:
            found.append(Broken(one, one.quantity - served))
    return tuple(found)


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
