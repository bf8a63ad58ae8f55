"""From the record of faults to the operator's page (DESIGN 6a)."""

from datetime import timedelta
from math import ceil
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from models.clock.store.clocks import Difference
from models.clock.store.moved_clock import Moved
from models.fault.queries import MOST, FaultView, OperationView, UndeliveredView
from models.kernel.refusal import Refusal
from models.kernel.time.clock import Clocks, refused
from ui.fault.page import ClocksRow, FaultRow, OperationPage, TestClock, UndeliveredRow
from ui.frame.form.forms import Sheet
from ui.frame.i18n import Words
from ui.frame.visit import new_key
from ui.frame.words.moments import Clock

HERE = "/operation"
TONE = {"done": "good", "refused": "bad", "dismissed": "wait"}


def page(
    words: Words,
    found: OperationView,
    seen: Clocks,
    differences: list[Difference],
    zone: ZoneInfo,
    clock: TestClock | None = None,
) -> OperationPage:
    """The whole page."""
    says, tone = _clocks(words, seen)
    return OperationPage(
        clock=clock,
        clocks=says,
        clocks_tone=tone,
        clocks_refusal=refused(seen, zone),
        differences=tuple(_difference(words, one, zone) for one in differences),
        faults=found.faults,
        undelivered=found.undelivered,
        waiting=found.waiting,
        most=MOST,
        rows=tuple(_row(words, one) for one in found.open),
        facts=tuple(_fact(words, one) for one in found.undelivered_facts),
        settled=tuple(_row(words, one) for one in found.settled),
    )


def clock_form(words: Words, seen: Moved, given: FormData | None = None, refusal: Refusal | None = None) -> TestClock:
    """A test home's clock, with the form that moves it; as it was typed where it was refused."""
    sheet = Sheet(words, given, refusal)
    return TestClock(
        now=seen.now,
        target=seen.target if seen.under_way else None,
        reason=(seen.reason or "") if seen.under_way else "",
        href=f"{HERE}/clock",
        key=new_key(),
        fields=(
            sheet.field("to", words("fault.move_to"), help=words("fault.move_to_help"), required=True),
            sheet.field("reason", words("fault.reason"), required=True),
        ),
    )


def _clocks(words: Words, seen: Clocks) -> tuple[str, str]:
    if seen.wrong:
        return words("fault.clocks_wrong"), "bad"
    if seen.ahead is None:
        return words("fault.clocks_unknown"), "wait"
    most = max(abs(seen.ahead.least), abs(seen.ahead.most))
    return words("fault.clocks_within", n=max(1, ceil(most.total_seconds()))), "good"


def _difference(words: Words, one: Difference, zone: ZoneInfo) -> ClocksRow:
    if not one.apart:
        return ClocksRow(at=one.at, says=words("fault.clocks_again"), tone="good")
    surely = one.ahead.surely
    gap = Clock(words, zone, one.at).gap(one.at + surely)
    return ClocksRow(
        at=one.at, says=words(f"fault.clocks_{'fast' if surely > timedelta() else 'slow'}", gap=gap), tone="bad"
    )


def _row(words: Words, one: FaultView) -> FaultRow:
    open_ = one.settled_at is None
    note = one.reason or ""
    if one.answer:
        note = f"{one.answer['zh'] if words.language == 'zh' else one.answer['en']} {one.answer['code']}"
    return FaultRow(
        number=one.number,
        what=words.known(f"fault.act_{one.act}", one.act),
        subject=one.subject,
        who=one.by or words("fault.clock"),
        why=words(f"fault.trouble_{one.trouble}"),
        error=one.error,
        detail=one.detail,
        build=one.build,
        tries=one.tries,
        at=one.at,
        last_at=one.last_at,
        retry_href=f"{HERE}/faults/{one.id}/retry" if open_ else "",
        dismiss_href=f"{HERE}/faults/{one.id}/dismiss" if open_ else "",
        key=new_key() if open_ else "",
        outcome="" if open_ else words(f"fault.status_{one.status}"),
        outcome_tone=TONE.get(one.status, ""),
        note=note,
        settled_at=one.settled_at,
        settled_by=one.settled_by or "",
    )


def _fact(words: Words, one: UndeliveredView) -> UndeliveredRow:
    return UndeliveredRow(
        what=words.known(f"fault.fact_{one.fact.replace('.', '_')}", words("fault.fact_news")),
        subject=one.subject or str(one.payload.get("recall") or ""),
        error=one.error or "",
        attempts=one.attempts,
        at=one.at,
        retry_href=f"{HERE}/undelivered/{one.id}/retry",
        dismiss_href=f"{HERE}/undelivered/{one.id}/dismiss",
        key=new_key(),
    )
