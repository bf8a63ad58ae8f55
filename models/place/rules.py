"""Places have a kind, and what a batch is decides where it may lie: who looks at a shelf sees what may be taken from it.

Quarantine and release are kept apart physically (ISO 13485 7.5.11, 8.3.1; 21 CFR 820.80(d), 820.86, 820.150).  One table says
which kinds fit; pages, API, acts and the database ask it (migrations/sql/places.sql).  A place whose kind nobody has
decided takes everything, and is listed for a decision.  After a release or a rejection goods stay where they lie until they
are put away: a decision is never refused because of a shelf.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.units.quantity import plain

_CLAUSE = "ISO 13485 7.5.11, 8.3.1; 21 CFR 820.86, 820.150"
WRONG_PLACE = Kind(
    "PLC-001",
    _CLAUSE,
    "库位 {place}（{kind_zh}）不能放{goods_zh}批次 {lot}。",
    "Location {place} ({kind_en}) doesn't take batch {lot}: it is {goods_en}.",
)
LIES_ELSEWHERE = Kind(
    "PLC-002",
    _CLAUSE,
    "批次 {lot} 可用库位上只有 {there} {uom}，不够 {wanted} {uom}；另有 {apart} {uom} 在 {places}，须先作出决定或移到可用库位。",
    "Only {there} {uom} of batch {lot} lie where they may be taken from, not {wanted} {uom}; {apart} {uom} more lie at {places}"
    " and are decided about, or moved, first.",
)
UNDECIDED_RETURN = Kind(
    "PLC-003",
    _CLAUSE,
    "{place} 的批次 {lot} 中有 {apart} {uom} 是尚未处置的退货，只能留在退货区、待检区或不合格品区；可移动的只有 {free} {uom}。",
    "{apart} {uom} of batch {lot} at {place} came back and nobody has decided about them: they stay in returns, quarantine or"
    " rejects; only {free} {uom} may be moved.",
)
SAME = Kind("PLC-004", "DESIGN 5", "批次已在库位 {place}。", "The batch lies at {place} already.", 422)
FROM_WHERE = Kind("PLC-006", "DESIGN 5", "请写明从哪个库位移出。", "Say which place it goes from.", 422)
NO_REASON = Kind("PLC-005", "21 CFR 11.10(e)", "移动库存必须写明理由。", "Moving stock needs a reason.", 422)


class PlaceKind(StrEnum):
    """What a place is for."""

    QUARANTINE = "quarantine"
    STORAGE = "storage"
    REJECTED = "rejected"
    RETURNS = "returns"
    LINE = "line"
    CLEANROOM = "cleanroom"
    TRANSIT = "transit"
    UNDECIDED = "undecided"


KIND_NAMES: dict[PlaceKind, Text] = {
    PlaceKind.QUARANTINE: Text("待检区", "quarantine"),
    PlaceKind.STORAGE: Text("合格品区", "released goods"),
    PlaceKind.REJECTED: Text("不合格品区", "rejects"),
    PlaceKind.RETURNS: Text("退货区", "returns"),
    PlaceKind.LINE: Text("生产线", "production line"),
    PlaceKind.CLEANROOM: Text("洁净间", "clean room"),
    PlaceKind.TRANSIT: Text("在途", "in transit"),
    PlaceKind.UNDECIDED: Text("用途未定", "kind not decided"),
}


class Goods(StrEnum):
    """What a quantity of a batch is, as a shelf sees it."""

    WAITING = "waiting"
    RELEASED = "released"
    HELD = "held"
    REJECTED = "rejected"
    RETURNED = "returned"


GOODS_NAMES: dict[Goods, Text] = {
    Goods.WAITING: Text("尚未放行的", "not released yet"),
    Goods.RELEASED: Text("已放行的", "released"),
    Goods.HELD: Text("已冻结的", "on hold"),
    Goods.REJECTED: Text("不合格的", "rejected"),
    Goods.RETURNED: Text("退回待处置的", "returned and not decided about"),
}

P, G = PlaceKind, Goods
FITS: dict[Goods, frozenset[PlaceKind]] = {
    G.WAITING: frozenset({P.QUARANTINE, P.LINE, P.CLEANROOM, P.TRANSIT, P.UNDECIDED}),
    G.RELEASED: frozenset({P.STORAGE, P.LINE, P.CLEANROOM, P.TRANSIT, P.QUARANTINE, P.UNDECIDED}),
    G.HELD: frozenset({P.QUARANTINE, P.REJECTED, P.RETURNS, P.UNDECIDED}),
    G.REJECTED: frozenset({P.REJECTED, P.QUARANTINE, P.UNDECIDED}),
    G.RETURNED: frozenset({P.RETURNS, P.QUARANTINE, P.REJECTED, P.UNDECIDED}),
}
"""Where goods may be brought to."""
APART = frozenset({P.REJECTED, P.RETURNS})
"""Nothing leaves these places for a customer or a batch: first somebody decides, then it is moved."""


@dataclass(frozen=True)
class Place:
    """A place and what it is for."""

    code: str
    kind: PlaceKind


def kind(text: str) -> PlaceKind:
    """The kind that is written; one that nobody knows is not decided."""
    return PlaceKind(text) if text in set(PlaceKind) else PlaceKind.UNDECIDED


def check_into(place: Place, lot_no: str, what: Goods) -> None:
    """Refuse to bring goods where such goods don't lie."""
    if place.kind not in FITS[what]:
        kind_zh, kind_en = KIND_NAMES[place.kind]
        goods_zh, goods_en = GOODS_NAMES[what]
        raise WRONG_PLACE(
            place=place.code, lot=lot_no, kind_zh=kind_zh, kind_en=kind_en, goods_zh=goods_zh, goods_en=goods_en
        )


def check_returned(
    place: Place, to: Place, lot_no: str, uom: str, quantity: Decimal, there: Decimal, open_: Decimal
) -> None:
    """Refuse to take returned goods that nobody has decided about out of the places where they wait."""
    free = max(there - open_, Decimal(0))
    if open_ > 0 and quantity > free and to.kind not in FITS[Goods.RETURNED]:
        raise UNDECIDED_RETURN(place=place.code, lot=lot_no, uom=uom, apart=plain(open_), free=plain(free))
