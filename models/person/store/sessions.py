"""Sessions of browsers and bearer tokens of machines: made, found, touched and ended.

Only SHA-256 of the secret is kept, so the table is of no use to a thief.  The cookie's CSRF token belongs to the session
and is kept beside it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

from models.kernel.store.act import Actor, act, ahead_of, reading
from models.kernel.time import clock
from models.person.rules import auth
from models.person.rules.auth import Principal, StandIn
from models.person.store import roles

TOUCH_AFTER = timedelta(minutes=1)  # a page doesn't write the session's row more often than this

OPEN = text(
    "insert into login_session (token_hash, kind, account_id, csrf, expires_at)"
    " values (:hash, :kind, :account_id, :csrf, now() + :lasts) returning id, expires_at"
)
FIND = text("""
select s.id, s.kind, s.csrf, s.last_seen_at, s.expires_at, s.ended_at is not null as ended, now() as now,
       clock_timestamp() as clock, last_recorded() as last_event, clocks_compared() as ahead,
       a.id as account_id, a.login, a.disabled, coalesce(a.locked_until > now(), false) as locked,
       a.must_change_password or (a.own_since is null and p.kind = 'human') as must_change_password, a.own_since is not null as own,
       p.id as person_id, p.public_id::text as public_id, p.name, p.name_en, p.active,
       coalesce(site.zone, 'Asia/Shanghai') as zone,
       (select coalesce(array_agg(g.role order by g.role), '{}') from role_grant g join role r on r.key = g.role and r.active
         where g.person_id = p.id and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())) as roles,
       permits(p.id) as permissions, roles_digest() as roles_digest,
       (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'public_id', f.public_id, 'name', f.name,
                 'until', d.ends_at, 'roles',
                 (select coalesce(jsonb_agg(g.role), '[]') from role_grant g
                   where g.person_id = f.id and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())),
                 'lacks', skills_lacking(f.id, p.id, now()))
               order by d.id), '[]')
          from delegation d join person f on f.id = d.from_person_id
         where d.to_person_id = p.id and now() >= d.starts_at and now() < d.ends_at) as absent
  from login_session s
  join account a on a.id = s.account_id
  join person p on p.id = a.person_id
  left join site on site.id = p.site_id
 where s.token_hash = :hash
""")
TOUCH = text("update login_session set last_seen_at = now() where id = :id and ended_at is null")
END = text("update login_session set ended_at = now() where id = :id and ended_at is null")
END_OTHERS = text(
    "update login_session set ended_at = now() where account_id = :account_id and id <> :id and ended_at is null"
)


@dataclass(frozen=True)
class NewSession:
    """A session as its owner gets it, once: the secret is not kept."""

    id: int
    token: str
    csrf: str
    expires_at: datetime


def hash_of(token: str) -> str:
    """What is kept of a secret.  It has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def log_in(engine: Engine, login: str, password: str, lasts: timedelta = auth.ABSOLUTE) -> NewSession:
    """Prove the password and open a session, or raise AUTH-002, or AUTH-004 and AUTH-020 to who knows the password.

    A locked account is answered like a wrong password: to anybody else it would tell that there is such a login, and
    to a guesser that the guess was right.
    """
    from models.person.store.passwords import verify_for_login

    proof = verify_for_login(engine, login.strip().lower(), password)
    match proof.result:
        case "unknown" | "wrong_password" | "locked":
            raise auth.WRONG_LOGIN(failures=auth.MAX_FAILURES)
        case "disabled":
            raise auth.DISABLED()
        case _ if proof.kind != "human":
            raise auth.MACHINE()
        case _:
            with act(engine, Actor("service:auth", "身份验证 / authentication", "api", enters=True)) as session:
                return open_session(session, proof.account_id, kind="cookie", lasts=lasts)


def open_session(session: Session, account_id: int, *, kind: str, lasts: timedelta) -> NewSession:
    """Make a session or token."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    made = session.connection().execute(
        OPEN, {"hash": hash_of(token), "kind": kind, "account_id": account_id, "csrf": csrf, "lasts": lasts}
    )
    row = made.one()
    return NewSession(row.id, token, csrf, row.expires_at)


def find(engine: Engine, token: str, *, kind: str, idle: timedelta = auth.IDLE, touch: bool = True) -> Principal:
    """The person behind a secret, or raise AUTH-001, -003, -004, -007.

    Tokens have no idle time.  `touch=False` is for live streams: a page left open alone must not keep a session alive.
    """
    with reading(engine) as session:
        row = session.connection().execute(FIND, {"hash": hash_of(token)}).one_or_none()
        if row is not None:
            roles.keep_up(session, row.roles_digest)
    if row is None or row.kind != kind:
        raise auth.NOT_LOGGED_IN()
    if row.locked and row.ended:
        raise auth.LOCKED(failures=auth.MAX_FAILURES)
    if row.disabled or not row.active:
        raise auth.DISABLED()
    idle = idle if kind == "cookie" else row.now - row.last_seen_at + timedelta(days=1)
    auth.check_session(
        ended=row.ended, last_seen_at=row.last_seen_at, expires_at=row.expires_at, now=row.now, idle=idle
    )
    if touch and row.now - row.last_seen_at > TOUCH_AFTER:
        with act(engine, Actor(row.public_id, row.name, "api", enters=True)) as session:
            session.connection().execute(TOUCH, {"id": row.id})
    return _principal(row)


def end(session: Session, session_id: int) -> None:
    """Log out."""
    session.connection().execute(END, {"id": session_id})


def end_others(session: Session, account_id: int, session_id: int) -> None:
    """End every session of an account but one; 0 spares none."""
    session.connection().execute(END_OTHERS, {"account_id": account_id, "id": session_id})


def _principal(row: Any) -> Principal:
    own = frozenset(row.roles)
    return Principal(
        person_id=row.person_id,
        public_id=row.public_id,
        name=row.name,
        account_id=row.account_id,
        login=row.login,
        roles=own,
        permissions=roles.permissions_of(row.permissions),
        name_en=row.name_en,
        must_change_password=row.must_change_password,
        certified=row.own,
        zone=row.zone,
        session_id=row.id,
        session_kind=row.kind,
        csrf=row.csrf,
        stands_in_for=tuple(
            StandIn(
                person_id=one["id"],
                public_id=one["public_id"],
                name=one["name"],
                roles=own.intersection(one["roles"]),
                lacks=frozenset(one["lacks"]),
                until=datetime.fromisoformat(one["until"]),
            )
            for one in row.absent
        ),
        clocks=clock.Clocks(row.clock, row.last_event, ahead_of(row.ahead)),
    )
