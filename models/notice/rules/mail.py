"""How a notice goes out: to which addresses, as which message, when to stop trying (REQUIREMENTS 79; 21 CFR 7.49).

A notice is "sent" when a mail server has taken it or somebody has posted it, never because we meant to.  The message has
one id for ever, derived from notice and kind, so that a second copy after a crash is the same message to its receiver.
"""

from uuid import UUID

from models.clock.rules import MARK
from models.kernel.refusal import Kind
from models.notice.rules.letter import LANGUAGES, Language, Letter, row, text

NOT_TO_POST = Kind(
    "RCL-016",
    "21 CFR 7.49",
    "此通知已于 {at} 发出，不必再登记。",
    "This notice went out on {at}; there is nothing more to record.",
)
NO_DELIVERY = Kind("RCL-017", "DESIGN 2.5", "没有要寄出的通知。", "There is no notice to be posted.", 404)

FACT = "recall.notice"
"""What the outbox calls a notice that is to go out."""
ABOUT = "召回通知 recall notice"
TRIES = 12
"""Tries before a person is asked to print and post: with growing pauses, about two hours."""


def message_id(notice: UUID, kind: str, sender: str) -> str:
    """The same for the same notice and kind, for ever."""
    return f"<notice.{notice}.{kind}@{sender.rpartition('@')[2] or 'batchwright.invalid'}>"


def subject(letter: Letter) -> str:
    """One line, whatever the title holds; it begins with what nobody overlooks, for a drill or out of a test home that it is one."""
    real = (
        "URGENT: FIELD SAFETY NOTICE 现场安全通知"
        if letter.market == "EU"
        else "URGENT: MEDICAL DEVICE RECALL 医疗器械召回"
    )
    what = "DRILL 召回演练" if letter.drill else real
    if letter.test:
        what = f"{MARK}{'DRILL 召回演练' if letter.drill else 'not a recall 不是真实召回'}"
    again = "Reminder 提醒 · " if letter.reminder else ""
    return f"{again}{what} {letter.number} {' '.join(letter.title.split())}"[:200]


def body(letter: Letter) -> str:
    """Chinese, then English; every lot, never cut."""
    return f"\n\n{'-' * 60}\n\n".join(_part(letter, language) for language in LANGUAGES) + "\n"


def _part(letter: Letter, language: Language) -> str:
    said = text(letter, language)
    rows = "\n".join(f"  {row(one, language)}" for one in letter.read_in(language).products)
    asks = "\n".join(f"{number}. {line}" for number, line in enumerate(said.ask, start=1))
    parts = (
        said.heading, said.to, said.asked, said.intro, rows, said.reason, asks, f"{said.link}\n{letter.link}", said.contact,
        f"{said.closing}\n{letter.read_in(language).site}",
    )  # fmt: skip
    return "\n\n".join(part for part in parts if part)
