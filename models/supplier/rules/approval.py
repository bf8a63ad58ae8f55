"""Approved suppliers: what covers a receipt, and what may be proposed and signed (ISO 13485 7.4.1, 7.4.3; STANDARDS Q 87; REQUIREMENTS 49).

An entry of the list is a supplier, an item and a revision of it (or all of them).  It is in force from the second signature until the end of
its last day at the plant, also while it is assessed again.  What no entry covers is received all the same, and held: goods that stand at the
door are better kept apart than sent about.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from models.kernel.refusal import Kind
from models.kernel.text import Text

CLAUSE = "ISO 13485 7.4.1; STANDARDS Q 87"
NO_REASON = Kind("SUP-002", CLAUSE, "请写明为什么要评估。", "Say why it is to be assessed.", 422)
NO_SUPPLIER = Kind("SUP-003", CLAUSE, "找不到供应商「{supplier}」。", "There is no supplier “{supplier}”.", 404)
UNDER_WAY = Kind(
    "SUP-004",
    CLAUSE,
    "{number} 正在评估，请等待其结论。",
    "{number} is being assessed already; wait for what comes of it.",
)
OWN = Kind(
    "SUP-005",
    CLAUSE,
    "{number} 由您提出，不能由您审批。",
    "You asked for {number} yourself; somebody else decides about it.",
    403,
)
NOT_LATER = Kind(
    "SUP-006",
    CLAUSE,
    "有效期「{expires}」必须在今天之后。",
    "It must be valid beyond today; {expires} isn't.",
    422,
)
TOO_LATE = Kind(
    "SUP-007",
    CLAUSE,
    "再评估日「{reassess}」必须在今天之后、有效期「{expires}」之前。",
    "The day on which it is assessed again must lie after today and before {expires}, the last day; {reassess} doesn't.",
    422,
)
HOW_MANY = Kind(
    "SUP-008",
    CLAUSE,
    "条件为「限定批数」时请填写批数，其他条件下不填。",
    "Say how many lots, where that is the condition, and only then.",
    422,
)
WHICH = Kind("SUP-009", CLAUSE, "请写明是什么条件。", "Say what the condition is.", 422)
NOT_BOUGHT = Kind(
    "SUP-010", CLAUSE, "物料 {item} 是自制品，没有供应商。", "Item {item} is made here; nobody delivers it.", 422
)
LAPSED = Kind(
    "SUP-011",
    CLAUSE,
    "提议的有效期 {expires} 已到，不能批准；请退回重新提议。",
    "What was proposed would end on {expires}, which isn't later than today; send it back.",
)
BLOCKED = Kind(
    "SUP-012",
    CLAUSE,
    "供应商「{supplier}」已停用，不能批准。",
    "The supplier “{supplier}” is blocked; it isn't approved for anything.",
)
UNKNOWN = Kind(
    "SUP-404", "DESIGN 2.5", "找不到供应商批准「{number}」。", "There is no supplier approval “{number}”.", 404
)

PROCESS = "supplier-approval"
BOUGHT = frozenset({"raw", "component"})
"""Kinds of items that somebody delivers."""
ON_ITS_DAY = "到再评估日 · on its day"
"""Why a round begins that nobody has asked for."""


class Condition(StrEnum):
    """On which condition a supplier may deliver; every receipt is looked at."""

    NONE = "none"
    CERTIFICATE = "certificate"
    LOTS = "lots"
    OTHER = "other"


class Found(StrEnum):
    """What the list says of a receipt; all but the first two keep the goods apart."""

    APPROVED = "approved"
    UNCONTROLLED = "uncontrolled"
    UNNAMED = "unnamed"
    UNLISTED = "unlisted"
    REVISION = "revision"
    UNDECIDED = "undecided"
    REFUSED = "refused"
    EXPIRED = "expired"
    CERTIFICATE = "certificate"
    USED_UP = "used_up"
    CONDITION = "condition"


NOTHING_SAID = Text("", "")
FREE = frozenset({Found.APPROVED, Found.UNCONTROLLED})
AWAITED = frozenset({Found.UNLISTED, Found.REVISION, Found.UNDECIDED, Found.EXPIRED, Found.USED_UP})
"""Kept apart only because nothing on the list allowed it: an approval that is signed later makes that good.

