"""Who asks for an act, read in the statement that names its actor: account, session, roles and permissions as they are now.

An act may wait for others after that, and somebody may lose a role or a session meanwhile.  So whatever judged by it is judged again when
the act commits, after all of its locks, in the statement that writes what it has told (21 CFR 11.10(d), (g)).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

GRACE = "30 days"
"""A command may wait that long behind others, or as a fault for an operator, after its session has ended."""
WHO = f"""
select p.id, cast(:session as bigint) as session_id, p.public_id::text as public_id, p.name, p.active,
       array(select g.role from role_grant g join role r on r.key = g.role and r.active
              where g.person_id = p.id and g.revoked_at is null and (g.valid_until is null or g.valid_until > now())) as roles,
       permits(p.id) as permissions, roles_digest() as roles_digest,
       (select s.csrf from login_session s join account a on a.id = s.account_id
         where s.id = :session and a.person_id = p.id and not a.disabled
           and (s.ended_at is null or s.ended_at > now() - interval '{GRACE}')
           and s.expires_at > now() - interval '{GRACE}') as key
  from person p where p.id = :person
"""  # noqa: S608 - our own constant
ASKED = "asked by"
AGAIN = "asked again"
"""Where a session keeps who asks for its act, and what is judged of them again when it commits."""


@dataclass(frozen=True)
class Who:
    """A person as they are when the act begins; `key` is the secret of their session, while it counts."""

    id: int
    session_id: int | None
    public_id: str
    name: str
    active: bool
    roles: frozenset[str]
    permissions: frozenset[str]
    roles_digest: str
    key: str | None


def of(found: Mapping[str, Any] | None) -> Who | None:
    """The person of a row of `WHO`."""
    return (
        None
        if found is None
        else Who(**{**found, "roles": frozenset(found["roles"]), "permissions": frozenset(found["permissions"])})
    )


def known(session: Session, person_id: int) -> Who | None:
    """Who asks for this act, where it is that person."""
    found: Who | None = session.info.get(ASKED)
    return found if found is not None and found.id == person_id else None


def again(session: Session, check: Callable[[Who | None], None]) -> None:
    """Have this judged once more of who asks, as they are when the act commits; a refusal then undoes it."""
    if session.info.get(ASKED) is not None:
        session.info.setdefault(AGAIN, []).append(check)


def judge(session: Session, row: Mapping[str, Any] | None) -> None:
    """Judge again by a row of `WHO`; each once."""
    for check in session.info.pop(AGAIN, ()):
        check(of(row))
