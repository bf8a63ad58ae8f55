"""Whether the audit trail goes on being sealed: its newest rows carry their leaves, and every table still writes it (DESIGN 10)."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

NEWEST = 50
"""So many rows are hashed again each time; all of them by `audit verify`."""
LOOK = text("""
with newest as materialized (select e from audit_event e order by e.id desc limit :newest)
select (select max((e).id) from newest) as last,
       (select array_agg((e).id order by (e).id) from newest
         where (e).leaf is distinct from sha256('\\x00'::bytea || convert_to(audit_canonical(e), 'UTF8'))) as broken,
       (select array_agg(distinct c.relname::text order by c.relname::text) from pg_trigger t join pg_class c on c.oid = t.tgrelid
         where t.tgfoid = 'audit_write()'::regprocedure and t.tgenabled = 'D') as silent
""")


@dataclass(frozen=True)
class Sealing:
    """The newest row's number, rows whose leaf isn't theirs, and tables whose changes nobody writes down."""

    last: int | None
    broken: tuple[int, ...]
    silent: tuple[str, ...]


def look(connection: Connection) -> Sealing:
    """What the database says now."""
    row = connection.execute(LOOK, {"newest": NEWEST}).one()
    return Sealing(row.last, tuple(row.broken or ()), tuple(row.silent or ()))