What came from somebody whom the plant had refused, without its certificate or under a condition, quality lets go lot by lot.
"""
_SAID: dict[Found, Text] = {
    Found.UNNAMED: Text(
        "未写明供应商，而物料 {item} 只能来自批准的供应商",
        "no supplier is named, and item {item} comes from approved ones only",
    ),
    Found.UNLISTED: Text("供应商 {supplier} 未获准供应物料 {item}", "{supplier} isn't approved for item {item}"),
    Found.REVISION: Text(
        "供应商 {supplier} 只获准供应物料 {item} 的版本 {listed}，到货版本：{revision}",
        "{supplier} is approved for revision {listed} of item {item}; what came is: {revision}",
    ),
    Found.UNDECIDED: Text(
        "供应商 {supplier} 供应物料 {item} 的批准（{number}）尚未决定",
        "the approval of {supplier} for item {item} ({number}) isn't decided yet",
    ),
    Found.REFUSED: Text(
        "供应商 {supplier} 供应物料 {item} 未获批准（{number}）", "{supplier} was refused for item {item} ({number})"
    ),
    Found.EXPIRED: Text(
        "供应商 {supplier} 供应物料 {item} 的批准（{number}）已于 {expires} 到期",
        "the approval of {supplier} for item {item} ({number}) ended on {expires}",
    ),
    Found.CERTIFICATE: Text(
        "供应商 {supplier} 的批准（{number}）要求每批附证书，本次未写明证书号",
        "the approval of {supplier} ({number}) asks for a certificate with each lot; none is named",
    ),
    Found.USED_UP: Text(
        "供应商 {supplier} 的批准（{number}）限 {most} 批，已收满",
        "the approval of {supplier} ({number}) is for {most} lots, which have come already",
    ),
    Found.CONDITION: Text(
        "供应商 {supplier} 的批准（{number}）附有条件，须由质量确认：{condition}",
        "the approval of {supplier} ({number}) has a condition that quality confirms: {condition}",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """An entry of the list for the item and supplier of a receipt; `received` is how many lots have come under its newest terms."""

    key: int
    number: str
    status: str
    revision: str = ""
    condition: Condition = Condition.NONE
    most_lots: int | None = None
    condition_text: str = ""
    expires_on: date | None = None
    received: int = 0
    terms_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """What stands at the door; `supplier` is its number and name, empty where nobody has said it, `controlled` whether the item has a list."""

    item: str
    supplier: Text = NOTHING_SAID
    revision: str = ""
    certificate: str = ""
    controlled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What was found, by which entry, and what that says to people."""

    found: Found
    entry: Listed | None = None
    said: Text = NOTHING_SAID

    @property
    def free(self) -> bool:
        """Whether the goods go their way."""
        return self.found in FREE


def judge(arrived: Arrived, listed: Collection[Listed], today: date) -> Judgement:
    """Whether the list covers a receipt on that day of the plant, and if not, why: of several reasons the one that is nearest to covering it."""
    if not arrived.supplier.zh:
        found = Found.UNNAMED if arrived.controlled else Found.UNCONTROLLED
        return _judgement(found, arrived, None)
    fitting = [one for one in listed if fits(one.revision, arrived.revision)]
    if not fitting:
        return _judgement(Found.REVISION if listed else Found.UNLISTED, arrived, None, listed)
    judged = [(_covers(one, arrived, today), one) for one in fitting]
    found, entry = min(judged, key=lambda one: (_NEAR.index(one[0]), one[1].revision == "", one[1].key))
    return _judgement(found, arrived, entry)


_NEAR = (
    Found.APPROVED, Found.CERTIFICATE, Found.CONDITION, Found.USED_UP, Found.EXPIRED, Found.UNDECIDED, Found.REFUSED,
)  # fmt: skip
"""The nearest to approved first."""


def fits(listed: str, arrived: str) -> bool:
    """Whether an entry is about that revision; one without a revision is about all."""
    return not listed or listed.casefold() == arrived.strip().casefold()


def _covers(entry: Listed, arrived: Arrived, today: date) -> Found:
    if entry.status != "approved":
        return Found.REFUSED if entry.status == "refused" else Found.UNDECIDED
    if over(entry.expires_on, today):
        return Found.EXPIRED
    match entry.condition:
        case Condition.CERTIFICATE if not arrived.certificate.strip():
            return Found.CERTIFICATE
        case Condition.LOTS if entry.received >= (entry.most_lots or 0):
            return Found.USED_UP
        case Condition.OTHER:
            return Found.CONDITION
    return Found.APPROVED


