"""Requests to suppliers as pages and the API read them, and what stands behind a link (REQUIREMENTS 52)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel import Session, select

from models.attachment.store import Attached
from models.partner.tables import Supplier
from models.scar import rules
from models.scar.rules import Door
from models.scar.store import files, requests
from models.scar.tables import Scar, ScarRound

STANDS = """
case when c.status <> 'open' then c.status when r.id is null then 'draft' when v.id is not null and v.verdict = 'back' then 'back'
     when v.id is not null then 'accepted' when a.id is not null then 'answered' when r.expires_at <= now() then 'lapsed'
     when r.answer_by < cast(:today as date) then 'late' else 'sent' end
"""
SELECT = f"""
select c.id, c.scar_no as number, b.public_id as subject, b.id as subject_key, {STANDS} as stands, c.status, c.title, c.found, c.asks,
       s.supplier_no, said(s.name, s.name_en) as supplier, s.name as supplier_zh, s.name_en as supplier_en, s.email, s.contact, i.item_no, said(i.name, i.name_en) as item, c.opened_at,
       said(p.name, p.name_en) as opened_by, c.ended_at, c.end_reason, r.round, r.answer_by, r.expires_at, r.public_id as newest, a.answered_at,
       (select q.public_id from process_run q where q.subject_id = c.subject_id order by q.id desc limit 1) as run
  from scar c join subject b on b.id = c.subject_id join supplier s on s.id = c.supplier_id join person p on p.id = c.opened_by_id
  left join item i on i.id = c.item_id
  left join lateral (select * from scar_round x where x.scar_id = c.id order by x.round desc limit 1) r on true
  left join scar_answer a on a.round_id = r.id left join scar_review v on v.answer_id = a.id
"""  # noqa: S608 - our own words
NAMED = r"""
 (cast(:q as text) is null or concat_ws(' ', c.scar_no, c.title, s.supplier_no, s.name, s.name_en, i.item_no, i.name, i.name_en)
  ilike '%' || replace(replace(replace(cast(:q as text), '\', '\\'), '%', '\%'), '_', '\_') || '%')
"""
LIST = text(
    f"{SELECT} where {NAMED} and (not cast(:open as boolean) or c.status = 'open')"
    " and (cast(:after as bigint) is null or c.id < :after) order by c.id desc limit :n"
)
OPEN = text("select count(*) filter (where status = 'open') as open, count(*) as total from scar")
OF_SUBJECT = text(f"{SELECT} where c.subject_id = :subject")
OF_NUMBER = text(f"{SELECT} where c.scar_no = :number")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Requests, the newest first; `next` is the key before which the rest comes, where there is more."""

    items: tuple[Row[Any], ...]
    next: int | None
    open: int
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request: what it is about, its rounds, and the files that came, by digest."""

    head: Row[Any]
    rounds: tuple[Row[Any], ...]
    tied: tuple[tuple[str, str], ...]
    files: dict[str, Attached]


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """What stands behind a link: what the supplier is told, what it said, and whether it may still say it."""

    round_id: UUID
    number: str
    supplier_no: str
    supplier: tuple[str, str | None]
    title: str
    found: str
    asks: tuple[str, ...]
    lots: tuple[str, ...]
    round: Row[Any]
    sent_back: str
    door: Door


def page(
    session: Session,
    today: Any,
    *,
    q: str | None = None,
    only_open: bool = False,
    after: int | None = None,
    n: int = 50,
) -> Page:
    """The list, narrowed to what has been typed; two statements, however long it is."""
    ask = session.connection().execute
    said = {"today": today, "q": q, "open": only_open, "after": after, "n": n + 1}
    rows = ask(LIST, said).all()
    counted = ask(OPEN).one()
    more = rows[n - 1].id if len(rows) > n else None
    return Page(items=tuple(rows[:n]), next=more, open=counted.open, total=counted.total)


def of_subject(session: Session, subject: int, today: Any) -> Request:
    """The request of a subject, by its key."""
    return _request(session, session.connection().execute(OF_SUBJECT, {"subject": subject, "today": today}).one())


def of_number(session: Session, number: str, today: Any) -> Request:
    """The request of that number; SCR-404 where there is none."""
    head = session.connection().execute(OF_NUMBER, {"number": number, "today": today}).one_or_none()
    if head is None:
        raise rules.UNKNOWN(number=number[:80])
    return _request(session, head)


def _request(session: Session, head: Row[Any]) -> Request:
    row = session.get_one(Scar, head.id)
    return Request(
        head=head,
        rounds=tuple(requests.rounds(session, row)),
        tied=tuple(requests.tied(session, row)),
        files=files.of_scar(session, head.id),
    )


def behind(session: Session, round_id: UUID) -> Behind:
    """What a link leads to; SCR-020 where it leads nowhere."""
    at = session.exec(select(ScarRound).where(ScarRound.public_id == round_id)).first()
    if at is None:
        raise rules.NO_LINK()
    row = session.get_one(Scar, at.scar_id)
    supplier = session.get_one(Supplier, row.supplier_id)
    about, rounds = requests.tied(session, row), requests.rounds(session, row)
    return Behind(
        round_id=round_id,
        number=row.scar_no,
        supplier_no=supplier.supplier_no,
        supplier=(supplier.name, supplier.name_en),
        title=row.title,
        found=row.found,
        asks=tuple(row.asks),
        lots=tuple(_theirs(session, [number for role, number in about if role == requests.LOT])),
        round=next(one for one in rounds if one.id == at.id),
        sent_back=next((one.reason for one in rounds if one.round == at.round - 1 and one.verdict == "back"), ""),
        door=requests.door(session, at, row),
    )


def _theirs(session: Session, numbers: list[str]) -> list[str]:
    """Lots as their supplier knows them: by the number that it printed, with ours where it printed none."""
    found = session.connection().execute(
        text("select coalesce(nullif(supplier_lot_no, ''), lot_no) from lot where lot_no = any(:lots) order by lot_no"),
        {"lots": numbers},
    )
    return [str(one) for one in found.scalars()]
