"""Recalls and drills: what is asked before one begins, what its scope says, when it may be closed, how a drill scores.

The scope is one canonical record with one digest: what two people sign is what was shown (21 CFR 7.41, 7.46; 806;
医疗器械召回管理办法; ISO 13485 8.3.3).  A drill is the same; nothing here asks which of the two it is.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from models.kernel.refusal import Kind
from models.kernel.units.names import amounts, told
from models.trace.rules.trace import ZERO, Answer

FREE = Kind(
    "RCR-004",
    "ISO 13485 8.3.1",
    "批次 {lot} 没有冻结，退货入库后会被当作可用库存；请先冻结该批次。",
    "Batch {lot} is not on hold: what comes back would count as good stock. Hold it first.",
)

UNKNOWN = Kind("RCL-001", "DESIGN 2.5", "找不到召回「{recall}」。", "There is no recall “{recall}”.", 404)
TWICE = Kind("RCL-002", "DESIGN 5", "召回编号 {recall} 已经存在。", "There is a recall {recall} already.")
NO_REASON = Kind(
    "RCL-003", "21 CFR 7.46; 806.10(c)", "召回必须写明名称和原因。", "A recall needs a title and a reason.", 422
)
EMPTY = Kind(
    "RCL-004",
    "DESIGN 9",
    "「{identifier}」不指向任何批次，无法确定召回范围。",
    "“{identifier}” leads to no batch, so there is nothing to recall.",
    422,
)
NO_CLASS = Kind(
    "RCL-005",
    "医疗器械召回管理办法 (召回分级); 21 CFR 7.41",
    "批准范围时必须选择召回级别并写明健康危害评价。",
    "Approving the scope needs the recall class and a health hazard evaluation.",
    422,
)
NOTHING_MORE = Kind(
    "RCL-006", "DESIGN 6", "扩大范围时请写明新增的标识。", "Name what the scope is to be expanded by.", 422
)
OUTSTANDING = Kind(
    "RCL-007",
    "21 CFR 7.55; 医疗器械召回管理办法 (总结评估)",
    "还有 {quantity}在外未收回、{customers} 家客户未回执、{checks} 项有效性检查未完成；关闭召回必须写明理由。",
    "{quantity_en} are out still, {customers} customers have not answered and {checks} checks are open; closing needs a"
    " reason.",
    422,
)
UNDECIDED = Kind(
    "RCL-021",
    "ISO 13485 8.3.3; 21 CFR 7.55; 医疗器械召回管理办法 (总结评估)",
    "范围内还有 {lots} 个在厂批次（{first}）没有处置决定，不能关闭召回。",
    "{lots} batches of the scope in house have no decision yet ({first}); the recall can't be closed.",
)
RETURNED = Kind(
    "RCL-026",
    "ISO 13485 8.3.3; 21 CFR 7.55; 医疗器械召回管理办法 (总结评估)",
    "已退回的 {quantity}还没有处置决定，不能关闭召回；请先决定报废、返工或重新入库。",
    "{quantity_en} came back and nobody has decided about it; the recall can't be closed. Decide to scrap, rework or restock it"
    " first.",
)
TOLD_ALREADY = Kind(
    "RCL-027",
    "21 CFR 7.49, 7.55; 医疗器械召回管理办法 (通知, 总结评估)",
    "已有 {customers} 家客户接到召回 {recall} 的通知，不能撤销了事；请对批次作出决定，并写明理由关闭召回。",
    "{customers} customers have been told of recall {recall} already, so it isn't withdrawn as if it had never been: decide about"
    " its batches, and close it with a reason.",
)
LINK_OLD = Kind("RCL-009", "DESIGN 6", "此链接已过期，请联系我们。", "This link has expired; please call us.", 410)
LINK_USED = Kind(
    "RCL-010",
    "DESIGN 6",
    "此通知已于 {at} 回执，不能再改；如有差错请联系我们。",
    "This notice was acknowledged on {at} and can't be changed; call us if something is wrong.",
)
TOO_MUCH = Kind(
    "RCL-011",
    "DESIGN 6",
    "收到 {received}超过发货数量 {shipped}。",
    "Received {received_en} is more than the {shipped_en} that were shipped.",
    422,
)
NOT_EVEN = Kind(
    "RCL-019",
    "DESIGN 6",
    "现有库存 {on_hand}加已使用 {used}应等于收到的 {received}。",
    "On hand {on_hand_en} plus used {used_en} should make the {received_en} received.",
    422,
)
NOT_EVEN_PASSED = Kind(
    "RCL-025",
    "21 CFR 7.49(d), 7.42(b)(1)",
    "现有库存 {on_hand}、已使用 {used} 与转给他人 {passed_on}之和应等于收到的 {received}。",
    "On hand {on_hand_en}, used {used_en} and passed on {passed_on_en} should make the {received_en} received.",
    422,
)
RETURNS_MORE = Kind(
    "RCL-020",
    "DESIGN 6",
    "将退回 {will_return}不能超过现有库存 {on_hand}。",
    "{will_return_en} to be returned is more than the {on_hand_en} on hand.",
    422,
)
NO_NAME = Kind("RCL-012", "21 CFR 7.49(d)", "回执必须写明姓名。", "An acknowledgement needs a name.", 422)
CLOSED = Kind("RCL-013", "DESIGN 6", "召回 {recall} 已经结束。", "The recall {recall} is over.")

NOT_SIGNED = Kind(
    "RCL-014",
    "21 CFR 7.46, 806.10; ISO 13485 8.3.3",
    "召回范围第 {version} 版还没有两个人签名，不能通知客户。",
    "Version {version} of the scope is not signed by two people; nobody can be notified.",
)

GROWN = Kind(
    "RCL-018",
    "21 CFR 7.46, 806.10; ISO 13485 8.3.3",
    "计算范围之后又有 {lots} 个批次归入召回（由召回批次分出或制成、更正后查明、或同一供方批号再次到货），它们的客户还没有通知；"
    "请先扩大范围（可填写已有的标识）。",
    "{lots} batches joined the recall after its scope was computed (split off or made of recalled ones, found so by a correction,"
    " or more of the same supplier's lot), and their customers have not been told; expand the scope first (an identifier that it"
    " has will do).",
)

SEEN_BEFORE = Kind(
    "RCL-022",
    "21 CFR 7.46, 7.49; ISO 13485 8.3.3",
    "您查看之后情况已有变化（范围或要通知的客户不同）；请重新查看再执行，尚未做任何事。",
    "Things have changed since you looked (another scope, or other customers to tell); look again before you do it."
    " Nothing has been done.",
)
CLASSES = {"one": "I", "two": "II", "three": "III"}
"""The keys of the form's choice → the class that the deadline rules know."""
LINK = timedelta(days=90)
"""How long a customer's link is good."""
MODES = frozenset({"recall", "drill"})
PREFIX = {"recall": "RC", "drill": "RD"}
MOST_DIGITS = 9
POSITIVE = ("freeze", "approve")
"""Outcomes by which a person stands behind a scope."""


