"""Samples of the operator's page."""

from collections.abc import Callable

from models.kernel import fault
from models.kernel.time import clock
from tests.samples.pages import LONG_ZH, SCRIPT, hours
from ui.fault.page import ClocksRow, FaultRow, OperationPage, TestClock, UndeliveredRow
from ui.frame.i18n import Language, Words
from ui.frame.parts import FormField
from ui.frame.render import Page


def _row(words: Words, number: int, **more: object) -> FaultRow:
    given: dict[str, object] = {
        "number": number, "what": words("fault.act_ship"), "subject": "SH-2611-04", "who": "李仓",
        "why": words("fault.trouble_slow"), "error": "OperationalError: canceling statement due to statement timeout",
        "detail": f'Traceback (most recent call last):\n  File "{SCRIPT}"\n' + "x" * 300, "build": "0.1.0+8e477d4", "tries": 2,
        "at": hours(-5), "last_at": hours(-1), "retry_href": "/operation/retry", "dismiss_href": "/operation/dismiss", "key": f"k{number}",
    }  # fmt: skip
    return FaultRow(**{**given, **more})  # type: ignore[arg-type]


def full(language: Language) -> OperationPage:
    """Faults, facts and what became of earlier ones."""
    words = Words(language)
    done = {"retry_href": "", "dismiss_href": "", "settled_at": hours(-2), "settled_by": "管理员"}
    return OperationPage(
        faults=301, undelivered=1, waiting=4, most=200,
        rows=(_row(words, 12), _row(words, 11, subject=LONG_ZH[:60], what=words("fault.act_complete_task"))),
        facts=(
            UndeliveredRow(what=words("fault.fact_recall_notice"), subject="RC-2026-009", error="KeyError: 'notice'",
                           attempts=12, at=hours(-3), retry_href="/operation/retry", dismiss_href="/operation/dismiss", key="u"),
        ),
        settled=(
            _row(words, 9, outcome=words("fault.status_done"), outcome_tone="good", **done),
            _row(words, 8, outcome=words("fault.status_refused"), outcome_tone="bad", note=LONG_ZH[:90], **done),
        ),
        refusal=fault.SETTLED(),
        clocks=words("fault.clocks_wrong"), clocks_tone="bad",
        clocks_refusal=clock.APART(now="2026-11-28 16:00:00", engine="2026-11-28 13:00:00"),
        differences=(
            ClocksRow(at=hours(-1), says=words("fault.clocks_fast", gap=words("time.gap_hours", n=3)), tone="bad"),
            ClocksRow(at=hours(-30), says=words("fault.clocks_again"), tone="good"),
        ),
        clock=TestClock(now=hours(0), target=hours(720), reason=LONG_ZH[:40], href="/operation/clock", key="c"),
    )  # fmt: skip


def movable(language: Language) -> OperationPage:
    """A test home's, with the form that moves its clock."""
    words = Words(language)
    form = (FormField(key="to", label=words("fault.move_to"), help=words("fault.move_to_help"), required=True),
            FormField(key="reason", label=words("fault.reason"), required=True))  # fmt: skip
    clock_of = TestClock(now=hours(0), target=None, reason="", href="/operation/clock", key="c", fields=form)
    return OperationPage(faults=0, undelivered=0, waiting=0, most=200, clock=clock_of,
                         clocks=words("fault.clocks_within", n=1), clocks_tone="good")  # fmt: skip


PAGES: dict[str, Callable[[Language], Page]] = {
    "operation": full,
    "operation-test": movable,
    "operation-empty": lambda language: OperationPage(
        faults=0,
        undelivered=0,
        waiting=0,
        most=200,
        clocks=Words(language)("fault.clocks_within", n=1),
        clocks_tone="good",
    ),
}
