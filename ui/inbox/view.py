"""The inbox as a page: rows in the reader's language, with the reason why each is here and why it stands where it does.

Requirements 87 and 89; SCREENS "Inbox".
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session

from models.calendar import store as deadlines
from models.person.rules.auth import Principal
from models.person.rules.known_roles import role_name
from models.process.queries import inbox as queries_tasks
from models.process.queries import inbox_page as queries_page_inbox
from models.process.queries.views import TaskCounts, TaskView, TaskViewName
from models.release import kind as release
from models.release.rules.evidence import OpenPoints
from ui.frame.i18n import Words
from ui.frame.parts import Amount, Deadline, Option, Pager
from ui.frame.status import Mark, mark
from ui.inbox.page import VIEWS, InboxPage, TaskRow, View
from ui.lot.mark import lot_mark
from ui.recall.view.list import href as recall_href
from ui.subject import shown

AT_ONCE = 25
NAMES: dict[View, TaskViewName] = {
    "mine": "mine",
    "claimable": "claimable",
    "second": "waiting_second",
    "overdue": "overdue",
}
GRAVITY = {0: "grave", 1: "high", 2: "medium", 3: "medium"}


def build(
    session: Session,
    principal: Principal,
    words: Words,
    view: View,
    *,
    process: str = "",
    item: str = "",
    cursor: str = "",
    known: Callable[[UUID], OpenPoints | None] = lambda _: None,
) -> InboxPage:
    """One view of the inbox; a constant number of statements.  `known` remembers what stands out in a release."""
    found = queries_tasks.page(
        session, principal, NAMES[view], limit=AT_ONCE, after=cursor or None, process=process or None, item=item or None
    )
    roles = {one.role for one in found.items}
    holders = queries_page_inbox.holders(session, roles)
    deputies = queries_page_inbox.deputies(session, roles)
    counts = queries_tasks.counts(session, principal)
    here = {"view": view, "process": process, "item": item, "cursor": cursor}
    processes = tuple(
        Option(value=key, label=title.say(words.language)) for key, title in queries_page_inbox.processes(session)
    )
    return InboxPage(
        view=view,
        counts=counts_of(counts),
        rows=tuple(
            _row(one, principal, words, _others(holders, one, principal), deputies.get(one.role, ()), known(one.id))
            for one in found.items
        ),
        pager=Pager(
            shown=len(found.items),
            next_href=_href("/inbox", {**here, "cursor": found.next}) if found.next else None,
            first_href=_href("/inbox", {**here, "cursor": ""}) if cursor else None,
        ),
        list_href=_href("/inbox/list", here),
        seen=seen(counts),
        processes=processes,
        process=process,
        items=tuple(Option(value=no, label=name) for no, name in queries_page_inbox.items(session)),
        item=item,
    )


def counts_of(counts: TaskCounts) -> dict[View, int]:
    """The tabs with their numbers, in their order."""
    return {view: int(getattr(counts, NAMES[view])) for view in VIEWS}


def seen(counts: TaskCounts) -> str:
    """The counts as one word: the stream sends nothing to a page that shows them already."""
    return ".".join(str(n) for n in counts_of(counts).values())


def why(one: TaskView, words: Words) -> str:
    """Which step of which process put it here, and for whom."""
    language = words.language
    return words(
        "inbox.because",
        process=one.process_title.say(language),
        version=one.definition_version,
        step=one.stage_title.say(language),
        role=role_name(one.role, language),
    )


def place_words(one: TaskView, words: Words) -> str:
    """Where it sends somebody, or which legal deadline it is; nothing for other tasks."""
    if one.place is None:
        return ""
    if one.place.kind == "deadline":
        return duty_words(one.place.code, one.place.title, words)
    return words(f"pull.at_{one.place.kind}", place=one.place.code, title=one.place.title)


def duty_words(rule_key: str, jurisdiction: str, words: Words) -> str:
    """A legal deadline by what it asks for, and whose law that is."""
    rule = next((each for each in deadlines.shipped().rules if each.key == rule_key), None)
    title = rule_key if rule is None else (rule.title.zh if words.language == "zh" else rule.title.en)
    where = words.known(f"recall.where_{jurisdiction.lower()}", jurisdiction)
    return words("recall.duty", where=where, title=title)


def is_batch(one: TaskView) -> bool:
    """Whether it is about a batch, of which there is so much."""
    return one.recall_no is None and one.subject_kind == "lot"


def is_drill(one: TaskView) -> bool:
    """Whether it is a step of a recall drill: its `item_no` is the mode."""
    return one.recall_no is not None and one.item_no == "drill"


def place_of(one: TaskView) -> str:
    """Where it is done: a recall's open step in the recall's cockpit, everything else on a page of its own."""
    return recall_href(one.recall_no) if in_cockpit(one) and one.recall_no else f"/tasks/{one.id}"


def in_cockpit(one: TaskView) -> bool:
    """Whether it is a step of a recall itself; who is sent for goods has a page that a telephone can show."""
    return one.recall_no is not None and one.place is None and one.status == "open"


def task_mark(one: TaskView) -> Mark:
    """Held wins; then whose it is."""
    if one.status != "open":
        return mark("task", one.status)
    if one.held:
        return lot_mark(one.lot_status, held=True)
    return mark("task", "claimed" if one.assignee else "open")


def _others(
    holders: dict[str, tuple[queries_page_inbox.Colleague, ...]], one: TaskView, principal: Principal
) -> tuple[str, ...]:
    return tuple(who.name for who in holders.get(one.role, ()) if who.login != principal.login)


def _row(
    one: TaskView,
    principal: Principal,
    words: Words,
    others: tuple[str, ...],
    deputies: tuple[str, ...],
    points: OpenPoints | None,
) -> TaskRow:
    signed = one.signatures[-1] if one.second and one.signatures else None
    gravity = words(f"inbox.gravity_{GRAVITY.get(one.rank, 'low')}")
    facts = [words("inbox.supplier_lot", no=one.supplier_lot_no)] if one.supplier_lot_no else []
    if one.lot_no != one.number:
        facts.append(words("inbox.lot", no=one.lot_no))
    if one.acting_for:
        facts.append(words("inbox.acting_for", who=one.acting_for))
    if one.escalated_to:
        facts.append(words("inbox.escalated", role=role_name(one.escalated_to, words.language)))
    return TaskRow(
        id=str(one.id),
        process=one.stage_title.say(words.language),
        item=place_words(one, words) or one.item,
        subject=shown.kind_name(words, one.subject_kind),
        drill=is_drill(one),
        subject_code=one.number,
        subject_href=shown.href(one.subject_kind, one.number, one.subject),
        href=place_of(one),
        mark=task_mark(one),
        deadline=Deadline(due=one.due_at) if one.due_at else None,
        opened_at=one.opened_at,
        why=why(one, words),
        order_why=words("inbox.order_by", gravity=gravity),
        amount=Amount(value=one.quantity, unit=one.uom) if is_batch(one) or one.recall_no else None,
        points=points,
        ask_exceptions=f"/tasks/{one.id}/exceptions" if one.record == release.RECORD.name else "",
        second_for_me=signed is not None and one.blocked is None,
        first_signed_by=signed.name if signed else "",
        facts=" · ".join(facts),
        assignee=one.assignee if one.assignee and one.assignee != principal.name else "",
        others=others,
        deputies=deputies,
        can_claim=one.can_claim and one.assignee is None,
        cannot=(one.blocked.zh if words.language == "zh" else one.blocked.en) if one.blocked else "",
    )


def _href(path: str, query: Mapping[str, str | None]) -> str:
    return f"{path}?{urlencode({key: value for key, value in query.items() if value})}"
