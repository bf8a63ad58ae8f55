"""Fills a database with as many lots and open tasks as a large plant has after years, fast.

    .venv/bin/python benchmarks/seed.py --lots 1000000 --tasks 100000 postgresql://postgres@127.0.0.1/NAME

One batch is made by the real acts, from material to the open review of its release; then its runs and tasks are copied
onto other lots, set-based and without triggers, as the superuser.  The same numbers give the same plant (but for the
times), so that two databases of different size hold the same batch to look at: `RELEASE_LOT`.
"""

import argparse
import asyncio
import sys
import time

from sqlalchemy import Connection, create_engine, make_url, text

from tests.support.plant.direct import direct

RELEASE_LOT = "H-REVIEW"
# Open tasks to copy: of five, one waits for incoming inspection, one for final inspection, three for a first signature,
# so that even a hundred tasks fill the reviewer's first page.
TEMPLATES = ("R-WAITS", "H-INSPECT", RELEASE_LOT, RELEASE_LOT, RELEASE_LOT)

LOTS = text("""
insert into lot (lot_no, item_id, kind, status, quantity, supplier_id, supplier_lot_no, manufactured_on)
select 'B' || to_char(n, 'FM0000000'), i.id, i.kind, 'released', 100 + n % 900,
       case when i.kind = 'raw' then s.id end, case when i.kind = 'raw' then 'P' || n * 7 end,
       date '2021-01-01' + n % 1800
  from generate_series(1, :lots) n
  join lateral (select id, kind from item where item_no = case when n % 3 = 0 then 'PEEK-20' else 'HIP-12' end) i on true
  cross join supplier s where s.supplier_no = 'S-1'
""")
SUBJECTS = text("""
insert into subject (id, kind, number, titled_by_id, site_id, entity_id, owner_id, opened_at)
select l.subject_id, 'lot', l.lot_no, i.subject_id, k.site_id, k.entity_id, k.owner_id, l.created_at
  from lot l join item i on i.id = l.item_id cross join (select * from subject where kind = 'lot' limit 1) k
 where l.id >= :first and l.id < :first + :lots
""")
# every made lot takes from a material lot a little older than itself
EDGES = text("""
insert into genealogy_edge (parent_lot_id, child_lot_id, kind, quantity, at)
select :first + n - n % 3 - 1, :first + n - 1, 'consume', 5, now() - (:lots - n) * interval '1 minute'
  from generate_series(4, :lots) n where n % 3 <> 0
""")
STOCK = text("""
insert into stock (lot_id, location_id, quantity)
select l.id, p.id, 40 from lot l cross join location p
 where p.code = 'FG-A1' and l.id >= :first and l.id < :first + :lots and l.id % 4 = 0
""")
RUNS = text("""
insert into process_run (workflow_id, definition_id, lot_id, subject_id, state)
select r.workflow_id || '/' || n, r.definition_id, :first + n - 1, (select l.subject_id from lot l where l.id = :first + n - 1), r.state
  from generate_series(1, :tasks) n
  join lateral (select k.run_id from human_task k join lot kl on kl.id = k.lot_id
                 where k.status = 'open' and kl.lot_no = (cast(:templates as text[]))[1 + n % cardinality(cast(:templates as text[]))]) t on true
  join process_run r on r.id = t.run_id
""")
TASKS = text("""
insert into human_task (run_id, lot_id, subject_id, process, stage, kind, role, rank, pick_up_by, due_at, opened_at)
select r.id, r.lot_id, r.subject_id, t.process, t.stage, t.kind, t.role, t.rank, t.pick_up_by,
       t.due_at + (r.lot_id % 1000 - 300) * interval '10 minutes', t.opened_at
  from process_run r
  join human_task t on t.status = 'open' and r.workflow_id like (
       select o.workflow_id || '/%' from process_run o where o.id = t.run_id)
 where r.lot_id >= :first and r.lot_id < :first + :tasks
""")


def seed(application_url: str, superuser_url: str, *, lots: int, tasks: int) -> None:
    """Fill a migrated, empty database; `tasks` open tasks lie on the first of the `lots`."""
    engine = create_engine(application_url)
    try:
        asyncio.run(_make_templates(engine))
    finally:
        engine.dispose()
    owner = create_engine(superuser_url)
    with owner.begin() as connection:
        connection.execute(text("set local session_replication_role = replica"))
        connection.execute(text("set local synchronous_commit = off"))
        _fill(connection, lots, tasks)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum (analyze)"))
    owner.dispose()


async def _make_templates(engine: object) -> None:
    """By the acts of people: a lot that waits for inspection, a batch that waits for it, one that waits for release."""
    plant = direct(engine)  # type: ignore[arg-type]
    await plant.material("R-1", 1000)
    await plant.make(RELEASE_LOT, "R-1", 50)
    await plant.order("H-INSPECT", 50)
    for seq, more in ((10, {"consumes": ({"lot_no": "R-1", "quantity": 50},), "equipment": ("M-07",)}), (20, {})):
        given = dict(more) if seq == 10 else {"produced": 50, "equipment": ("W-03",), "environment": _AIR}
        await plant.door.record_operation(None, "H-INSPECT", plant.operation("H-INSPECT", seq, **given))
    await plant.receive("R-WAITS", 100)


_AIR = ({"quantity": "humidity", "value": 45, "unit": "%", "lower": 30, "upper": 60},)


def _fill(connection: Connection, lots: int, tasks: int) -> None:
    first = connection.execute(text("select max(id) + 1 from lot")).scalar_one()
    given = {"lots": lots, "tasks": tasks, "first": first, "templates": list(TEMPLATES)}
    # keys follow one another, so that links can be computed instead of looked up
    connection.execute(text("select setval(pg_get_serial_sequence('lot', 'id'), :first, false)"), given)
    for what, statement in (
        ("lots", LOTS),
        ("subjects", SUBJECTS),
        ("edges", EDGES),
        ("stock", STOCK),
        ("runs", RUNS),
        ("tasks", TASKS),
    ):
        began = time.perf_counter()
        rows = connection.execute(statement, given).rowcount
        print(f"  {what}: {rows} in {time.perf_counter() - began:.1f} s", file=sys.stderr)


def main() -> None:
    """Seed the database of an address."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("url", help="address as the superuser; the database is migrated and empty")
    parser.add_argument("--application", default="batchwright_app", help="the application's role")
    parser.add_argument("--lots", type=int, default=1_000_000)
    parser.add_argument("--tasks", type=int, default=100_000)
    given = parser.parse_args()
    url = make_url(given.url).set(drivername="postgresql+psycopg")
    application = url.set(username=given.application)
    seed(
        application.render_as_string(hide_password=False),
        url.render_as_string(hide_password=False),
        lots=given.lots,
        tasks=given.tasks,
    )


if __name__ == "__main__":
    main()
