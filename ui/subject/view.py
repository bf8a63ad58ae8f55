"""Any subject as a page; it names no kind, so a new noun needs no line here."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from models.audit.queries.trail import AuditPage as Trail
from models.person.rules.known_roles import role_name
from models.process.queries.subject import FileOf, Linked, RunOf, SignedOf, SubjectDetail, SubjectHead
from models.process.queries.views import TaskView
from ui.attachment.view import size
from ui.audit import view as views_audit
from ui.fact import view as facts
from ui.frame.first_rows import Folding
from ui.frame.i18n import Words
from ui.frame.parts import Deadline, Fact, Link, Pager, SignatureLine
from ui.frame.status import decided, mark
from ui.inbox.view import place_of, task_mark
from ui.run.view import href as run_href
from ui.subject.page import FileLine, LinkLine, RunLine, SubjectAuditPage, SubjectPage, TaskLine
from ui.subject.shown import Panel, href, kind_name, of

NEWEST = 8
"""Changes that the page shows; the whole trail is a page of its own."""


@dataclass(frozen=True)
class Known:
    """What was read for the page."""

    detail: SubjectDetail
    panel: Panel | None = None
    trail: Trail | None = None
    said: views_audit.Said | None = None
    may_hand_over: bool = False


def page(words: Words, known: Known, folding: Folding) -> SubjectPage:
    """The page."""
    detail, head = known.detail, known.detail.head
    runs, cut = folding.cut("runs", detail.runs)
    own = of(head.kind).own
    state = mark("subject", detail.state)
    shown = views_audit.rows(words, known.trail, known.said) if known.trail and known.said else ()
    return SubjectPage(
        kind=kind_name(words, head.kind),
        number=head.number,
        title=head.title or "",
        mark=known.panel.mark or state if known.panel else state,
        own=Link(label=words("subject.own", kind=kind_name(words, head.kind)), href=own(head.number)) if own else None,
        facts=_facts(words, head),
        tasks=tuple(_task(words, one) for one in detail.tasks),
        runs=tuple(_run(words, one) for one in runs),
        runs_cut=replace(cut, total=detail.runs_total),
        links=tuple(_link(words, one) for one in detail.links),
        files=tuple(_file(one) for one in detail.files),
        signatures=tuple(_signature(words, one) for one in detail.signatures),
        panel=known.panel,
        audit=shown,
        audit_href=f"/subjects/{head.id}/audit" if known.trail else "",
        facts_href=facts.href(head.id),
        hand_over_href=f"/subjects/{head.id}/owner" if known.may_hand_over else "",
    )


def audit_page(words: Words, head: SubjectHead, found: Trail, said: views_audit.Said, cursor: str) -> SubjectAuditPage:
    """Its whole trail, a page at a time."""
    here = f"/subjects/{head.id}/audit"
    return SubjectAuditPage(
        subject=head.number,
        rows=views_audit.rows(words, found, said),
        pager=Pager(
            shown=len(found.items),
            next_href=f"{here}?{urlencode({'cursor': found.next})}" if found.next else None,
            first_href=here if cursor else None,
        ),
        about=Link(label=f"{kind_name(words, head.kind)} {head.number}", href=f"/subjects/{head.id}"),
    )


def _facts(words: Words, head: SubjectHead) -> tuple[Fact, ...]:
    return (
        Fact(
            label=words("subject.owner"), text=head.owner or "", href=f"/people/{head.owner_id}" if head.owner else None
        ),
        Fact(label=words("subject.site"), text=head.site or ""),
        Fact(label=words("subject.entity"), text=head.entity or ""),
        Fact(label=words("subject.opened"), moment=head.opened_at),
    )


def _task(words: Words, one: TaskView) -> TaskLine:
    return TaskLine(
        title=one.stage_title.say(words.language),
        href=place_of(one),
        process=one.process_title.say(words.language),
        process_href=run_href(one.run),
        mark=task_mark(one),
        who=one.assignee or role_name(one.role, words.language),
        deadline=Deadline(due=one.due_at) if one.due_at else None,
    )


def _run(words: Words, one: RunOf) -> RunLine:
    ended = one.status != "running"
    result = one.result_title.say(words.language) if one.result_title else words("run.is_cancelled")
    return RunLine(
        title=f"{one.title.say(words.language)} v{one.version}",
        href=run_href(one.id),
        mark=mark("subject", "late") if one.late else mark("run", one.status),
        started_at=one.started_at,
        ended_at=one.ended_at,
        result=result if ended else "",
        open=one.open,
        part=one.part,
    )


def _link(words: Words, one: Linked) -> LinkLine:
    role = (
        words("subject.titled")
        if one.role == "titled"
        else words.known(f"subject.role_{one.role}", words("subject.touches"))
    )
    if one.direction == "from":
        role = words("subject.touched", role=role)
    run = Link(label=one.run_title.say(words.language), href=run_href(one.run)) if one.run_title else None
    return LinkLine(
        role=role,
        kind=kind_name(words, one.kind),
        subject=Link(label=one.number, href=href(one.kind, one.number, one.id)),
        title=one.title or "",
        run=run,
    )


def _file(one: FileOf) -> FileLine:
    return FileLine(name=one.name, href=f"/attachments/{one.id}", size=size(one.size), who=one.uploaded_by, at=one.at)


def _signature(words: Words, one: SignedOf) -> SignatureLine:
    language = words.language
    meaning = (
        one.meaning_title.say(language) if one.meaning_title else words.known(f"lot.meaning_{one.meaning}", one.meaning)
    )
    what = one.stage_title.say(language) if one.stage_title else words.known(f"fault.act_{one.act}", "")
    outcome = one.outcome_title.say(language) if one.outcome_title else ""
    return SignatureLine(
        who=f"{one.name} ({words('inbox.acting_for', who=one.on_behalf_of)})" if one.on_behalf_of else one.name,
        at=one.at,
        meaning=" · ".join(part for part in (what, meaning, outcome) if part),
        digest=one.digest,
        role=role_name(one.role, language) if one.role else "",
        reason=one.reason or "",
        tone=decided(one.outcome),
    )
