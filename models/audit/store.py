"""Whether the audit trail goes on being sealed: its newest rows carry their leaves, and every table still writes it (DESIGN 10)."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

NEWEST = 50
"""So many rows are hashed again each time; all of them by `batchwright audit verify`."""
AT_ONCE = 20_000
"""Rows that are read in one statement where all are: a second or so."""
NEXT = text("""
select count(*) as rows, min((p.e).id) as first, max((p.e).id) as last,
       array_agg((p.e).id order by (p.e).id) filter (
         where (p.e).leaf is distinct from sha256('\\x00'::bytea || convert_to(audit_canonical(p.e), 'UTF8'))) as broken
  from (select e from audit_event e where e.id > :after order by e.id limit :most) p
""")
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


@dataclass
class Verified:
    """What a walk over the whole trail found: how many rows, the first and the last number, and whose leaf isn't theirs."""

    rows: int = 0
    first: int | None = None
    last: int | None = None
    broken: tuple[int, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether each row is as it was written, and every table still writes."""
        return not self.broken and not self.silent


def verify(connection: Connection) -> Verified:
    """Hash every row again, oldest first.  A row that was taken out leaves only its number, as an act that failed does."""
    found, after = Verified(silent=look(connection).silent), 0
    while True:
        row = connection.execute(NEXT, {"after": after, "most": AT_ONCE}).one()
        if not row.rows:
            return found
        after = row.last
        found.rows += row.rows
        found.first, found.last = found.first or row.first, row.last
        found.broken += tuple(row.broken or ())


def look(connection: Connection) -> Sealing:
    """What the database says now."""
    row = connection.execute(LOOK, {"newest": NEWEST}).one()
    return Sealing(row.last, tuple(row.broken or ()), tuple(row.silent or ()))
