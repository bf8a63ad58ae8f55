"""Writes a plant of `_graph` into the real tables of a migrated, empty database, fast.

COPY as the superuser with `session_replication_role = replica`: neither walls nor audit triggers run, and the stock,
which a trigger would keep, is written beside its movements.  Nobody but a benchmark may do this.  Every lot balances and
every made lot has its run with a person and a machine, so that a whole answer has as much to say as in a real plant.
"""

# ruff: noqa: S608 - the only values put into statements are our own whole numbers

import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import islice
from typing import Any

from psycopg import Connection, sql

from benchmarks._graph import BLOCK, CUSTOMERS, RAW, SUPPLIERS, Truth

LEFT = 5  # pieces of each lot that still lie in stock

MASTER = f"""
insert into site (code, name, zone) values ('B', 'Benchmark', 'Asia/Shanghai');
insert into supplier (supplier_no, name) select 'S-' || n, 'Supplier ' || n from generate_series(1, {SUPPLIERS}) n;
insert into customer (customer_no, name, contact, phone)
select 'C-' || to_char(n, 'FM0000'), '医院 Hospital ' || n, 'Dr. Li', '+86 10 1234' from generate_series(1, {CUSTOMERS}) n;
insert into item (item_no, name, kind) values
  ('RAW', 'Material', 'raw'), ('PART', 'Part', 'component'), ('BODY', 'Body', 'in_process'), ('IMPLANT', 'Implant', 'finished');
insert into location (code, name) values ('WH-1', 'Warehouse');
insert into person (name) select 'Operator ' || n from generate_series(1, 20) n;
insert into equipment (equipment_no, name, kind) select 'M-' || n, 'Machine ' || n, 'machine' from generate_series(1, 30) n;
"""
# made again in one sweep after the rows that are copied; those behind a constraint stay
INDEXES = """
select i.indexname, i.indexdef from pg_indexes i
 where i.schemaname = 'public' and i.tablename in ('lot', 'genealogy_edge', 'shipment', 'shipment_line')
   and not exists (select from pg_constraint c where c.conname = i.indexname)
   and i.indexdef not like 'CREATE UNIQUE%'
"""
DERIVED = {
    "orders": f"""
insert into work_order (work_order_no, item_id, quantity, status, created_at)
select 'WO-' || l.id, l.item_id, l.quantity, 'finished', l.created_at from lot l where (l.id - 1) % {BLOCK} >= {RAW}
 and (l.id - 1) % 100 = 0""",
    "runs": f"""
insert into operation_run (work_order_id, lot_id, seq, run_no, code, started_at, finished_at, recorded_by_id, produced)
select w.id, l.id, 10, 1 + (l.id - 1) % 100, 'MAKE', l.created_at, l.created_at + interval '1 hour', 1 + l.id % 20, l.quantity
  from lot l join work_order w on w.work_order_no = 'WO-' || (l.id - (l.id - 1) % 100) where (l.id - 1) % {BLOCK} >= {RAW}""",
    "people": "insert into operation_person (operation_run_id, person_id) select id, recorded_by_id from operation_run",
    "machines": """
insert into operation_equipment (operation_run_id, equipment_id) select id, 1 + id % 30 from operation_run""",
    "movements in": f"""
insert into stock_movement (lot_id, kind, to_location_id, quantity, at)
select id, case when (id - 1) % {BLOCK} < {RAW} then 'receive' else 'produce' end, 1, quantity, created_at from lot""",
    "movements used": """
insert into stock_movement (lot_id, kind, from_location_id, quantity, at)
select e.parent_lot_id, 'consume', 1, e.quantity, e.at from genealogy_edge e
 where e.superseded_at is null""",
    "movements out": """
insert into stock_movement (lot_id, kind, from_location_id, quantity, at, shipment_line_id)
select s.lot_id, 'ship', 1, s.quantity, h.shipped_at, s.id from shipment_line s join shipment h on h.id = s.shipment_id""",
    "stock": f"insert into stock (lot_id, location_id, quantity) select id, 1, {LEFT} from lot",
}