def check_untold(recall_no: str, customers: int) -> None:
    """Refuse to withdraw what customers know of: they would go on doing what its letters ask."""
    if customers:
        raise TOLD_ALREADY(recall=recall_no, customers=customers)


def check_grown(lots: int) -> None:
    """Refuse to end the follow-up while batches came out of the scope's that no signed scope names."""
    if lots:
        raise GROWN(lots=lots)


def number(mode: str, year: int, count: int) -> str:
    """`RC-2026-001`, a drill `RD-2026-001`."""
    return f"{PREFIX[mode]}-{year}-{count:03d}"


def numbered_as(recall_no: str) -> tuple[str, int, int] | None:
    """Mode, year and count of a number as `number` makes it; None for any other."""
    prefix, _, rest = recall_no.partition("-")
    year, _, count = rest.partition("-")
    mode = next((mode for mode, known in PREFIX.items() if known == prefix), None)
    digits = all(part.isascii() and part.isdigit() for part in (year, count))
    if mode is None or not digits or len(year) != len("2026") or len(count) > MOST_DIGITS:
        return None
    return mode, int(year), int(count)


def scope_record(recall_no: str, version: int, identifiers: Collection[str], answer: Answer) -> dict[str, Any]:
    """What two people sign: every lot, every customer with quantities, and whether that is the whole truth."""
    house: dict[str, Decimal] = {}
    for row in answer.stock:
        house[row.lot_no] = house.get(row.lot_no, ZERO) + row.quantity
    return {
        "record": "recall_scope",
        "recall": recall_no,
        "version": version,
        "identifiers": list(identifiers),
        "complete": answer.complete,
        "balanced": answer.balanced,
        "counts": dict(answer.counts),
        "lots": [
            {
                "lot_no": node.lot_no,
                "item_no": node.item_no,
                "item": node.item,
                "uom": node.uom,
                "status": node.status,
                "in_house": _text(house.get(node.lot_no, ZERO)),
                "shipped": _text(node.balance.shipped),
                "returned": _text(node.balance.returned),
            }
            for node in answer.nodes
        ],
        "customers": [
            {
                "customer_no": row.customer_no,
                "customer": row.customer,
                "lot_no": row.lot_no,
                "item_no": row.item_no,
                "uom": row.uom,
                "shipped": _text(row.shipped),
                "returned": _text(row.returned),
                "outstanding": _text(row.outstanding),
                "in_transit": _text(row.in_transit),
                "reachable": bool(row.email or row.phone),
            }
            for row in answer.customers
        ],
        "findings": [{"code": one.code, "lot_no": one.lot_no, "zh": one.zh, "en": one.en} for one in answer.findings],
    }


def _text(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}" if quantity else "0"


