"""What a recall leaves open, and who owns it: said before it closes and after, until all is done (21 CFR 7.55; 806.10).

Closing ends the process, not the duties: a report may still be due, batches stay frozen, goods come back late.  A closed
recall that says "nothing is open" meanwhile would be believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.kernel.text import Text
from models.kernel.units.names import amounts
from models.person.rules import known_roles
from models.person.rules.roles import Role
from models.recall.rules.funnel import Funnel

WORDS: dict[str, tuple[Role, str, str]] = {
    "joined": (
        Role.RECALL_COORDINATOR,
        "计算范围之后归入召回、尚未列入范围的批次: {n} 批",
        "batches that joined after the scope was computed and are not in it yet: {n}",
    ),
    "undecided": (Role.QUALITY_MANAGER, "在厂批次没有处置决定: {n} 批", "batches in house without a decision: {n}"),
    "frozen": (Role.QUALITY_MANAGER, "仍被此召回冻结的批次: {n} 批", "batches that this recall still holds: {n}"),
    "returned": (Role.QUALITY_MANAGER, "已退回、尚未处置: {n}", "came back and is undecided: {n}"),
    "out": (Role.RECALL_COORDINATOR, "仍在外、未收回: {n}", "still out: {n}"),
    "untold": (Role.RECALL_COORDINATOR, "通知未发出的客户: {n} 家", "customers whose notice has not gone out: {n}"),
    "left_out": (
        Role.RECALL_COORDINATOR,
        "因召回深度不通知的客户: {n} 家",
        "customers not told because of the depth: {n}",
    ),
    "silent": (Role.RECALL_COORDINATOR, "未回执的客户: {n} 家", "customers who have not answered: {n}"),
    "unnamed": (
        Role.RECALL_COORDINATOR,
        "转给他人、没有写明收货单位: {n}",
        "passed on without saying to whom: {n}",
    ),
    "naming": (
        Role.RECALL_COORDINATOR,
        "等待核对的收货单位名单: {n} 份",
        "lists of receivers that wait for confirmation: {n}",
    ),
    "checks": (Role.RECALL_COORDINATOR, "未完成的有效性检查: {n} 项", "effectiveness checks not done: {n}"),
    "pulls": (Role.WAREHOUSE, "实物没有拿回的地点: {n} 处", "places whose goods were not pulled: {n}"),
    "reports": (Role.RECALL_COORDINATOR, "计时中的法定报告: {n} 项", "legal reports still due: {n}"),
    "late": (Role.QUALITY_MANAGER, "已超期的法定报告: {n} 项", "legal reports that are late: {n}"),
}
"""What may remain, in the order in which it is said: whose it is, and how it reads."""


@dataclass(frozen=True, slots=True)
class Remains:
    """One thing that is open; `owner` is the role whose task it is, `due_at` the next legal moment where there is one."""

    code: str
    owner: Role
    zh: str
    en: str
    due_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        zh, en = known_roles.name(self.owner)
        return {
            "code": self.code,
            "owner": self.owner.value,
            "owner_zh": zh,
            "owner_en": en,
            "zh": self.zh,
            "en": self.en,
            "due_at": self.due_at.isoformat() if self.due_at else None,
        }


NAMED = 5
"""Names that a line shows; how many more there are is said."""


def _whose(funnel: Funnel, amount: tuple[str, str]) -> Text:
    """How much, and who is to say to whom it went."""
    names = list(dict.fromkeys(row.customer for row in funnel.rows if row.places.unnamed))
    more = f" … +{len(names) - NAMED}" if len(names) > NAMED else ""
    zh, en = (f"{said} ({'; '.join(names[:NAMED])}{more})" if names else "" for said in amount)
    return Text(zh, en)


def _amounts(funnel: Funnel, place: str) -> Text:
    """How much lies there, in Chinese and in English; pieces and metres are never added up."""
    return amounts((uom, getattr(one, place)) for uom, one in sorted(funnel.places.items()))


def remaining(
    funnel: Funnel,
    frozen: int,
    unchecked: int,
    pulls: int,
    clocks: Sequence[datetime],
    now: datetime,
    namings: int = 0,
    joined: int = 0,
) -> tuple[Remains, ...]:
    """Everything that is open; `clocks` are the moments of legal deadlines that nobody has met."""
    late = [due for due in clocks if due <= now]
    running = [due for due in clocks if due > now]

    undecided = sum(bool(row.places.free or row.places.held) for row in funnel.rows)
    counts: dict[str, int | tuple[str, str]] = {
        "joined": joined,
        "undecided": undecided,
        "frozen": frozen,
        "returned": _amounts(funnel, "returned"),
        "out": _amounts(funnel, "outstanding"),
        "untold": funnel.customers.untold,
        "left_out": funnel.customers.left_out,
        "silent": funnel.customers.silent,
        "unnamed": _whose(funnel, _amounts(funnel, "unnamed")),
        "naming": namings,
        "checks": unchecked,
        "pulls": pulls,
        "reports": len(running),
        "late": len(late),
    }
    first = {"reports": min(running, default=None), "late": min(late, default=None)}
    found = []
    for code, (owner, zh, en) in WORDS.items():
        count = counts[code]
        said = count if isinstance(count, tuple) else (str(count), str(count))
        if count and all(said):
            found.append(Remains(code, owner, zh.format(n=said[0]), en.format(n=said[1]), first.get(code)))
    return tuple(found)
