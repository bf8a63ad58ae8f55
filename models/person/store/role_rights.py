"""What the application's roles could do beyond rows: make objects, or become whoever owns the walls (DESIGN 2.4; 21 CFR 11.10(d)).

A role that can make a table or a function somewhere can stand its own in the way of ours, and one that can become the owner can
take a wall down.  A server that somebody else has set up may give both without anybody meaning it.
"""

from sqlalchemy import Connection, text

ROLES = ("batchwright_app", "batchwright_worker", "batchwright_api")
FOUND = text("""
with asked as (
  select r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls from pg_roles r
   where r.rolname = session_user or r.rolname = any(cast(:roles as text[]))
)
select a.rolname as role, f.what
  from asked a cross join lateral (
    select 'superuser, createrole, createdb, replication or bypassrls' as what
     where a.rolsuper or a.rolcreaterole or a.rolcreatedb or a.rolreplication or a.rolbypassrls
    union all
    select 'CREATE on database' where has_database_privilege(a.oid, current_database(), 'create')
    union all
    select 'TEMPORARY on database' where has_database_privilege(a.oid, current_database(), 'temporary')
    union all
    select 'CREATE on schema ' || s.nspname from pg_namespace s where has_schema_privilege(a.oid, s.oid, 'create')
    union all
    select 'SET ROLE ' || o.rolname from pg_roles o
     where o.oid <> a.oid and pg_has_role(a.oid, o.oid, 'member')
       and (o.rolsuper or o.oid = (select d.datdba from pg_database d where d.datname = current_database())
            or exists (select from pg_class c where c.relowner = o.oid and c.relnamespace = 'public'::regnamespace))
    union all
    select 'owner of ' || min(c.relname) from pg_class c
     where c.relowner = a.oid and c.relnamespace = 'public'::regnamespace having count(*) > 0
  ) f order by 1, 2
""")


def excess(connection: Connection) -> list[str]:
    """Role and right, in words of SQL, of everything that the application's roles have and must not; best an empty list."""
    return [f"{row.role}: {row.what}" for row in connection.execute(FOUND, {"roles": list(ROLES)})]