def load(connection: Connection[Any], truth: Truth) -> None:
    """Fill it; keys are the truth's numbers plus one."""
    connection.execute("set session_replication_role = replica")
    connection.execute("set synchronous_commit = off")
    connection.execute("set work_mem = '256MB'")
    connection.execute("set maintenance_work_mem = '512MB'")
    dropped = connection.execute(INDEXES).fetchall()
    for name, _ in dropped:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
    connection.execute(MASTER)
    lots = ("id", "lot_no", "item_id", "kind", "status", "quantity", "supplier_id", "supplier_lot_no", "created_at")
    _copy(connection, "lot", lots, _lots(truth))
    links = ("id", "parent_lot_id", "child_lot_id", "kind", "quantity", "at", "supersedes_id", "superseded_at")
    _copy(connection, "genealogy_edge", links, _links(truth))
    shipments = ("id", "shipment_no", "customer_id", "status", "shipped_at", "arrived_at")
    _copy(connection, "shipment", shipments, _shipments(truth))
    _copy(connection, "shipment_line", ("id", "shipment_id", "lot_id", "quantity"), _lines(truth))
    began = time.perf_counter()
    for _, definition in dropped:
        connection.execute(definition.encode())
    _said("indexes", len(dropped), began)
    for what, statement in DERIVED.items():
        began = time.perf_counter()
        rows = connection.execute(statement.encode()).rowcount
        _said(what, rows, began)
    connection.execute("reset all")
    began = time.perf_counter()
    connection.execute("vacuum (analyze)")
    _said("vacuum", 0, began)


def _said(what: str, rows: int, began: float) -> None:
    print(f"  {what}: {rows} in {time.perf_counter() - began:.1f} s", file=sys.stderr)


def _copy(connection: Connection[Any], table: str, columns: Iterable[str], rows: Iterator[str]) -> None:
    began = time.perf_counter()
    into = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor:
        with cursor.copy(into) as copy:
            while some := "".join(islice(rows, 5000)):
                copy.write(some)
        _said(table, cursor.rowcount, began)


def _moment(lot: int) -> str:
    """A minute for each lot, in the order they were made."""
    days, minutes = divmod(lot // 4, 1440)
    return f"{_day(days)} {minutes // 60:02}:{minutes % 60:02}:{lot % 4 * 15:02}+00"


@cache
def _day(number: int) -> str:
    return (date(2021, 1, 4) + timedelta(days=number)).isoformat()


def _lots(truth: Truth) -> Iterator[str]:
    used = [LEFT] * truth.lots
    for source in truth.parent:
        used[source] += 1
    for lot, quantity in zip(truth.line_lot, truth.line_quantity, strict=True):
        used[lot] += quantity
    number = {"raw": 1, "component": 2, "in_process": 3, "finished": 4}
    for lot in range(truth.lots):
        kind = truth.kind(lot)
        supplier, theirs = (1 + lot % SUPPLIERS, f"P{lot * 7}") if kind == "raw" else ("\\N", "\\N")
        yield (
            f"{lot + 1}\tB{lot:08}\t{number[kind]}\t{kind}\treleased\t{used[lot]}\t{supplier}\t{theirs}\t{_moment(lot)}\n"
        )


def _links(truth: Truth) -> Iterator[str]:
    """A wrong link comes first, the right one supersedes it."""
    key = 0
    wrong = {place: (parent, child) for place, parent, child in truth.wrong}
    for place, (parent, child) in enumerate(zip(truth.parent, truth.child, strict=True)):
        at, instead = _moment(child), "\\N"
        if place in wrong:
            key += 1
            yield f"{key}\t{wrong[place][0] + 1}\t{wrong[place][1] + 1}\tconsume\t1\t{at}\t\\N\t{at}\n"
            instead = str(key)
        key += 1
        yield f"{key}\t{parent + 1}\t{child + 1}\tconsume\t1\t{at}\t{instead}\t\\N\n"


def _shipments(truth: Truth) -> Iterator[str]:
    for number, customer in enumerate(truth.shipment_customer):
        at = _moment((number // CUSTOMERS + 1) * BLOCK)
        yield f"{number + 1}\tSH-{number:08}\t{customer + 1}\tarrived\t{at}\t{at}\n"


def _lines(truth: Truth) -> Iterator[str]:
    lines = zip(truth.line_shipment, truth.line_lot, truth.line_quantity, strict=True)
    for number, (shipment, lot, quantity) in enumerate(lines):
        yield f"{number + 1}\t{shipment + 1}\t{lot + 1}\t{quantity}\n"
