"""Units with numbers of their own: a serial number is in one place at a time, and names one whole piece.

An item with a serial number on its label is kept by number: its pieces are shipped and consumed by naming them.  Of any
other lot that has numbered pieces, those without a number may still go unnamed; the numbered ones never do.  The database
asks the same of every row (migrations/sql/serials.sql).  Serves REQUIREMENTS 18, 33, 57; ISO 13485 7.5.9.2; 21 CFR 821.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.identifier.rules.identity import identity_key
from models.kernel.refusal import Kind
from models.kernel.units.quantity import plain
from models.lot.rules.lot import STATUS_NAMES, LotStatus
from models.place.rules import Goods

PROPOSED = Kind(
    "RSH-018",
    "ISO 13485 8.3.1",
    "批次 {lot} 中有 {proposed} {uom} 已提议不合格、等待决定，须留在批内；可用的只有 {free} {uom}。",
    "{proposed} {uom} of batch {lot} are proposed to be rejected and stay in it until that is decided; only {free} {uom} may leave.",
)
PROPOSED_PIECE = Kind(
    "RSH-019",
    "ISO 13485 8.3.1",
    "批次 {lot} 的 {serial} 已提议不合格、等待决定，须留在批内。",
    "{serial} of batch {lot} is proposed to be rejected and stays in it until that is decided.",
)

NO_PART = Kind(
    "HLD-018",
    "ISO 13485 8.3.1",
    "批次 {lot} 的这一冻结数量已不在那里：已解除或移走，请刷新页面。",
    "That quantity of batch {lot} isn't held there any more: it was lifted or brought elsewhere; look at the page again.",
)
PART_LESS = Kind(
    "HLD-019",
    "ISO 13485 8.3.1",
    "批次 {lot} 在 {place} 的这次冻结是 {held} {uom}，不能是 {wanted} {uom}。",
    "This hold is of {held} {uom} of batch {lot} at {place}; it can't be {wanted} {uom}.",
    422,
)

_CLAUSE = "ISO 13485 7.5.9.2; 21 CFR 821"
COUNT = Kind(
    "SER-001",
    _CLAUSE,
    "批次 {lot} 按序列号管理：{quantity} {uom} 是 {pieces} 件，必须写明 {pieces} 个序列号，现写明 {named} 个（没有序列号的只剩 {free} 件）。",
    "Batch {lot} is kept by serial number: {quantity} {uom} are {pieces} pieces and need {pieces} numbers named, not {named}"
    " ({free} pieces without a number are left).",
    422,
)
TWICE = Kind("SER-002", _CLAUSE, "序列号 {serial} 出现了两次。", "The serial number {serial} is there twice.", 422)
NOT_HERE = Kind(
    "SER-003",
    _CLAUSE,
    "序列号 {serial} 不在批次 {lot} 的库存中（已出货、已用掉、已装入其他产品，或属于别的批次）。",
    "The serial number {serial} is not in stock of batch {lot}: it was shipped, used or built in, or is another batch's.",
)
TOO_MANY = Kind(
    "SER-004",
    _CLAUSE,
    "批次 {lot} 在库 {pieces} 件，已有 {known} 个序列号，不能再登记 {more} 个。",
    "There are {pieces} pieces of batch {lot} in stock and {known} of them have numbers; {more} more don't fit.",
)
TAKEN = Kind(
    "SER-005",
    _CLAUSE,
    "序列号 {serial} 已属于同一物料的批次 {lot}。",
    "The serial number {serial} is one of batch {lot} of the same item already.",
)
HALF = Kind(
    "SER-006",
    _CLAUSE,
    "序列号 {serial} 是整整一件，数量不能是 {quantity} {uom}。",
    "The serial number {serial} is one whole piece; its quantity can't be {quantity} {uom}.",
    422,
)
STATE = Kind(
    "SER-007",
    "DESIGN 6",
    "批次 {lot} 处于「{status_zh}」，不能登记序列号。",
    "Batch {lot} is “{status_en}”; serial numbers can't be registered.",
)
BAD = Kind(
    "SER-008",
    "ISO 15459; GS1 AI (21)",
    "序列号「{serial}」应为 1 到 60 个可打印字符，不含空格。",
    "The serial number “{serial}” has 1 to 60 printable characters and no blanks.",
    422,
)
NONE = Kind("SER-009", "DESIGN 5", "请至少写明一个序列号。", "Name at least one serial number.", 422)
PART_BACK = Kind(
    "SER-010",
    _CLAUSE,
    "批次 {lot} 用掉的是有序列号的部件：更正时请整笔退回，再写明实际使用的序列号。",
    "What was used of batch {lot} has serial numbers: take all of it back, and name the numbers that were really used.",
)

MOST = 10_000
"""Numbers registered in one act."""
MAX_NUMBER = 60
REGISTER = frozenset(LotStatus) - {LotStatus.IN_PROCESS, LotStatus.REJECTED, LotStatus.CLOSED}


@dataclass(frozen=True)
class Numbered:
    """A lot as its numbers see it: how much is in house in its own unit, and which numbers are.

    `serialised` says that the item has serial numbers on its label; `loose` are the numbers that are in no case or pallet.
    """

    lot_no: str
    uom: str
    pack_size: Decimal
    there: Decimal
    here: frozenset[str]
    serialised: bool = False
    status: LotStatus = LotStatus.RELEASED

    @property
    def pieces(self) -> Decimal:
        """How many pieces of the item are in house."""
        return self.there * self.pack_size

    @property
    def free(self) -> Decimal:
        """Pieces in house that have no number."""
        return self.pieces - len(self.here)


def check_leaving(lot: Numbered, quantity: Decimal, named: Sequence[str], *, lost: bool = False) -> None:
    """Refuse to ship, use, pack or scrap pieces whose numbers aren't named.

    `lost` is scrap and samples: pieces of a serialised item that have no number yet may be lost without one.
    """
    for serial, times in Counter(named).items():
        if times > 1:
            raise TWICE(serial=serial[:80])
        if serial not in lot.here:
            raise NOT_HERE(lot=lot.lot_no, serial=serial[:80])
    pieces = quantity * lot.pack_size
    enough = pieces == len(named) if named else pieces <= lot.free and (lost or not lot.serialised)
    if not enough and (named or lot.here or (lot.serialised and not lost)):
        raise COUNT(
            lot=lot.lot_no,
            quantity=plain(quantity),
            uom=lot.uom,
            pieces=plain(pieces),
            named=len(named),
            free=plain(max(lot.free, Decimal(0))),
        )


def check_one(lot: Numbered, serial: str, quantity: Decimal) -> None:
    """Refuse half a serial number, or two pieces under one."""
    if quantity * lot.pack_size != 1:
        raise HALF(serial=serial[:80], quantity=plain(quantity), uom=lot.uom)


def check_register(lot: Numbered, named: Sequence[str]) -> None:
    """Refuse numbers that can't be printed, that are there twice, or more of them than pieces."""
    if not named:
        raise NONE()
    seen: set[str] = set()
    if lot.status not in REGISTER:
        zh, en = STATUS_NAMES[lot.status]
        raise STATE(lot=lot.lot_no, status_zh=zh, status_en=en)
    for serial in named:
        if not 0 < len(serial) <= MAX_NUMBER or not serial.isprintable() or any(one.isspace() for one in serial):
            raise BAD(serial=serial[:80])
        key = identity_key(serial)
        if not key:
            raise BAD(serial=serial[:80])
        if key in seen:  # however it is spelled: people would take the two for one piece
            raise TWICE(serial=serial)
        seen.add(key)
    if len(named) > min(lot.free, Decimal(MOST)):
        raise TOO_MANY(lot=lot.lot_no, pieces=plain(lot.pieces), known=len(lot.here), more=len(named))


