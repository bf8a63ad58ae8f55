"""Who there is: people with their roles, accounts and skills; delegations; security notices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.request import cursor, read_cursor
from models.person.rules.auth import UNKNOWN_PERSON
from models.register.store.searching import matching, sought

PEOPLE = """
select p.id, p.public_id, p.name, p.name_en, p.kind, p.email, p.employee_no, p.active, s.code as site,
  (select coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'valid_until', g.valid_until) order by g.role), '[]')
     from role_grant g where g.person_id = p.id and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())) as roles,
  (select coalesce(jsonb_agg(jsonb_build_object('login', a.login, 'locked_at', case when a.locked_until > now() then a.locked_at end, 'disabled', a.disabled,
            'must_change_password', a.must_change_password, 'own_since', a.own_since, 'last_login_at', a.last_login_at,
            'code', (select jsonb_build_object('way', c.way, 'until', c.expires_at, 'halves_seen',
                        (c.first_hash is not null)::int + (c.second_hash is not null)::int, 'mail', m.status)
                       from sign_in_code c left join account_mail m on m.code_id = c.id
                      where c.account_id = a.id and c.used_at is null and c.void_at is null and c.expires_at > now()
                      order by c.id desc limit 1)) order by a.id), '[]')
     from account a where a.person_id = p.id) as accounts,
  (select coalesce(jsonb_agg(jsonb_build_object('code', q.code, 'document', q.document, 'valid_from', q.valid_from,
            'valid_until', q.valid_until) order by q.code, q.id), '[]')
     from qualification q where q.person_id = p.id) as qualifications
  from person p left join site s on s.id = p.site_id
"""
PAGE = text(f"""{PEOPLE}
 where (cast(:after as bigint) is null or p.id > :after)
   and (cast(:q as text) is null or {matching(("p.employee_no",), ("p.name", "p.name_en"))}
        or exists (select from account a where a.person_id = p.id and ({matching(("a.login",))})))
   and (cast(:role as text) is null
        or exists (select from role_grant g where g.person_id = p.id and g.role = :role
                   and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())))
 order by p.id limit :n
""")  # noqa: S608 - our own words
ONE = text(PEOPLE + " where p.id = :id")
DELEGATIONS = text(
    "select d.id, f.public_id as from_id, said(f.name, f.name_en) as from_name, t.public_id as to_id, said(t.name, t.name_en) as to_name, d.starts_at,"
    " d.ends_at, d.reason, now() >= d.starts_at and now() < d.ends_at as in_force"
    " from delegation d join person f on f.id = d.from_person_id join person t on t.id = d.to_person_id"
    " where (d.from_person_id = :me or d.to_person_id = :me) order by d.starts_at desc, d.id desc"
)
NOTICES = text(
    "select n.id, n.kind, n.at, n.detail, n.seen_at, a.login, said(p.name, p.name_en) as name from security_notice n"
    " join account a on a.id = n.account_id join person p on p.id = a.person_id"
    " where (cast(:account as bigint) is null or n.account_id = :account)"
    " and (cast(:after as bigint) is null or n.id < :after) order by n.id desc limit :n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role that is held."""

    role: str
    valid_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeView:
    """A one-time code that waits for its owner: never the code itself; `mail` is how the mail stands."""

    way: str
    until: datetime
    halves_seen: int
    mail: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountView:
    """A way in; never the password's hash."""

    login: str
    locked_at: datetime | None
    disabled: bool
    must_change_password: bool
    own_since: datetime | None
    last_login_at: datetime | None
    code: CodeView | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Skill:
    """A proven skill."""

    code: str
    document: str | None
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonView:
    """A person with all that hangs on them."""

    id: UUID
    name: str
    name_en: str | None
    kind: str
    email: str | None
    employee_no: str | None
    active: bool
    site: str | None
    roles: tuple[Grant, ...]
    accounts: tuple[AccountView, ...]
    qualifications: tuple[Skill, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PeoplePage:
    """One page of people."""

    items: tuple[PersonView, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DelegationView:
    """An absence and its deputy."""

    id: int
    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    in_force: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeView:
    """Something about an account that its owner and the administrator must see."""

    id: int
    kind: str
    at: datetime
    login: str
    name: str
    detail: dict[str, Any]
    seen_at: datetime | None


def page(
    session: Session, *, limit: int = 50, after: str | None = None, q: str | None = None, role: str | None = None
) -> PeoplePage:
    """People in the order they came; one statement."""
    start = read_cursor(after, (int,))[0] if after else None
    values = {"after": start, **sought(q), "role": role, "n": limit + 1}
    rows = session.connection().execute(PAGE, values).all()
    following = cursor([rows[limit - 1].id]) if len(rows) > limit else None
    return PeoplePage(items=tuple(_person(row) for row in rows[:limit]), next=following)


def one(session: Session, person_id: int) -> PersonView:
    """A person by the key."""
    row = session.connection().execute(ONE, {"id": person_id}).one_or_none()
    if row is None:
        raise UNKNOWN_PERSON(person=person_id)
    return _person(row)


def delegations(session: Session, person_id: int) -> tuple[DelegationView, ...]:
    """My absences and those I stand in for, newest first."""
    rows = session.connection().execute(DELEGATIONS, {"me": person_id}).all()
    return tuple(DelegationView(**row._asdict()) for row in rows)


def notices(
    session: Session, *, account_id: int | None = None, limit: int = 50, after: str | None = None
) -> tuple[tuple[NoticeView, ...], str | None]:
    """Security notices, newest first: of one account, or of all."""
    start = read_cursor(after, (int,))[0] if after else None
    rows = session.connection().execute(NOTICES, {"account": account_id, "after": start, "n": limit + 1}).all()
    following = cursor([rows[limit - 1].id]) if len(rows) > limit else None
    return tuple(NoticeView(**row._asdict()) for row in rows[:limit]), following


def _person(row: Any) -> PersonView:
    return PersonView(
        id=row.public_id,
        name=row.name,
        name_en=row.name_en,
        kind=row.kind,
        email=row.email,
        employee_no=row.employee_no,
        active=row.active,
        site=row.site,
        roles=tuple(Grant(role=one["role"], valid_until=_moment(one["valid_until"])) for one in row.roles),
        accounts=tuple(_account(one) for one in row.accounts),
        qualifications=tuple(
            Skill(**(one | {name: _moment(one[name]) for name in ("valid_from", "valid_until")}))
            for one in row.qualifications
        ),
    )


def _account(row: dict[str, Any]) -> AccountView:
    code = row["code"]
    moments = {name: _moment(row[name]) for name in ("locked_at", "own_since", "last_login_at")}
    waiting = CodeView(**(code | {"until": datetime.fromisoformat(code["until"])})) if code else None
    return AccountView(**(row | moments | {"code": waiting}))


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
