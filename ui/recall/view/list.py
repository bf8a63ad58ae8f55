"""Recalls and drills as a list with the trend of the drills, and the form that opens one (REQUIREMENTS 74, 81, 82)."""

from hashlib import sha256
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData

from models.kernel.refusal import Refusal
from models.notice.store.intake import Intake
from models.recall.queries.views import RecallPage as Found
from models.recall.queries.views import RecallRow as Row
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.parts import Deadline, Draft, Option, Pager
from ui.frame.status import mark
from ui.frame.visit import new_key, typed
from ui.notice.view.intake import intake
from ui.recall.page.list import Bar, Mode, NewRecallPage, RecallRow, RecallsPage

CAUSES = ("manual", "complaint", "inspection", "supplier")
TREND = 12
"""Drills in the picture: three years of quarters."""
COLUMN, HEIGHT = 56, 100


def href(number: str) -> str:
    """The address of the cockpit."""
    return f"/recalls/{quote(number, safe='')}"


def class_of(words: Words, level: str | None) -> str:
    """Class I, II or III in words; nothing before it is decided."""
    return words(f"recall.class_{level.lower()}") if level else ""


def listed(words: Words, found: Found, mode: Mode, cursor: str, scored: Found | None, *, can_open: bool) -> RecallsPage:
    """The list; `scored` are the finished drills of the trend, newest first."""
    following = urlencode({key: value for key, value in (("mode", mode), ("cursor", found.next)) if value})
    done = [one for one in (scored.items if scored else ()) if one.points is not None and one.closed_at][:TREND]
    return RecallsPage(
        rows=tuple(_row(words, one) for one in found.items),
        mode=mode,
        can_open=can_open,
        trend=tuple(_bar(one, place) for place, one in enumerate(reversed(done))),
        trend_width=COLUMN * len(done),
        pager=Pager(
            shown=len(found.items),
            next_href=f"/recalls?{following}" if found.next else None,
            first_href=f"/recalls?mode={mode}" if cursor else None,
        ),
    )


def new(
    words: Words,
    *,
    asked: FormData | None,
    prefill: dict[str, str],
    refusal: Refusal | None,
    blocked: Refusal | None,
    found: Intake | None = None,
) -> NewRecallPage:
    """The form: what it is, what is recalled, why."""
    sheet = Sheet(words, asked, refusal)
    modes = tuple(
        Option(value=one, label=words(f"recall.mode_{one}"), hint=words(f"recall.mode_{one}_hint"))
        for one in ("drill", "recall")
    )
    causes = tuple(Option(value=one, label=words(f"recall.cause_{one}")) for one in CAUSES)
    return NewRecallPage(
        fields=(
            sheet.field("mode", words("recall.mode"), "choice", prefill.get("mode", ""), required=True, options=modes),
            sheet.field(
                "identifiers", words("recall.identifiers"), "long_text", prefill.get("identifier", ""), scan=True,
                help=words("recall.identifiers_help"),
            ),
            sheet.field("title", words("recall.title"), "text", prefill.get("title", ""), required=True, help=words("recall.title_help")),
            sheet.field("reason", words("recall.reason"), "long_text", prefill.get("reason", ""), required=True),
            sheet.field("cause", words("recall.cause"), "choice", prefill.get("cause") or "manual", required=True, options=causes),
        ),
        notice=sheet.field("notice", words("intake.notice"), "long_text", help=words("intake.notice_help")),
        intake=intake(words, found, sheet) if found else None,
        draft=Draft(key=_draft(prefill) if asked is None else typed(asked, "draft")[:100]),
        command_key=new_key() if refusal is not None or asked is None else typed(asked, "idempotency_key"),
        refusal=refusal,
        blocked=blocked,
    )  # fmt: skip


def _draft(prefill: dict[str, str]) -> str:
    """Under which name half-typed text is kept: one for each way into the form.

    The notice of a recall that was left half typed would widen the scope of the next one, about another batch.
    """
    about = "\n".join(prefill.get(name, "") for name in ("identifier", "cause", "title", "reason"))
    seen = sha256(about.encode("utf-8", "replace")).hexdigest()[:16] if about.strip() else ""
    return "-".join(filter(None, ("recall-new", prefill.get("mode", ""), seen)))


def lines(text: str) -> tuple[str, ...]:
    """What was typed or scanned, one identifier a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _row(words: Words, one: Row) -> RecallRow:
    stage = words.known(f"recall.stage_{one.stage}", one.stage) if one.stage else ""
    return RecallRow(
        number=one.recall_no,
        href=href(one.recall_no),
        title=one.title,
        mark=mark("recall", one.status),
        drill=one.mode == "drill",
        at=one.opened_at,
        stage=stage,
        level=class_of(words, one.recall_class),
        lots=one.lots,
        customers=one.customers,
        complete=one.complete,
        balanced=one.balanced,
        deadline=Deadline(due=one.next_due) if one.next_due and one.status == "open" else None,
        points=one.points if one.mode == "drill" else None,
        uncontained=one.uncontained,
    )


def _bar(one: Row, place: int) -> Bar:
    points = one.points or 0
    height = max(1, round(points * HEIGHT / 100))
    return Bar(
        number=one.recall_no, href=href(one.recall_no), points=points, at=one.closed_at or one.opened_at,
        x=place * COLUMN, y=HEIGHT - height, height=height,
    )  # fmt: skip
