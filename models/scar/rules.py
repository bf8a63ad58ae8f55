"""A corrective action request to a supplier: what may be asked, sent, answered and decided (ISO 13485 7.4.1, 8.5.2; REQUIREMENTS 52).

The supplier answers behind a link of its own, without an account.  A link is for one round: it ends with the last day that is said, with
the answer, with the next round and with the end of the request, whichever comes first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.kernel import links
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.kernel.time.moments import Zone, plant_day

CLAUSE = "ISO 13485 7.4.1, 8.5.2; STANDARDS Q"
DOOR = "REQUIREMENTS 52"
NO_TITLE = Kind("SCR-001", CLAUSE, "请写明发现了什么。", "Say what was found.", 422)
NO_SUPPLIER = Kind("SCR-002", CLAUSE, "找不到供应商「{supplier}」。", "There is no supplier “{supplier}”.", 404)
NOT_THEIRS = Kind(
    "SCR-003",
    CLAUSE,
    "批次 {lot} 不是该供应商供应的。",
    "Lot {lot} didn't come from this supplier.",
    422,
)
NOTHING_ASKED = Kind("SCR-004", CLAUSE, "请写明要供应商回答什么。", "Say what the supplier is asked for.", 422)
NO_LOT = Kind("SCR-005", CLAUSE, "找不到批次「{lot}」。", "There is no lot “{lot}”.", 404)
NO_CASE = Kind("SCR-006", CLAUSE, "找不到「{number}」。", "There is no “{number}”.", 404)
PAST = Kind(
    "SCR-007",
    CLAUSE,
    "答复期限「{day}」必须在今天或以后。",
    "The day by which it is to be answered can't lie before today; {day} does.",
    422,
)
TOO_SHORT = Kind(
    "SCR-008",
    CLAUSE,
    "链接有效至「{until}」，不能早于答复期限「{due}」，也不能超过一年。",
    "The link ends on {until}; it can't end before the answer is due on {due}, nor later than in a year.",
    422,
)
NO_ANSWER = Kind("SCR-009", CLAUSE, "{number} 尚无答复可审核。", "Nobody has answered {number} yet.")
NOT_ACCEPTED = Kind(
    "SCR-010",
    CLAUSE,
    "{number} 不能关闭：最近的答复未被接受。",
    "{number} can't be closed: its newest answer wasn't accepted.",
)
NOT_OPEN = Kind("SCR-011", CLAUSE, "{number} 已经结束。", "{number} has ended already.")
NO_REASON = Kind("SCR-012", CLAUSE, "请写明为什么撤回。", "Say why it is withdrawn.", 422)
CHECK_DAY = Kind(
    "SCR-013",
    CLAUSE,
    "有效性检查日「{day}」必须在今天之后。",
    "Whether it has helped is looked at after today; {day} isn't.",
    422,
)
NO_LINK = Kind(
    "SCR-020",
    DOOR,
    "此链接无效。请打开来信中的完整链接；仍打不开时，请联系发信给您的质量人员。",
    "This link isn't valid. Open the whole link as it was sent to you; if that doesn't help, ask whoever sent it.",
    404,
)
LINK_OLD = Kind(
    "SCR-021",
    DOOR,
    "此链接已过期，不能再答复。请联系发信给您的质量人员，索取新的链接。",
    "This link has ended and takes no answer any more. Ask whoever sent it to you for a new one.",
    410,
)
LINK_USED = Kind(
    "SCR-022",
    DOOR,
    "本次要求已经答复过，不能再改。如需补充，请联系发信给您的质量人员。",
    "This request was answered already and can't be changed. To add something, ask whoever sent you the link.",
    409,
)
LINK_OVER = Kind(
    "SCR-023",
    DOOR,
    "此链接不再有效：要求已更新或已结束。请使用最新来信中的链接，或联系发信给您的质量人员。",
    "This link isn't in force any more: the request was renewed or has ended. Use the link of the newest letter, or ask whoever sent it.",
    410,
)
NO_NAME = Kind("SCR-024", DOOR, "请写明答复人姓名。", "Say who answers.", 422)
MISSING = Kind("SCR-025", DOOR, "请填写「{zh}」。", "Fill in “{en}”.", 422)
NOT_SENT = Kind(
    "SCR-026",
    DOOR,
    "附件 {digest} 不是通过此链接上传的，请重新上传。",
    "The file {digest} wasn't sent through this link; send it again.",
    422,
)
TOO_MANY_FILES = Kind(
    "SCR-027",
    DOOR,
    "通过此链接最多上传 {most} 个文件。",
    "Through this link {most} files can be sent at most.",
    422,
)
UNKNOWN = Kind("SCR-404", "DESIGN 2.5", "找不到「{number}」。", "There is no “{number}”.", 404)

PROCESS = "supplier-corrective-action"
PURPOSE = b"supplier-scar"
LONGEST = 366
"""Days for which a link may be good."""
MOST_FILES = 40
"""Files that one link takes, with those that are taken away again."""


class Asked(StrEnum):
    """What a supplier can be asked for; each is a field of its answer."""

    CONTAINMENT = "containment"
    CAUSE = "cause"
    CORRECTION = "correction"
    PREVENTION = "prevention"


NAMES: dict[Asked, Text] = {
    Asked.CONTAINMENT: Text("临时遏制措施", "Containment"),
    Asked.CAUSE: Text("根本原因", "Root cause"),
    Asked.CORRECTION: Text("纠正措施", "Corrective action"),
    Asked.PREVENTION: Text("预防措施", "Preventive action"),
}


def make(secret: bytes, round_id: UUID) -> str:
    """The token of a round."""
    return links.make(secret, PURPOSE, round_id)


def read(secret: bytes, token: str) -> UUID:
    """The round that a token is for; SCR-020 where we never made it."""
    found = links.read(secret, PURPOSE, token)
    if found is None:
        raise NO_LINK()
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """What a link leads to: until when it is good, whether its round was answered, is the newest, and of a request that is open."""

    expires_at: datetime
    answered: bool
    newest: bool
    open: bool


def shut(door: Door, now: datetime) -> Refusal | None:
    """Why nothing can be answered through it; what was answered says so, however long ago."""
    if door.answered:
        return LINK_USED()
    if not (door.newest and door.open):
        return LINK_OVER()
    return LINK_OLD() if door.expires_at <= now else None


def check_door(door: Door, now: datetime) -> None:
    """Refuse what a shut door would take."""
    refusal = shut(door, now)
    if refusal is not None:
        raise refusal


def last_day(expires_at: datetime, zone: Zone) -> date:
    """The last day on which a link is good at the plant; it ends when that day has ended."""
    return plant_day(expires_at - timedelta(microseconds=1), zone)


def check_raised(title: str, asks: Collection[str]) -> None:
    """Refuse a request that says or asks nothing."""
    if not title.strip():
        raise NO_TITLE()
    if not asks:
        raise NOTHING_ASKED()


def check_sent(due: date, until: date, today: date) -> None:
    """Refuse an answer that was due before today, and a link that ends before it or stays open for more than a year."""
    if due < today:
        raise PAST(day=due)
    if until < due or (until - today).days > LONGEST:
        raise TOO_SHORT(until=until, due=due)


def check_answer(asks: Collection[str], said: Mapping[Asked, str], name: str) -> None:
    """Refuse an answer by nobody, or that leaves out what was asked for."""
    if not name.strip():
        raise NO_NAME()
    for one in Asked:
        if one in asks and not said.get(one, "").strip():
            zh, en = NAMES[one]
            raise MISSING(zh=zh, en=en)


def check_files(given: Collection[str], sent: Collection[str]) -> None:
    """Refuse a file that didn't come through the link of this round."""
    for one in given:
        if one not in sent:
            raise NOT_SENT(digest=one)


def check_room(sent: int) -> None:
    """Refuse one file more than a link takes."""
    if sent >= MOST_FILES:
        raise TOO_MANY_FILES(most=MOST_FILES)


def check_reviewed(number: str, *, waiting: bool) -> None:
    """Refuse to decide on an answer that isn't there, or was decided on."""
    if not waiting:
        raise NO_ANSWER(number=number)


def check_closing(number: str, verdict: str | None) -> None:
    """Refuse to close what wasn't answered to our satisfaction."""
    if verdict != "accepted":
        raise NOT_ACCEPTED(number=number)


def check_day(day: date, today: date) -> None:
    """Refuse to look at once whether it has helped."""
    if day <= today:
        raise CHECK_DAY(day=day)
