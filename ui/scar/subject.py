"""What the page of a request to a supplier says beside what every subject's page says: its rounds with answers and files."""

from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from models.kernel.store.act import now as act_now
from models.kernel.time.moments import plant_day
from models.lot.store import lots
from models.person.rules.roles import Permission
from models.scar import queries
from models.scar.rules import Asked
from ui.attachment.view import size
from ui.frame.i18n import Words
from ui.frame.parts import Fact, KeptFile, Link, lot_href
from ui.frame.status import mark
from ui.subject.shown import Happened, May, Panel, Shown


def _panel(words: Words, session: Session, key: int, may: May) -> Panel:
    zone = lots.site_zone(session)
    case = queries.of_subject(session, key, plant_day(act_now(session), zone))
    head = case.head
    facts = [Fact(label=words("scar.supplier"), text=f"{head.supplier} · {head.supplier_no}", href=f"/scars?q={quote(head.supplier_no)}&every=1")]  # fmt: skip
    if head.item_no is not None:
        facts.append(Fact(label=words("scar.item"), text=f"{head.item} · {head.item_no}"))
    facts += _about(words, case)
    if head.answer_by is not None:
        facts.append(Fact(label=words("scar.answer_by"), day=head.answer_by))
    asks = words("list.comma").join(words(f"scar.{one}") for one in head.asks)
    said = (
        ("scar.found", head.found),
        ("scar.asks", asks),
        ("scar.opened_by", head.opened_by),
        ("scar.end_reason", head.end_reason),
    )
    facts += [Fact(label=words(label), text=text) for label, text in said if text]
    for one in reversed(case.rounds):
        facts += _answer(words, case, one)
    links = (Link(label=words("scar.letter"), href=letter_href(head.number)),)
    return Panel(
        title=words("scar.request"),
        facts=tuple(facts),
        mark=mark("scar", head.stands),
        timeline=tuple(sorted(_timeline(words, case), key=lambda one: one.at, reverse=True)),
        links=links if may(Permission.SUPPLIER_ASSESS) else (),
    )


def letter_href(number: str) -> str:
    """Where its link stands, for who may have it."""
    return f"/scars/{quote(number, safe='')}/letter"


def _about(words: Words, case: queries.Request) -> list[Fact]:
    """The lots and cases that it is about."""
    batches = tuple(Link(label=number, href=lot_href(number)) for role, number in case.tied if role == "lot")
    facts = [Fact(label=words("scar.lots_short"), links=batches)] if batches else []
    labels = {"cause": "scar.nonconformance", "capa": "scar.capa"}
    return [
        *facts,
        *(
            Fact(label=words(labels[role]), text=number, href=f"/search?text={quote(number)}", code=True)
            for role, number in case.tied
            if role in labels
        ),
    ]


def _answer(words: Words, case: queries.Request, one: Any) -> list[Fact]:
    """What came back in a round: word for word, and its files by digest."""
    if one.answer is None:
        return []
    rows = [(words(f"scar.{part}"), getattr(one, part)) for part in Asked if getattr(one, part)]
    if one.done_on is not None:
        rows.append((words("scar.done_on"), one.done_on.isoformat()))
    rows.append((words("scar.name"), one.name))
    heads = (words("scar.question"), words("scar.said"))
    facts = [Fact(label=words("scar.answer_of", n=one.round), heads=heads, rows=tuple(rows))]
    kept = [case.files[digest] for digest in one.files]
    if kept:
        files = tuple(
            KeptFile(digest=file.digest, name=file.name, size=size(file.size), href=f"/scar-files/{file.number}")
            for file in kept
        )
        facts.append(Fact(label=words("scar.files"), files=files))
    return facts


def _timeline(words: Words, case: queries.Request) -> list[Happened]:
    """Each round: sent, answered, and what was decided."""
    found = []
    for one in case.rounds:
        n = words("scar.round_n", n=one.round)
        due = words("scar.due_detail", day=one.answer_by.isoformat())
        found.append(Happened(at=one.sent_at, what=f"{n} · {words('scar.sent_what')}", detail=due))
        if one.answered_at is not None:
            where = words("scar.from_detail", address=one.address) if one.address else ""
            what = f"{n} · {words('scar.answered_what')}"
            found.append(Happened(at=one.answered_at, what=what, who=one.name, detail=where))
        if one.verdict is not None:
            what = f"{n} · {words(f'scar.{one.verdict}_what')}"
            found.append(Happened(at=one.reviewed_at, what=what, detail=one.reason))
    return found


SHOWN = {"scar": Shown(panel=_panel)}