def check_given_back(lot_no: str, bound: Collection[str], given: Decimal, taken: Decimal) -> None:
    """Refuse to take back a part of what was used where the used pieces have numbers: nobody said which."""
    if bound and given != taken:
        raise PART_BACK(lot=lot_no)


def check_proposed(
    lot_no: str, uom: str, proposed: Decimal, there: Decimal, leaving: Decimal, piece: str | None
) -> None:
    """Refuse to let go of what is proposed to be rejected: a quantity, or one of the pieces that the proposal names."""
    if piece is not None:
        raise PROPOSED_PIECE(lot=lot_no, serial=piece[:80])
    if there - leaving < proposed:
        raise PROPOSED(lot=lot_no, uom=uom, proposed=plain(proposed), free=plain(max(there - proposed, Decimal(0))))


def check_part(lot_no: str, uom: str, place: str, wanted: Decimal, held: Decimal) -> None:
    """Refuse to lift or move nothing, or more than is held."""
    if not wanted.is_finite() or not 0 < wanted <= held:
        raise PART_LESS(lot=lot_no, place=place, uom=uom, held=plain(held), wanted=str(wanted)[:40])


def goods(status: LotStatus, *, held: bool) -> Goods:
    """What a batch is as a shelf sees it."""
    if status is LotStatus.REJECTED:
        return Goods.REJECTED
    if held:
        return Goods.HELD
    return Goods.RELEASED if status in {LotStatus.RELEASED, LotStatus.CLOSED} else Goods.WAITING