@dataclass(frozen=True)
class Difference:
    """What a later version of a scope has more and less than an earlier one."""

    lots_added: tuple[str, ...]
    lots_gone: tuple[str, ...]
    customers_added: tuple[str, ...]
    customers_gone: tuple[str, ...]

    def as_dict(self) -> dict[str, list[str]]:
        """The wire form."""
        return {name: list(getattr(self, name)) for name in self.__dataclass_fields__}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Lots by number, customers by customer and lot."""

    def lots(record: Mapping[str, Any]) -> set[str]:
        return {one["lot_no"] for one in record["lots"]}

    def customers(record: Mapping[str, Any]) -> set[str]:
        return {f"{one['customer_no']} {one['lot_no']}" for one in record["customers"]}

    return Difference(
        lots_added=tuple(sorted(lots(after) - lots(before))),
        lots_gone=tuple(sorted(lots(before) - lots(after))),
        customers_added=tuple(sorted(customers(after) - customers(before))),
        customers_gone=tuple(sorted(customers(before) - customers(after))),
    )


@dataclass(frozen=True)
class Acknowledged:
    """What a customer answers: how many came, and where they are; `passed_on` went to customers of theirs."""

    received: Decimal
    on_hand: Decimal
    used: Decimal
    will_return: Decimal
    name: str
    passed_on: Decimal = ZERO


def check_acknowledgement(answer: Acknowledged, shipped: Decimal, uom: str = "") -> None:
    """Refuse what can't be: more than was shipped, or parts that don't add up; `uom` where all of it is counted in one unit."""
    if not answer.name.strip():
        raise NO_NAME()
    parts = (answer.on_hand, answer.used, answer.will_return)
    if answer.received > shipped:
        raise TOO_MUCH(**told(uom, received=answer.received, shipped=shipped))
    said = told(uom, on_hand=answer.on_hand, used=answer.used, received=answer.received)
    if answer.passed_on != 0 and (
        min(answer.received, answer.passed_on, *parts) < 0
        or answer.on_hand + answer.used + answer.passed_on != answer.received
    ):
        raise NOT_EVEN_PASSED(**said, **told(uom, passed_on=answer.passed_on))
    if min(answer.received, *parts) < 0 or answer.on_hand + answer.used + answer.passed_on != answer.received:
        raise NOT_EVEN(**said)
    if answer.will_return > answer.on_hand:
        raise RETURNS_MORE(**told(uom, will_return=answer.will_return, on_hand=answer.on_hand))


NOTHING: Mapping[str, Decimal] = {}


def check_close(
    outstanding: Mapping[str, Decimal],
    silent: int,
    reason: str | None,
    unchecked: int = 0,
    undecided: Collection[str] = (),
    returned: Mapping[str, Decimal] = NOTHING,
) -> None:
    """Closing needs a decision about each batch in house and about what came back; with anything out still, a reason.

    The signature covers that reason.  `outstanding` and `returned` are by unit of measure.
    """
    out = any(much > 0 for much in outstanding.values())
    if (out or silent > 0 or unchecked > 0) and not (reason or "").strip():
        zh, en = amounts(sorted(outstanding.items()))
        raise OUTSTANDING(quantity=zh or "0", quantity_en=en or "0", customers=silent, checks=unchecked)
    if undecided:
        raise UNDECIDED(lots=len(undecided), first=", ".join(sorted(undecided)[:3]))
    if any(much > 0 for much in returned.values()):
        zh, en = amounts(sorted(returned.items()))
        raise RETURNED(quantity=zh, quantity_en=en)


@dataclass(frozen=True)
class DrillFacts:
    """What a drill is scored by; times in seconds since it was opened, None where it never came to it.

    `answered` are the customers who answered: an address that is known has found nobody yet.
    """

    scope: float | None
    hold: float | None
    complete: bool
    balanced: bool
    customers: int
    answered: int
    overdue: int


POINTS = (("scope", 20), ("hold", 15), ("complete", 15), ("balanced", 15), ("answered", 25), ("overdue", 10))
SCOPE_GOAL, HOLD_GOAL = 4 * 3600, 24 * 3600
"""Seconds to a signed scope and to the hold decision that still give full points; nothing is left at twice that."""


def score(facts: DrillFacts) -> dict[str, Any]:
    """0 to 100 points, and where they were lost."""
    share = {
        "scope": _in_time(facts.scope, SCOPE_GOAL),
        "hold": _in_time(facts.hold, HOLD_GOAL),
        "complete": float(facts.complete),
        "balanced": float(facts.balanced),
        # where nobody was asked, nothing shows that anybody can be reached
        "answered": facts.answered / facts.customers if facts.customers else 0.0,
        "overdue": max(0.0, 1 - facts.overdue / 2),
    }
    points = {name: int(weight * share[name]) for name, weight in POINTS}  # full points for all of it only
    return {
        "points": sum(points.values()),
        "parts": points,
        "of": dict(POINTS),
        "seconds_to_scope": facts.scope,
        "seconds_to_hold": facts.hold,
        "complete": facts.complete,
        "balanced": facts.balanced,
        "answered": facts.answered,
        "customers": facts.customers,
        "overdue_steps": facts.overdue,
    }


def _in_time(seconds: float | None, goal: int) -> float:
    if seconds is None:
        return 0.0
    return min(1.0, max(0.0, 2 - seconds / goal))


def overdue(tasks: Iterable[tuple[datetime | None, datetime | None]], now: datetime) -> int:
    """How many steps were done after their time, or are still open after it: (due, done)."""
    return sum(due is not None and (done or now) > due for due, done in tasks)
