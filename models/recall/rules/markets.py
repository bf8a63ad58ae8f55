"""The class of a recall, market by market, and what is done with the goods, down to whom.

China: the firm decides 一级/二级/三级 by its own assessment (医疗器械召回管理办法).  United States: the firm proposes, the agency
decides and writes a letter (21 CFR 7.41).  European Union: no class; the recall is a field safety corrective action (MDR Art. 87,
89).  A correction leaves the goods where they are, a removal takes them away (21 CFR 806.2, 7.3); the depth says down to whom
consignees are told (21 CFR 7.42(b)(1)).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.kernel.time.reported import told
from models.notice.rules.handling import ACTIONS, MEASURES, Handling
from models.partner import rules as markets_of
from models.recall.rules.recall import CLASSES, NO_CLASS

EU_CLASS = Kind(
    "RCM-001",
    "MDR Art. 87, 89",
    "欧盟没有召回级别：在那里是现场安全纠正措施（FSCA），请不要选择级别。",
    "The European Union knows no recall class: there it is a field safety corrective action; leave the class out.",
    422,
)
FIRM_DECIDES = Kind(
    "RCM-002",
    "医疗器械召回管理办法 (召回分级)",
    "在中国由企业定级，批准范围时已签名决定；要改级别请扩大或重新批准范围。",
    "In China the firm decides the class, signed with the scope; to change it, have the scope approved again.",
    422,
)
NOT_THERE = Kind(
    "RCM-003",
    "21 CFR 7.41",
    "此召回的范围内没有产品发往该市场（{market}），不能为它定级。",
    "Nothing of this recall's scope went to that market ({market}); there is no class for it.",
    422,
)
NO_LETTER = Kind(
    "RCM-004",
    "21 CFR 7.41(b)",
    "登记主管部门的定级必须写明主管部门和信函编号。",
    "The agency's class needs the agency and the reference of its letter.",
    422,
)
WHEN = Kind(
    "RCM-005",
    "21 CFR 7.41(b)",
    "定级时间 {at} 不在召回决定之后、此刻之前。",
    "The time of the classification, {at}, is not between the decision and now.",
    422,
)
NOT_DECIDED = Kind(
    "RCM-006",
    "21 CFR 7.41, 7.46",
    "召回 {recall} 的范围尚未批准，主管部门还不可能定级。",
    "The scope of {recall} is not approved yet; no agency can have classified it.",
)
HALF = Kind(
    "RCM-007",
    "21 CFR 7.3(h), 806.2; 医疗器械召回管理办法",
    "请同时选择处理方式（如警示、修理、收回）以及产品是留在原处（纠正）还是取走（撤回）。",
    "Choose both: the measure (such as warning, repair, take back), and whether the goods stay (correction) or go (removal).",
    422,
)
ODD = Kind(
    "RCM-008",
    "21 CFR 7.3(h), 806.2(d), 806.2(k); 医疗器械召回管理办法",
    "「{measure_zh}」与「{action_zh}」互相矛盾：收回就是取走产品，只有警示则产品留在原处。",
    "“{measure_en}” and “{action_en}” contradict each other: what is taken back goes away, and after a mere warning the goods"
    " stay.",
    422,
)
ENDED = Kind(
    "RCM-009", "DESIGN 6", "召回 {recall} 已撤销，没有级别。", "The recall {recall} was withdrawn; it has no class."
)

TOLD_OTHERWISE = Kind(
    "RCM-013",
    "21 CFR 7.49, 806.2; 医疗器械召回管理办法 (通知)",
    "召回 {recall} 的客户已按「{old_zh}」接到通知，不会再收到一封信；要改为「{new_zh}」，请对同一范围另发起一次召回并重新通知。",
    "The customers of {recall} have been told “{old_en}” and get no second letter; for “{new_en}” open another recall of the same"
    " scope, which tells them anew.",
)

KINDS = {"CN": "class", "US": "proposal", "EU": "fsca"}
"""What the firm decides in each market."""
AGENCY = "agency"
CONTRADICTIONS = frozenset({("take_back", "correction"), ("warning", "removal")})


@dataclass(frozen=True, slots=True)
class Decided:
    """What the firm decided for one market, or an agency did; in the European Union without a level."""

    market: str
    kind: str
    level: str | None
    authority: str | None = None
    reference: str | None = None
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class MarketClass:
    """How the class of a market stands.

    `kind` is who decided it: `class` (the firm, for good), `proposal` (the firm, until the agency has), `agency`, `fsca`.
    `approved` is false where the market was reached after the approval, or nothing is approved yet.
    """

    market: str
    kind: str
    level: str | None
    proposed: str | None
    approved: bool
    authority: str | None = None
    reference: str | None = None
    at: datetime | None = None
    by: str | None = None


def level_of(markets: Collection[str], form: Mapping[str, Any]) -> str | None:
    """The firm's class in a form; RCL-005 where one is needed, RCM-001 where there is none to give."""
    level = CLASSES.get(str(form.get("recall_class") or ""))
    if set(markets) == {"EU"}:
        if level is not None or form.get("us_class"):
            raise EU_CLASS()
        return None
    if level is None:
        raise NO_CLASS()
    return level


