"""Who is told by the depth of a recall, and who is not and why (21 CFR 7.42(b)(1); 医疗器械召回管理办法).

A consignee stands at a level of the distribution chain.  The depth takes in its own level and those above it.  Of whom nobody
has said a level is always told: not knowing is no reason for silence.  Whoever is left out keeps their goods in every sum.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from models.kernel.refusal import Kind
from models.kernel.units.quantity import plain
from models.notice.rules.handling import DEPTHS
from models.partner.rules import LEVELS, ORDER
from models.recall.rules.funnel import Shipped

CLASS_I = Kind(
    "RCM-010",
    "21 CFR 7.42(b)(1), 7.3(m)(1); 医疗器械召回管理办法",
    "一级召回必须通知到使用单位和患者，不能只到「{depth_zh}」。",
    "A class I recall goes down to users and consumers; “{depth_en}” is not deep enough.",
    422,
)
CLASS_I_SINCE = Kind(
    "RCM-011",
    "21 CFR 7.41(b), 7.42(b)(1)",
    "主管部门已定为一级，而此召回只通知到「{depth_zh}」；请扩大范围（可填写已有的标识）并重新批准，通知到使用单位。",
    "An agency has made it class I, and the recall went down to “{depth_en}” only: expand the scope (an identifier that it has will"
    " do), have it approved down to the users, and tell them.",
)
STILL_TO_TELL = Kind(
    "RCM-012",
    "21 CFR 7.42(b)(1), 7.49",
    "按召回深度还有 {customers} 家客户（{first}）应当通知而尚未通知（其级别在通知之后改变，或之后又有发货）；请扩大范围（可填写已有的标识）并再次通知。",
    "{customers} customers ({first}) are to be told by the depth of the recall and have not been, because their level changed after"
    " the notices or goods went to them since: expand the scope (an identifier that it has will do) and notify again.",
)

Pair = tuple[str, str]
"""A customer and a batch, by their numbers."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A consignee who is not told, why, and how much of how many batches they have; `quantities` by unit of measure."""

    customer_no: str
    customer: str
    level: str
    lots: int
    quantities: tuple[tuple[str, str], ...]
    zh: str
    en: str


def reaches(depth: str | None, level: str | None) -> bool:
    """Whether a recall of that depth tells a consignee of that level; without a depth it goes down to the user."""
    if depth is None or level is None:
        return True
    return ORDER.index(level) <= ORDER.index(depth)


def limits(depth: str | None) -> bool:
    """Whether that depth leaves anybody out at all."""
    return depth is not None and depth != ORDER[-1]


def beyond(shipped: Iterable[Shipped], told: Collection[Pair], depth: str | None) -> frozenset[Pair]:
    """What went to consignees below the depth and no notice tells of; who was told once stays told."""
    return frozenset(
        pair
        for one in shipped
        if (pair := (one.customer_no, one.lot_no)) not in told
        and one.shipped > one.returned_before
        and not reaches(depth, one.level)
    )


def left_out(shipped: Iterable[Shipped], pairs: Collection[Pair], depth: str | None) -> tuple[LeftOut, ...]:
    """The consignees behind `pairs`, by number, each with the reason."""
    theirs: dict[str, list[Shipped]] = {}
    for one in shipped:
        if (one.customer_no, one.lot_no) in pairs:
            theirs.setdefault(one.customer_no, []).append(one)
    return tuple(_left_out(its, depth or ORDER[-1]) for _, its in sorted(theirs.items()))


def _left_out(its: list[Shipped], depth: str) -> LeftOut:
    amounts: dict[str, Decimal] = {}
    for one in its:
        amounts[one.uom] = amounts.get(one.uom, Decimal(0)) + one.out
    level = its[0].level or ORDER[-1]
    (zh, en), (down_zh, down_en) = LEVELS[level], DEPTHS[depth]
    return LeftOut(
        customer_no=its[0].customer_no,
        customer=its[0].customer,
        level=level,
        lots=len(its),
        quantities=tuple((uom, plain(some)) for uom, some in sorted(amounts.items())),
        zh=f"{zh}级客户；此召回只通知到{down_zh}",
        en=f"a consignee at {en} level; this recall goes down to {down_en} only",
    )


def check_class(levels: Collection[str | None], depth: str | None) -> None:
    """RCM-010: where a class I is decided or proposed in any market, nobody is left out."""
    if "I" in levels and limits(depth):
        raise CLASS_I(**_named(depth))


def check_told(levels: Collection[str | None], depth: str | None, waiting: Collection[str]) -> None:
    """Refuse to end the follow-up: RCM-011 of a class I since, RCM-012 where `waiting` customers are still to be told."""
    if "I" in levels and limits(depth):
        raise CLASS_I_SINCE(**_named(depth))
    if waiting:
        raise STILL_TO_TELL(customers=len(waiting), first=", ".join(sorted(waiting)[:3]))


def _named(depth: str | None) -> dict[str, str]:
    zh, en = DEPTHS[str(depth)]
    return {"depth_zh": zh, "depth_en": en}
