"""What the inbox says around its tasks: by which process and product to narrow it, and who else could do a task."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from models.definition.document import Text
from models.definition.queries import titles

MOST = 500
"""How many of the most urgent open tasks the product filter looks at: a constant cost in a plant of any size."""
ITEMS = text(
    "select distinct i.number as item_no, said(i.title, i.title_en) as name"
    " from (select subject_id from human_task where status = 'open' order by due_at, id limit :n) t"
    " join subject s on s.id = t.subject_id join subject i on i.id = coalesce(s.titled_by_id, s.id) and i.kind = 'item'"
    " order by name, i.number"
)
HOLDERS = text(
    "select g.role, said(p.name, p.name_en) as name, coalesce((select a.login from account a where a.person_id = p.id order by a.id limit 1), '')"
    " as login from role_grant g join person p on p.id = g.person_id"
    " where g.role = any(cast(:roles as text[])) and p.active and p.kind = 'human'"
    " and g.revoked_at is null and (g.valid_until is null or g.valid_until > now()) order by g.role, p.name"
)
DEPUTIES = text(
    "select g.role, said(d.name, d.name_en) as deputy, said(p.name, p.name_en) as absent from delegation x"
    " join person p on p.id = x.from_person_id join person d on d.id = x.to_person_id"
    " join role_grant g on g.person_id = p.id and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())"
    " and held_role(d.id, g.role, now()) and skills_lacking(p.id, d.id, now()) = '{}'"
    " where now() >= x.starts_at and now() < x.ends_at and d.active and g.role = any(cast(:roles as text[]))"
    " order by g.role, d.name"
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who holds a role."""

    name: str
    login: str


def processes(session: Session) -> tuple[tuple[str, Text], ...]:
    """Key and title of every process, in the order of their keys."""
    return titles(session)


def items(session: Session) -> tuple[tuple[str, str], ...]:
    """Number and name of what the most urgent open tasks are about; the search box finds every other product."""
    return tuple((row.item_no, row.name) for row in session.connection().execute(ITEMS, {"n": MOST}))


def holders(session: Session, roles: Collection[str]) -> dict[str, tuple[Colleague, ...]]:
    """Who holds each of the roles now."""
    found: dict[str, list[Colleague]] = {}
    for row in session.connection().execute(HOLDERS, {"roles": list(roles)}):
        found.setdefault(row.role, []).append(Colleague(row.name, row.login))
    return {role: tuple(people) for role, people in found.items()}


def deputies(session: Session, roles: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Who stands in for somebody absent of each role: `deputy (absent)`."""
    found: dict[str, list[str]] = {}
    for row in session.connection().execute(DEPUTIES, {"roles": list(roles)}):
        found.setdefault(row.role, []).append(f"{row.deputy} ({row.absent})")
    return {role: tuple(dict.fromkeys(names)) for role, names in found.items()}
