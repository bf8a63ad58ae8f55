"""Numbers one after the other, by kind, site and year: recalls, drills, nonconformances and what is to come (`table numbering`).

Whoever takes a number holds its counter until the transaction ends.  Two at once get two numbers, and what is rolled back gives
its number back, so that the row of numbers has no gap (21 CFR 806.10, 820.90: every one can be asked for).
"""

from sqlalchemy import text
from sqlmodel import Session

SITE = "(select min(s.id) from site s)"
WHICH = f"n.kind = :kind and n.scope = :scope and n.year = :year and n.site_id is not distinct from {SITE}"
PEEK = text(f"select n.next from numbering n where {WHICH}")  # noqa: S608 - our own words
TAKE = text(f"""
insert into numbering as n (kind, scope, site_id, year, next) values (:kind, :scope, {SITE}, :year, 2)
on conflict (kind, scope, site_id, year) do update set next = n.next + 1 returning n.next - 1
""")  # noqa: S608 - our own words
CLAIM = text(f"""
insert into numbering as n (kind, scope, site_id, year, next) values (:kind, :scope, {SITE}, :year, :number + 1)
on conflict (kind, scope, site_id, year) do update set next = greatest(n.next, :number + 1)
""")  # noqa: S608 - our own words


def peek(session: Session, kind: str, *, year: int = 0, scope: str = "") -> int:
    """The number that would be given next; somebody else may take it meanwhile."""
    found = session.connection().execute(PEEK, _which(kind, year, scope)).scalar()
    return 1 if found is None else int(found)


def take(session: Session, kind: str, *, year: int = 0, scope: str = "") -> int:
    """The next number of a kind, for good where the transaction is; `scope` is that within which it counts (a batch's number)."""
    return int(session.connection().execute(TAKE, _which(kind, year, scope)).scalar_one())


def claim(session: Session, kind: str, number: int, *, year: int = 0, scope: str = "") -> None:
    """Take a number that was named before, as the next one was seen: nobody gets it, or one before it, any more.

    Waits for whoever takes one of the same kind; afterwards the caller sees whether the number is still free.
    """
    session.connection().execute(CLAIM, {**_which(kind, year, scope), "number": number})


def _which(kind: str, year: int, scope: str) -> dict[str, str | int]:
    return {"kind": kind, "year": year, "scope": scope}