def over(expires_on: date | None, today: date) -> bool:
    """Whether the last day has ended at the plant; without one it never has."""
    return expires_on is not None and expires_on < today


def _judgement(found: Found, arrived: Arrived, entry: Listed | None, listed: Iterable[Listed] = ()) -> Judgement:
    if found in FREE:
        return Judgement(found=found, entry=entry)
    values = {
        "item": arrived.item,
        "number": entry.number if entry else "",
        "expires": entry.expires_on if entry else "",
        "most": entry.most_lots if entry else "",
        "condition": entry.condition_text if entry else "",
        "listed": ", ".join(sorted(one.revision for one in listed)),
    }
    zh, en = _SAID[found]
    said = Text(
        zh.format(**values, supplier=arrived.supplier.zh, revision=arrived.revision or "未写明"),
        en.format(**values, supplier=arrived.supplier.en, revision=arrived.revision or "not said"),
    )
    return Judgement(found=found, entry=entry, said=said)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A lot of the same supplier and item that its receipt put on hold, and why."""

    hold: int
    lot: int
    lot_no: str
    found: Found
    revision: str = ""
    certificate: str = ""


def made_good(entry: Listed, waiting: Iterable[Waiting], today: date) -> tuple[Waiting, ...]:
    """What of the lots that wait the entry covers on that day: in the order in which they came, of a number of lots as many as are left."""
    good: list[Waiting] = []
    for one in waiting:
        if one.found in AWAITED and fits(entry.revision, one.revision):
            arrived = Arrived(item="", revision=one.revision, certificate=one.certificate)
            if _covers(replace(entry, received=entry.received + len(good)), arrived, today) is Found.APPROVED:
                good.append(one)
    return tuple(good)


def let_go(number: str) -> Text:
    """Why the hold of a receipt ends with the approval that covers it."""
    return Text(
        f"供应商批准 {number} 已由两人签名生效，本批来货在其范围内",
        f"the approval {number} of its supplier has been signed by two people and covers this lot",
    )


def check_asked(reason: str) -> None:
    """Refuse to begin without a reason."""
    if not reason.strip():
        raise NO_REASON()


def check_bought(item: str, kind: str) -> None:
    """Refuse what nobody delivers."""
    if kind not in BOUGHT:
        raise NOT_BOUGHT(item=item)


def check_other(number: str, asked_by: int | None, people: Collection[int]) -> None:
    """Refuse whoever asked for it, as who signs or as whom they stand in for."""
    if asked_by in people:
        raise OWN(number=number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What is proposed and signed: until when, when it is assessed again, and on which condition."""

    expires_on: date
    reassess_on: date
    condition: Condition = Condition.NONE
    most_lots: int | None = None
    condition_text: str = ""


def check_terms(terms: Terms, today: date) -> None:
    """Refuse terms that end before they begin, are assessed again too late, or whose condition says nothing."""
    if terms.expires_on <= today:
        raise NOT_LATER(expires=terms.expires_on)
    if not today < terms.reassess_on < terms.expires_on:
        raise TOO_LATE(reassess=terms.reassess_on, expires=terms.expires_on)
    if (terms.condition is Condition.LOTS) != (terms.most_lots is not None):
        raise HOW_MANY()
    if terms.condition is Condition.OTHER and not terms.condition_text.strip():
        raise WHICH()


def check_approval(terms: Terms, today: date) -> None:
    """Refuse to sign what would be over today."""
    if terms.expires_on <= today:
        raise LAPSED(expires=terms.expires_on)


def check_supplier(name: str, status: str) -> None:
    """Refuse to approve whom the plant has blocked."""
    if status == "blocked":
        raise BLOCKED(supplier=name)


STATES = ("requested", "approved", "expiring", "expired", "refused")
SOON = 60
"""Days before its last day from which an entry counts as about to end."""


def standing(status: str, expires_on: date | None, today: date) -> str:
    """How an entry stands today, one of `STATES`."""
    if status != "approved" or expires_on is None:
        return status
    if over(expires_on, today):
        return "expired"
    return "expiring" if (expires_on - today).days <= SOON else "approved"
