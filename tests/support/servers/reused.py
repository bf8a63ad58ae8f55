"""Databases that are put back as they were and given to the next test, where each test wants one of its own.

A new copy costs a tenth of a second of processor time, and so does the first act in it: nothing of its catalogue is known yet.
What a test wrote is found by the transactions that wrote it and put back from copies that lie in a schema beside the tables; a
database whose tables, walls or rights a test changed, or that it filled, is dropped.
"""

from typing import LiteralString

import psycopg
from sqlalchemy import Engine

from models.kernel.store import db
from runtime.build import build_id
from runtime.postgres import SUPERUSER, Postgres
from tests.support.servers.database import TestDatabase, copy_template, drop

SEED = "seed"
FILLED = 2_000
"""So many rows of one table are not worth putting back."""
_REMEMBER: LiteralString = """
create schema seed;
do $do$
declare
  one record;
begin
  for one in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' loop
    execute format('create table seed.%I as table public.%I', one.relname, one.relname);
  end loop;
end $do$;
create table seed."of tables" as
  select c.relname as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as written, 0::bigint as rows
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
   where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.relname;
do $do$
declare
  one record;
begin
  for one in select name from seed."of tables" loop
    execute format('update seed."of tables" set rows = (select count(*) from public.%I) where name = %L', one.name, one.name);
  end loop;
end $do$;
create table seed."of numbers" as
  select c.oid as id, s.seqstart as first, pg_sequence_last_value(c.oid::regclass) as last
    from pg_class c join pg_sequence s on s.seqrelid = c.oid where c.relnamespace = 'public'::regnamespace;
create function seed.shape() returns text language sql as $function$
  select concat_ws(' ',
    (select count(*) || '/' || max(xmin::text::bigint) from pg_class where relnamespace = 'public'::regnamespace),
    (select count(*) || '/' || max(a.xmin::text::bigint) from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'public'::regnamespace),
    (select count(*) || '/' || max(xmin::text::bigint) from pg_trigger),
    (select count(*) || '/' || max(xmin::text::bigint) from pg_proc),
    (select count(*) || '/' || max(xmin::text::bigint) from pg_constraint),
    (select count(*) || '/' || max(xmin::text::bigint) from pg_sequence),
    (select count(*) || '/' || max(xmin::text::bigint) from pg_namespace where nspname not like 'pg_%'),
    (select count(*) || '/' || max(xmin::text::bigint) from pg_db_role_setting))
$function$;
create function seed.put_back(changed text[]) returns void language plpgsql as $function$
declare
  one record;
begin
  for one in select * from seed."of tables" where name = any(changed) loop
    execute format('delete from only public.%I', one.name);
    execute format('insert into public.%I (%s) overriding system value select %s from seed.%I',
                   one.name, one.written, one.written, one.name);
  end loop;
  for one in select * from seed."of numbers" where last is distinct from pg_sequence_last_value(id::regclass) loop
    perform setval(one.id::regclass, coalesce(one.last, one.first), one.last is not null);
  end loop;
end $function$;
"""


_LOOK: LiteralString = """
select string_agg(format(
    'select %L, count(*) from public.%I having count(*) <> %s or count(*) filter (where xmin::text::bigint >= $1) > 0',
    name, name, rows), ' union all ') from seed."of tables"
"""
"""What tells the tables that were written to since, with how many rows each has."""


def remember(postgres: Postgres, template: str) -> None:
    """Lay a copy of everything beside it, in a database that is only ever copied."""
    with postgres.connect(SUPERUSER, template) as connection:
        connection.execute(_REMEMBER)


class Reused:
    """Copies of one template that remembers, each lent to one test at a time."""

    def __init__(self, postgres: Postgres, template: str) -> None:
        self._postgres = postgres
        self._template = template
        self._free: list[tuple[TestDatabase, psycopg.Connection, str]] = []
        self._lent: dict[str, tuple[psycopg.Connection, int, str]] = {}
        self._as_api: dict[str, Engine] = {}

    def take(self) -> TestDatabase:
        """A database just like the template."""
        if self._free:
            made, connection, shape = self._free.pop()
        else:
            made = copy_template(self._postgres, self._template)
            connection = self._postgres.connect(SUPERUSER, made.name)
            connection.execute("set session_replication_role = replica")
            shape = self._shape(connection)
            [(look,)] = connection.execute(_LOOK).fetchall()
            connection.execute(f"prepare changed (bigint) as {look}".encode())
            connection.execute("set plan_cache_mode = force_generic_plan")
        [(since,)] = connection.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchall()
        self._lent[made.name] = connection, since, shape
        return made

    def as_api(self, made: TestDatabase) -> Engine | None:
        """The way in of the API that a database keeps; none where it isn't one of these."""
        if made.name not in self._lent:
            return None
        if made.name not in self._as_api:
            self._as_api[made.name] = db.engine(made.api_url, build=build_id())
        return self._as_api[made.name]

    def give(self, made: TestDatabase) -> None:
        """The test is over, and what it left at work; who is idle knows the catalogue and is kept for the next one."""
        connection, since, shape = self._lent.pop(made.name)
        connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"
        )
        changed: dict[str, int] = dict(connection.execute(f"execute changed({since})".encode()).fetchall())
        if self._shape(connection) == shape and all(rows < FILLED for rows in changed.values()):
            connection.execute("select seed.put_back(%s)", [[*changed]])
            self._free.append((made, connection, shape))
            return
        self._leave(made, connection)

    def leave(self) -> None:
        """Nobody takes one any more."""
        for made, connection, _ in self._free:
            self._leave(made, connection)

    def _leave(self, made: TestDatabase, connection: psycopg.Connection) -> None:
        connection.close()
        if made.name in self._as_api:
            self._as_api.pop(made.name).dispose()
        drop(self._postgres, made)

    def _shape(self, connection: psycopg.Connection) -> str:
        [(shape,)] = connection.execute("select seed.shape()").fetchall()
        return str(shape)