def decide(markets: Sequence[str], form: Mapping[str, Any]) -> tuple[Decided, ...]:
    """What the signed form decides for each market that the scope reaches; refuses what no market knows."""
    level = level_of(markets, form)
    proposal = CLASSES.get(str(form.get("us_class") or ""))
    if proposal is not None and "US" not in markets:
        raise NOT_THERE(market="US")
    levels = {"CN": level, "US": proposal or level, "EU": None}
    return tuple(Decided(one, KINDS[one], levels[one]) for one in markets)


def handling(form: Mapping[str, Any]) -> Handling:
    """What a form says is done with the goods; a measure and whether they stay belong together and must agree."""
    action, measure = form.get("action") or None, form.get("measure") or None
    if (action is None) != (measure is None):
        raise HALF()
    if (measure, action) in CONTRADICTIONS:
        names, ways = MEASURES[str(measure)], ACTIONS[str(action)]
        raise ODD(measure_zh=names[0], measure_en=names[1], action_zh=ways[0], action_en=ways[1])
    return Handling(action, measure, form.get("depth") or None)


def check_told(recall_no: str, before: Handling, after: Handling) -> None:
    """Refuse to approve another handling than the one that customers have been told: their letters would say the old one.

    Where nobody said one, the letters asked to stop and to send back, as of a removal.
    """
    same = (before.action or "removal") == (after.action or "removal")
    if same and before.measure in {None, after.measure}:
        return
    (old_zh, old_en), (new_zh, new_en) = _called(before), _called(after)
    raise TOLD_OTHERWISE(recall=recall_no, old_zh=old_zh, old_en=old_en, new_zh=new_zh, new_en=new_en)


def _called(one: Handling) -> Text:
    if one.action is None or one.measure is None:
        return Text("停止使用并退回", "stop using and send back")
    names, ways = MEASURES[one.measure], ACTIONS[one.action]
    return Text(f"{names[0]} · {ways[0]}", f"{names[1]} · {ways[1]}")


def check_agency(
    recall_no: str,
    market: str,
    authority: str,
    reference: str,
    at: datetime,
    *,
    markets: Collection[str],
    status: str,
    decided_at: datetime | None,
    now: datetime,
) -> datetime:
    """Refuse a class of an agency that can't be; answers when it was decided."""
    if market == "EU":
        raise EU_CLASS()
    if market == "CN":
        raise FIRM_DECIDES()
    if status == "withdrawn":
        raise ENDED(recall=recall_no)
    if decided_at is None:
        raise NOT_DECIDED(recall=recall_no)
    if market not in markets:
        raise NOT_THERE(market=market)
    if not authority.strip() or not reference.strip():
        raise NO_LETTER()
    when = told(at, decided_at, now)
    if when is None:
        raise WHEN(at=at.isoformat(timespec="minutes"))
    return when


def standing(markets: Sequence[str], rows: Sequence[Decided], level: str | None) -> tuple[MarketClass, ...]:
    """How each market stands; `rows` oldest first, the last of a kind counts.

    A recall of before has no rows: its one class is the firm's own in China and its proposal in the United States.
    """
    last = {(one.market, one.kind): one for one in rows}
    found = []
    for name in markets:
        own = last.get((name, KINDS[name]))
        theirs = last.get((name, AGENCY))
        firm = own.level if own else (None if name == "EU" else level)
        approved = own is not None or (not rows and level is not None)
        shown = theirs or own
        found.append(
            MarketClass(
                market=name,
                kind=AGENCY if theirs else KINDS[name],
                level=theirs.level if theirs else firm,
                proposed=firm if name == "US" else None,
                approved=approved,
                authority=theirs.authority if theirs else None,
                reference=theirs.reference if theirs else None,
                at=shown.at if shown else None,
                by=shown.by if shown else None,
            )
        )
    return tuple(found)


def told_level(country: str | None, classes: Sequence[MarketClass], level: str | None) -> str | None:
    """The class that a letter may name to a customer there: never a proposal, and none where there is none."""
    name = markets_of.market(country)
    if name == "EU":
        return None
    if name == "US":
        return next((one.level for one in classes if one.market == "US" and one.kind == AGENCY), None)
    return level
