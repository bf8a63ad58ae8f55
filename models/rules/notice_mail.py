"""How a notice goes out: to which addresses, as which message, when to stop trying (REQUIREMENTS 79; 21 CFR 7.49).

A notice is "sent" when a mail server has taken it or somebody has posted it, never because we meant to.  The message has
one id for ever, derived from notice and kind, so that a second copy after a crash is the same message to its receiver.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from models.rules.refusals import Kind

NOT_TO_POST = Kind(
    "RCL-016",
    "21 CFR 7.49",
    "此通知已于 {at} 发出，不必再登记。",
    "This notice went out on {at}; there is nothing more to record.",
)
NO_DELIVERY = Kind("RCL-017", "DESIGN 2.5", "没有要寄出的通知。", "There is no notice to be posted.", 404)

TRIES = 12
"""Tries before a person is asked to print and post: with growing pauses, about two hours."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
_BETWEEN = re.compile(r"[\s,;，；、]+")


def addresses(text: str | None) -> tuple[str, ...]:
    """The mail addresses in a customer's field; what is no address is left out."""
    found = (part.strip("<>()\"'") for part in _BETWEEN.split(text or ""))
    return tuple(dict.fromkeys(part for part in found if _ADDRESS.fullmatch(part)))


def message_id(notice: UUID, kind: str, sender: str) -> str:
    """The same for the same notice and kind, for ever."""
    return f"<notice.{notice}.{kind}@{sender.rpartition('@')[2] or 'batchwright.invalid'}>"


@dataclass(frozen=True)
class Letter:
    """What the customer is told, without markup."""

    site: str
    number: str
    title: str
    reason: str
    level: str | None
    customer: str
    lines: Sequence[tuple[str, str]]
    link: str
    until: date
    reminder: bool


def subject(letter: Letter) -> str:
    """One line, whatever the title holds."""
    what = "召回提醒 Reminder" if letter.reminder else "召回通知 Recall notice"
    return f"[{what}] {letter.number} {' '.join(letter.title.split())}"[:200]


def body(letter: Letter) -> str:
    """Chinese, then English; every lot, never cut."""
    lots = "\n".join(f"  {lot_no}    {quantity}" for lot_no, quantity in letter.lines)
    level_zh = f", {letter.level} 级召回" if letter.level else ""
    level_en = f", class {letter.level}" if letter.level else ""
    asked_zh = "我们还没有收到贵方的回执。\n\n" if letter.reminder else ""
    asked_en = "We have not had your answer yet.\n\n" if letter.reminder else ""
    return (
        f"{letter.customer}:\n\n{asked_zh}"
        f"{letter.site} 就「{letter.title}」({letter.number}{level_zh}) 召回下列批次, 记录显示曾发往贵方 (批号, 数量):\n\n{lots}\n\n"
        f"原因: {letter.reason}\n\n"
        "请立即停止使用和销售上述批次, 单独存放; 如已转发他人, 请立即转告。\n"
        f"请填写回执 (无需账号, 有效至 {letter.until.isoformat()}), 即使已全部用完:\n\n{letter.link}\n\n"
        f"{'-' * 60}\n\n{asked_en}"
        f"{letter.site} recalls the lots above for “{letter.title}” ({letter.number}{level_en}). Our records show that they were"
        f" sent to you.\n\nReason: {letter.reason}\n\n"
        "Stop using and selling these lots at once and keep them apart; if you passed any on, tell the receivers.\n"
        f"Please answer (no account needed, until {letter.until.isoformat()}), even when none is left:\n\n{letter.link}\n\n"
        f"{letter.site}\n"
    )
