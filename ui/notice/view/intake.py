"""A pasted notice as a person sees it: what was understood, what is not ours, what is a question (REQUIREMENTS 53)."""

from models.notice.store.intake import Intake
from models.notice.store.lot_list import Entry
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.parts import Option
from ui.recall.page.list import NoticeEntry, NoticeQuestion, NoticeRead

AT_ONCE = 100
FEW = 3
ORDER = {"unknown": 0, "other_item": 1, "other_register": 2, "found": 3}
"""What needs a look comes first."""


def intake(words: Words, found: Intake, sheet: Sheet) -> NoticeRead:
    """The notice as it was read, with the tick that somebody has looked at what it leaves open."""
    read = found.read
    unknown = read.undecided
    ordered = sorted(read.entries, key=lambda one: (not one.near, ORDER[one.status]))
    asked = read.parsed.questions
    confirm = None
    if asked or unknown:
        seen = (Option(value="true", label=words("intake.seen")),)
        confirm = sheet.many("questions_seen", words("intake.confirm"), seen)
    return NoticeRead(
        lots=read.lots,
        entries=tuple(_entry(words, one) for one in ordered[:AT_ONCE]),
        entries_total=len(ordered),
        questions=tuple(
            NoticeQuestion(text=one.zh if words.language == "zh" else one.en, readings=one.suggestions)
            for one in asked[:AT_ONCE]
        ),
        questions_total=len(asked),
        unknown=unknown,
        confirm=confirm,
    )


def _entry(words: Words, one: Entry) -> NoticeEntry:
    match one.status:
        case "found":
            said = words("intake.found", n=one.lots)
        case "other_item":
            said = words("intake.other_item", n=one.other_item)
        case "other_register":
            said = words("intake.other_register", n=one.other_register)
        case _:
            said = words("intake.unknown")
    if one.near:
        said = words("list.comma").join([said, words("intake.near", numbers=words("list.comma").join(one.near[:FEW]))])
    first = words("list.comma").join(one.sample[:FEW])
    return NoticeEntry(
        label=one.label,
        items=words("list.comma").join(one.items),
        known=one.status == "found" and not one.near,
        said=said,
        first=f"{first} …" if len(one.sample) > FEW else first,
    )
