"""Reads the record after a fault: nothing twice, nothing lost, nothing half-written, and an audit trail that agrees."""

from collections import Counter
from typing import Any

from sqlalchemy import Engine, text

from models.migrations.rights import AUDITED, DELETABLE
from tests.faults.lives import End
from tests.support.servers.stack import wait_for

DELIVERED_WITHIN = 120
"""Seconds: a killed dispatcher's heartbeat and lease, the pauses between tries, on a machine that runs other tests too."""

# One row per batch; lists as the record has them, in the order they were written.
SEEN = text("""
select l.lot_no, l.status, r.status as life,
  (select coalesce(sum(quantity), 0) from stock s where s.lot_id = l.id)::int as stock,
  (select array_agg(stage order by id) from human_task t where (t.lot_id = l.id or t.run_id = any(tied.runs)) and t.status = 'done') as tasks,
  (select count(*) from human_task t where (t.lot_id = l.id or t.run_id = any(tied.runs)) and t.status <> 'done') as undone,
  (select array_agg(subject) from signature s where s.lot_id = l.id or s.run_id = any(tied.runs)) as signatures,
  (select count(distinct (run_id, person_id)) from signature s where s.lot_id = l.id or s.run_id = any(tied.runs)) as signers,
  (select array_agg(kind || ' ' || quantity::int order by id) from stock_movement m where m.lot_id = l.id) as movements,
  (select array_agg(fact order by id) from lot_fact f where f.lot_id = l.id) as facts,
  (select count(*) from genealogy_edge e where l.id in (e.parent_lot_id, e.child_lot_id)) as edges,
  (select count(*) from inspection i join inspection_result v on v.inspection_id = i.id where i.lot_id = l.id)
    as results,
  (select count(*) from hold h where h.lot_id = l.id) as holds,
  (select count(*) from operation_run o where o.lot_id = l.id) as operations,
  (select count(*) from process_run p where (p.lot_id = l.id or p.id = any(tied.runs)) and p.status = 'running') as running
from lot l join process_run r on r.workflow_id = 'lot/' || l.lot_no
  cross join lateral (select coalesce(array_agg(k.run_id), array[]::bigint[]) as runs from run_link k where k.subject_id = l.subject_id) tied
where l.lot_no = :lot
""")

# Each must find nothing.
WRONG = {
    "a balance is not the sum of its movements": """
        select coalesce(s.lot_id, m.lot_id) from stock s full join
          (select lot_id, place, sum(quantity) as quantity from
             (select lot_id, to_location_id as place, quantity from stock_movement
              union all select lot_id, from_location_id, -quantity from stock_movement) u
           where place is not null group by lot_id, place) m
          on m.lot_id = s.lot_id and m.place = s.location_id
        where coalesce(s.quantity, 0) <> coalesce(m.quantity, 0)""",
    "a signature without its attempt, or two from one": """
        select s.attempt_id from signature s left join signing_attempt a on a.id = s.attempt_id
        group by s.attempt_id having count(*) > 1 or bool_or(a.result is distinct from 'accepted')""",
    "a task done without a receipt": "select id from human_task where status = 'done' and receipt is null",
    "a fact that nobody was told": "select id from outbox where delivered_at is null",
    "an audit event whose leaf does not match": """
        select id from audit_event e where leaf <> sha256('\\x00'::bytea || convert_to(audit_canonical(e), 'UTF8'))""",
    "an audit event without an actor": "select id from audit_event where actor_id = '' or actor_name = '' or source = ''",
}
AUDIT = """
select '{table}' as table_name, t.id from {table} t
  left join lateral (select count(*) as made from audit_event e
    where e.table_name = '{table}' and e.row_id = t.id and e.operation = 'insert') i on true
  left join lateral (select e.after from audit_event e
    where e.table_name = '{table}' and e.row_id = t.id order by e.id desc limit 1) last on true
where i.made <> 1 or last.after is distinct from audit_image(to_jsonb(t))"""
"""Rows that were not inserted once by the trail's account, or don't look as its last event says."""
GHOSTS = """
select '{table}' as table_name, e.row_id from audit_event e
where e.table_name = '{table}' and not exists (select from {table} t where t.id = e.row_id)"""
"""Events of rows that aren't there: the trail tells of something that was rolled back."""


def seen(engine: Engine, lot_no: str) -> dict[str, Any]:
    """One batch as the record has it."""
    with engine.connect() as connection:
        return dict(connection.execute(SEEN, {"lot": lot_no}).mappings().one())


def expected(end: End) -> dict[str, Any]:
    """The same, as its life should have left it."""
    return {
        "lot_no": end.lot_no,
        "status": end.status,
        "life": end.life,
        "stock": end.stock,
        "tasks": end.tasks,
        "undone": 0,
        "signatures": Counter(end.signatures),
        "signers": sum(end.signatures.values()),
        "movements": end.movements,
        "facts": sorted(end.facts),
        "edges": end.edges,
        "results": end.results,
        "holds": end.holds,
        "operations": end.operations,
        "running": int(end.life == "running"),
    }


def check_all(engine: Engine, ends: list[End]) -> None:
    """Every batch, and the record as a whole."""
    wait_for(lambda: undelivered(engine) == 0, DELIVERED_WITHIN, what="delivery of all facts", pause=0.5)
    for end in ends:
        check_batch(engine, end)
    check_whole(engine)


def check_batch(engine: Engine, end: End) -> None:
    """The batch is at its right end, and everything on the way there happened once."""
    found = seen(engine, end.lot_no)
    found["signatures"], found["facts"] = Counter(found["signatures"]), sorted(found["facts"])
    assert found == expected(end), f"{found}\n{expected(end)}"


def applied(engine: Engine) -> set[str]:
    """The keys of the acts that took effect; a moment that is told of too early, again or too late leaves a receipt of nothing."""
    query = "select activity_key from applied where not receipt -> 'data' @> any(array['{\"raised\": false}', '{\"done\": false}']::jsonb[])"
    with engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def check_applied(keys: set[str], acts: int) -> None:
    """So many acts of people took effect, each once; says which did, else."""
    assert len(keys) == acts, "\n".join(sorted(keys))


def undelivered(engine: Engine) -> int:
    """How many facts wait in the outbox."""
    with engine.connect() as connection:
        return int(connection.execute(text("select count(*) from outbox where delivered_at is null")).scalar_one())


def check_whole(engine: Engine) -> None:
    """The record as a whole is consistent, and the audit trail tells exactly what is in it."""
    wrong = dict(WRONG)
    for table in AUDITED:
        wrong[f"{table} and its audit trail differ"] = AUDIT.format(table=table)
        if table not in DELETABLE:
            wrong[f"the audit trail knows rows that {table} has not"] = GHOSTS.format(table=table)
    with engine.connect() as connection:
        found = {what: connection.exec_driver_sql(query).fetchall()[:5] for what, query in wrong.items()}
    wrong_rows = {what: rows for what, rows in found.items() if rows}
    assert not wrong_rows, wrong_rows
